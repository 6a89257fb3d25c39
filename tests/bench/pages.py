"""The calendar's month and Today in a house of a hundred thousand people and twice as many dates: how long the server
takes for a page, and how many queries, beside a house of a tenth. In this process, without a network."""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from tests.bench import crowd, houses
from tests.bench.report import Row, median, percentile
from tests.cast import Cast
from vidmsg import clock
from vidmsg.accounts.models import User
from vidmsg.calendar import planning
from vidmsg.database import db, writing
from vidmsg.people.models import Person

MANY, FEW, REPS = 100_000, 10_000, 25
TURNS = 20
WHO = ("a manager", "a rep")
PAGES = {"calendar month": "/calendar", "calendar in a year": "/calendar?month={year}-{month:02d}", "Today": "/"}


def run(_folder: Path, work: Path) -> list[Row]:
    """On both databases."""
    rows = []
    for kind in houses.KINDS:
        with ExitStack() as stack:
            asked = {}
            for size in (FEW, MANY):
                app = stack.enter_context(houses.at_home(houses.installation(kind, work / f"pages-{kind}-{size}")))
                with app.app_context():
                    everybody = _fill(size)
                for who, user in zip(WHO, (everybody.alice, _first_rep(app)), strict=True):
                    for page, path in PAGES.items():
                        asked[who, page, size] = _asked(app, _signed_in(app, user), path)
        rows += _rows(kind, asked)
    return rows


def _rows(kind: str, asked: dict[Any, tuple[list[float], int]]) -> list[Row]:
    rows, grown = [], 0
    for who in WHO:
        for page in PAGES:
            times, queries = asked[who, page, MANY]
            _, of_few = asked[who, page, FEW]
            grown = max(grown, queries - of_few)
            note = f"middle {median(times):.0f} ms; {queries} queries, with {FEW} people {of_few}"
            rows.append(Row(f"{page}, {kind}, {who}, p95", percentile(times, 0.95), "ms", 100, note))
    return [*rows, Row(f"queries a page more than with {FEW} people, {kind}", grown, "", 0)]


def _fill(people: int) -> Cast:
    """People with a birthday and a start as a customer each, all over the year, planned, and with a text each."""
    today = clock.now().date()
    with writing() as session:
        everybody = crowd.put_in(session, people, REPS)
        birthday = {"month": 1 + Person.id % 12, "day": 1 + Person.id // 12 % 28}
        since = {"month": 1 + (Person.id + 5) % 12, "day": 1 + (Person.id // 12 + 11) % 28}
        for kind, on in (("birthday", birthday), ("customer_since", since)):
            crowd.dates(session, kind, **on, next_on=today)
        crowd.texts(session, everybody, "before", people, clock.now() + dt.timedelta(days=9))
    planning.run()
    houses.settle()
    return everybody


def _first_rep(app: Flask) -> User:
    with app.app_context():
        return db.session.scalars(sa.select(User).where(User.name == "Rep0 Baker")).one()


def _signed_in(app: Flask, user: User) -> FlaskClient:
    client = app.test_client()
    with client.session_transaction() as session:
        session["_user_id"] = session["identity.id"] = user.fs_uniquifier
        session["_fresh"], session["fs_cc"] = True, "set"
    return client


def _asked(app: Flask, client: FlaskClient, path: str) -> tuple[list[float], int]:
    """Milliseconds of each turn, and the queries of one."""
    today = clock.now().date()
    address = path.format(year=today.year + 1, month=today.month)
    times = []
    client.get(address)  # the first of a process compiles its template
    for _ in range(TURNS):
        started = time.perf_counter()
        status = client.get(address).status_code
        times.append((time.perf_counter() - started) * 1000)
        assert status == 200, f"{address} answered {status}"
    with app.app_context():
        engine = db.engine
    with _counted(engine) as seen:  # outside of any context: requests in one share who is signed in
        client.get(address)
    return times, len(seen)


@contextmanager
def _counted(engine: sa.Engine) -> Iterator[list[str]]:
    """Every statement that is run meanwhile, apart from SQLite's own settings."""
    seen: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        if statement.startswith(("SELECT", "WITH")):
            seen.append(statement)

    sa.event.listen(engine, "before_cursor_execute", note)
    yield seen
    sa.event.remove(engine, "before_cursor_execute", note)
