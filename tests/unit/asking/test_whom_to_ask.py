"""Who is asked, and who is not any more: walls that moved, days that are over or let be; in as many queries for many
reps as for one; and one that fails keeps nobody else from being asked."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from tests import cast
from tests.plans import no_table_is_read_whole
from tests.postgres import both_databases
from tests.unit.asking.conftest import World, agree, seattle
from tests.unit.calendar import asking as make
from vidmsg import clock
from vidmsg.accounts.models import User
from vidmsg.asking import asking, unasked
from vidmsg.asking.models import RecordLink
from vidmsg.database import db, reading, writing
from vidmsg.milestones.models import Occurrence
from vidmsg.people.models import Person
from vidmsg.videos import closing
from vidmsg.videos.models import CLOSED, Upload

pytestmark = both_databases


@contextmanager
def counted() -> Iterator[list[str]]:
    """The questions that the database is asked meanwhile."""
    seen: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        if statement.startswith(("SELECT", "WITH")):
            seen.append(statement)

    sa.event.listen(db.engine, "before_cursor_execute", note)
    yield seen
    sa.event.remove(db.engine, "before_cursor_execute", note)


def another(world: World, name: str, away: int = 2, owner: str = "bob") -> int:
    """Somebody else's day, so many days from now, in the hands of that rep; its number."""
    with writing() as session:
        rep = session.get_one(User, getattr(world.people, owner).id)
        person = cast.customer(session, rep, name, "", f"+1206555{1000 + len(name) * 7:04d}")
        today = clock.local(clock.now(), "America/Los_Angeles").date()
        return make.day(session, person, rep, away, today=today).id


def colleague(world: World, number: int) -> None:
    """One more rep of Bob's team who is texted, with a day of hers."""
    with writing() as session:
        team = session.get_one(User, world.people.bob.id).team
        assert team is not None
        rep = cast.user(session, team, f"Rep{number} Baker")
        person = cast.customer(session, rep, f"Guest{number}", "", f"+1206555{2000 + number:04d}")
        make.day(session, person, rep, 2, today=dt.date(2026, 3, 4))
    agree(rep.id, f"+1206555{3000 + number:04d}")


def test_many_reps_cost_no_more_queries_than_one(world: World) -> None:
    def looked() -> tuple[int, int]:
        with reading() as session, counted() as seen:
            reps = unasked.ready(session)
            due = unasked.days(session, reps)
            unasked.unfinished(session, reps)
        return len(due), len(seen)

    one, few = looked()
    for number in range(6):
        colleague(world, number)
    assert (one, looked()) == (1, (7, few))


def test_a_day_beyond_walls_that_moved_is_not_asked_about_and_its_link_opens_nothing(
    world: World, client: FlaskClient
) -> None:
    world.run()
    token = world.token()
    assert client.get(f"/r/{token}").status_code == 200
    world.change(User, world.people.bob.id, team_id=world.people.other_team.id)
    assert client.get(f"/r/{token}").status_code == 404
    world.time.at(seattle(5, 9, 1))
    assert world.run() == 0
    world.answer("LATER")
    assert world.day().snoozed_until is None


def test_a_manager_is_asked_across_the_teams_until_she_is_none_any_more(world: World) -> None:
    agree(world.people.alice.id, "+12065550178")
    number = another(world, "Tom", owner="charlie")
    world.change(Occurrence, number, assignee_id=world.people.alice.id)
    assert world.run() == 2
    with writing() as session:
        session.get_one(User, world.people.alice.id).roles = []
    world.time.at(seattle(5, 9, 1))
    world.run()
    assert len(world.texts("+12065550178")) == 1
    assert len(world.texts()) == 2


@pytest.mark.parametrize("why", ["over", "let be", "passed on", "moved into the past"])
def test_nobody_is_told_of_a_take_whose_day_is_not_hers_to_do_any_more(world: World, why: str) -> None:
    world.run()
    world.take(offset=4000)
    values: dict[str, dict[str, Any]] = {
        "over": {"planned_on": dt.date(2026, 3, 3)},
        "let be": {"skipped_at": clock.now()},
        "passed on": {"assignee_id": world.people.alice.id},
        "moved into the past": {"planned_on": dt.date(2026, 1, 3), "moved": True},
    }
    world.change(Occurrence, world.day().id, **values[why])
    world.time.forward(minutes=11)
    assert world.run() == 0
    assert len(world.texts()) == 1


def test_a_take_that_stopped_at_night_is_told_of_once_in_her_hours_while_the_day_is_to_come(
    world: World, app: Flask
) -> None:
    world.run()
    world.time.at(seattle(4, 20, 30))
    upload = world.take(offset=4000)
    world.time.at(seattle(4, 21, 15))
    closing.tick(app.extensions["storage"])
    with reading() as session:
        assert session.get_one(Upload, upload.id).state == CLOSED
    assert world.run() == 0
    world.time.at(seattle(5, 9, 1))
    world.run()
    world.run()
    assert len([text for text in world.texts() if "is still on your phone" in text]) == 1


def test_takes_that_stopped_are_found_by_indexes_however_many_are_done(world: World) -> None:
    world.run()
    world.take(offset=4000)
    world.time.forward(minutes=11)
    with reading() as session:
        reps = unasked.ready(session)
        with no_table_is_read_whole() as asked:
            assert len(unasked.unfinished(session, reps)) == 1
    assert any("upload.moved_at" in text for text, _ in asked)


def test_one_that_fails_keeps_nobody_else_from_being_asked(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    another(world, "Tom")
    real, first = asking._text, world.day().id

    def fails(session: Any, user: Any, occurrence: Any, on: dt.date) -> bool:
        if occurrence.id == first:
            raise RuntimeError("a row that cannot be")
        return real(session, user, occurrence, on)

    monkeypatch.setattr(asking, "_text", fails)
    with pytest.raises(RuntimeError, match="a row that cannot be"):
        asking.run()
    assert [message.body for message in world.messages() if "Tom" in message.body]


def test_rows_that_are_gone_between_look_and_text_are_no_failure(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    def found(*_given: Any) -> list[Any]:
        return [(world.people.bob.id, 99_999), (99_999, world.day().id)]

    monkeypatch.setattr(unasked, "days", found)
    monkeypatch.setattr(unasked, "unfinished", lambda *_given: [99_999])
    assert asking.run() == 0


def test_whoever_is_left_in_peace_is_no_reason_to_ask(world: World) -> None:
    world.change(Person, world.people.maria.id, hold_until=clock.now() + dt.timedelta(days=9))
    assert world.run() == 0
    with reading() as session:
        assert session.scalars(sa.select(RecordLink)).all() == []
