"""The night's planning: a hundred thousand dates that all fall into the next sixty days, planned by the clock's own
function in this process; then once more."""

from __future__ import annotations

import datetime as dt
import time
from pathlib import Path

import sqlalchemy as sa

from tests.bench import crowd, houses
from tests.bench.report import Row
from vidmsg import clock
from vidmsg.calendar import planning
from vidmsg.database import reading, writing
from vidmsg.milestones.models import Occurrence
from vidmsg.people.models import Person

PEOPLE, REPS = 50_000, 25
DATES = 2 * PEOPLE


def run(_folder: Path, work: Path) -> list[Row]:
    """On both databases."""
    rows = []
    for kind in houses.KINDS:
        with houses.at_home(houses.installation(kind, work / f"night-{kind}")) as app, app.app_context():
            _fill()
            first, second = _timed(), _timed()
            with reading() as session:
                planned = session.execute(sa.select(sa.func.count()).select_from(Occurrence)).scalar_one()
        rows += [
            Row(f"planning night, {kind}, {DATES} dates", first, "s", 30, f"{planned} days planned"),
            Row(f"planning night, {kind}, once more", second, "s", 5),
        ]
    return rows


def _fill() -> None:
    """A birthday and a start as a customer each, all in the month that comes."""
    today = clock.now().date()
    month = sa.literal((today.replace(day=1) + dt.timedelta(days=32)).month)
    with writing() as session:
        crowd.put_in(session, PEOPLE, REPS)
        for kind in ("birthday", "customer_since"):
            crowd.dates(session, kind, month=month, day=1 + Person.id % 28, next_on=today)
    houses.settle()


def _timed() -> float:
    started = time.perf_counter()
    planning.run()
    return time.perf_counter() - started
