"""What waits follows the rules of its day; a moment that a person chose stays, and moves only with its day."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from tests import cast
from tests.postgres import both_databases
from vidmsg import clock
from vidmsg.accounts import hearing
from vidmsg.accounts.models import Organisation, User
from vidmsg.calendar import moving, planning
from vidmsg.database import reading, writing
from vidmsg.messages import compose
from vidmsg.messages.models import Message
from vidmsg.milestones import keeping, marking
from vidmsg.milestones.keeping import Details
from vidmsg.milestones.models import Milestone, Occurrence
from vidmsg.milestones.rules import OURS
from vidmsg.people import keeping as people_keeping
from vidmsg.people.models import Person
from vidmsg.tokens import new_token

pytestmark = [both_databases, pytest.mark.usefixtures("now")]
DAY = dt.date(2026, 12, 1)
NEW_YORK = "America/New_York"


def utc(hour: int, minute: int = 0, day: int = 1) -> dt.datetime:
    return dt.datetime(2026, 12, day, hour, minute, tzinfo=dt.UTC)


BY_RULE, BY_HAND = utc(17, 10), utc(19, 30)  # 9:10 and 11:30 in Los Angeles


@pytest.fixture
def now(monkeypatch: pytest.MonkeyPatch) -> None:
    moment = dt.datetime(2026, 11, 20, 20, tzinfo=dt.UTC)
    monkeypatch.setattr(clock, "now", lambda: moment)


@pytest.fixture
def people(app: Flask) -> cast.Cast:
    with app.app_context(), writing() as session:
        return cast.put_in(session)


@pytest.fixture
def birthday(app: Flask, people: cast.Cast) -> int:
    """Maria's, planned for the first of December."""
    with app.app_context():
        with writing() as session:
            maria = session.get_one(Person, people.maria.id)
            made = keeping.add(session, maria, Details("birthday", month=12, day=1), None).id
        planning.run()
    return made


@pytest.fixture
def write(app: Flask, people: cast.Cast, birthday: int) -> Callable[..., str]:
    """A message for that day, planned without its video where `no_video` says so."""

    def _write(due_at: dt.datetime = BY_RULE, no_video: str | None = None) -> str:
        with app.app_context(), writing() as session:
            occurrence = session.scalars(sa.select(Occurrence)).one()
            plan = compose.Plan(send_on=occurrence.planned_on, occurrence_id=occurrence.id, no_video=no_video)
            made = compose.compose(
                session, sender=session.get_one(User, people.bob.id), person=session.get_one(Person, people.maria.id),
                video=None, body="Harbor Spa says hello. Reply STOP to opt out.", words="", request_key=new_token(),
                due_at=due_at, plan=plan,
            )  # fmt: skip
            return made.id

    return _write


@pytest.fixture
def rule(app: Flask, people: cast.Cast) -> Callable[..., None]:
    """The organisation's rules, changed and followed."""

    def _rule(**values: Any) -> None:
        with app.app_context():
            with writing() as session:
                home = session.get_one(Organisation, people.organisation.id)
                for name, value in values.items():
                    setattr(home, name, value)
            if "time_zone" in values:
                hearing.changed(people.organisation.id, values)
            else:
                marking.rules_changed(people.organisation.id)
            planning.run()

    return _rule


@pytest.fixture
def due(app: Flask) -> Callable[[str], dt.datetime | None]:
    def _due(message_id: str) -> dt.datetime | None:
        with app.app_context(), reading() as session:
            return session.get_one(Message, message_id).due_at

    return _due


def override(app: Flask, birthday: int, **values: Any) -> None:
    with app.app_context():
        with writing() as session:
            keeping.change(
                session,
                session.get_one(Milestone, birthday),
                Details("birthday", **{"month": 12, "day": 1} | values),
                None,
            )
        planning.run()


def test_another_time_for_all_days_moves_what_waits(write: Any, rule: Any, due: Any) -> None:
    waiting = write()
    rule(send_at=dt.time(15, 0))
    assert due(waiting) == utc(23)


def test_one_that_is_planned_without_its_video_is_looked_at_then_too(
    app: Flask, write: Any, rule: Any, due: Any
) -> None:
    waiting = write(no_video="ask")
    rule(send_at=dt.time(15, 0))
    with app.app_context(), reading() as session:
        assert session.get_one(Message, waiting).look_at == due(waiting) == utc(23)


def test_a_time_of_its_own_moves_what_waits_for_this_day(
    app: Flask, birthday: int, write: Any, rule: Any, due: Any
) -> None:
    waiting = write()
    override(app, birthday, send_at=dt.time(10, 45))
    assert due(waiting) == utc(18, 45)
    rule(send_at=dt.time(15, 0))
    assert due(waiting) == utc(18, 45)
    override(app, birthday)
    assert due(waiting) == utc(23)


def test_our_clock_instead_of_hers_and_back(app: Flask, people: cast.Cast, write: Any, rule: Any, due: Any) -> None:
    with app.app_context(), writing() as session:
        session.get_one(Organisation, people.organisation.id).time_zone = NEW_YORK
    waiting = write()
    rule(send_zone=OURS, send_at=dt.time(14, 0))
    assert due(waiting) == utc(19)  # 14:00 in New York, 11:00 where she is
    rule(send_zone="theirs", send_at=dt.time(14, 0))
    assert due(waiting) == utc(22)


def test_a_moment_by_our_clock_that_is_her_night_waits_for_her_morning(
    app: Flask, people: cast.Cast, write: Any, rule: Any, due: Any
) -> None:
    with app.app_context(), writing() as session:
        session.get_one(Organisation, people.organisation.id).time_zone = NEW_YORK
    waiting = write()
    rule(send_zone=OURS)  # 9:10 there is 6:10 where she is
    assert due(waiting) == utc(17)
    rule(send_at=dt.time(13, 0))
    assert due(waiting) == utc(18)


def test_by_a_clock_far_away_the_day_may_be_the_one_before_hers(
    app: Flask, people: cast.Cast, write: Any, rule: Any, due: Any
) -> None:
    with app.app_context(), writing() as session:
        session.get_one(Organisation, people.organisation.id).time_zone = "Asia/Tokyo"
    waiting = write()
    rule(send_zone=OURS)
    assert due(waiting) == dt.datetime(2026, 12, 1, 0, 10, tzinfo=dt.UTC)  # 16:10 the day before, where she is
    with app.app_context(), reading() as session:
        assert session.get_one(Message, waiting).send_on == dt.date(2026, 11, 30)
    rule(send_zone="theirs")
    assert due(waiting) == BY_RULE


def test_our_clock_moves_with_us(write: Any, rule: Any, due: Any) -> None:
    rule(send_zone=OURS, send_at=dt.time(14, 0))
    waiting = write(utc(22))
    rule(time_zone=NEW_YORK)
    assert due(waiting) == utc(19)


def test_by_our_clock_a_person_who_moved_is_texted_at_the_same_moment(
    app: Flask, people: cast.Cast, write: Any, rule: Any, due: Any
) -> None:
    rule(send_zone=OURS)
    waiting = write()
    with app.app_context(), writing() as session:
        maria = session.get_one(Person, people.maria.id)
        people_keeping.change(
            session, maria, people_keeping.Details("Maria", "Alvarez", maria.phone, NEW_YORK), people.bob.id
        )
    with app.app_context():
        planning.run()
    assert due(waiting) == BY_RULE


def test_a_moment_that_a_person_chose_stays_when_the_rules_change(
    app: Flask, birthday: int, write: Any, rule: Any, due: Any
) -> None:
    waiting = write(BY_HAND)
    rule(send_at=dt.time(15, 0), send_zone=OURS)
    assert due(waiting) == BY_HAND
    override(app, birthday, send_at=dt.time(10, 45))
    assert due(waiting) == BY_HAND


def test_a_chosen_moment_keeps_its_time_when_its_day_moves(app: Flask, birthday: int, write: Any, due: Any) -> None:
    waiting = write(BY_HAND)
    override(app, birthday, day=3, send_at=dt.time(10, 45))
    assert due(waiting) == BY_HAND + dt.timedelta(days=2)


def test_what_was_planned_for_the_eve_stays_on_the_eve(app: Flask, birthday: int, write: Any, due: Any) -> None:
    waiting = write()
    eve = {"due_at": utc(19, 30) - dt.timedelta(days=1), "send_on": dt.date(2026, 11, 30)}
    with app.app_context(), writing() as session:
        session.execute(sa.update(Message).values(**eve))
    override(app, birthday, day=3)
    assert due(waiting) == utc(19, 30, day=2)


def test_a_day_that_a_person_moved_follows_the_time_and_stays_where_it_is(
    app: Flask, people: cast.Cast, write: Any, rule: Any, due: Any
) -> None:
    waiting = write()
    with app.app_context(), writing() as session:
        row = session.scalars(sa.select(Occurrence)).one()
        moving.move(session, row, dt.date(2026, 12, 4), DAY, people.bob.id)
    assert due(waiting) == utc(17, 10, day=4)
    rule(send_at=dt.time(15, 0))
    assert due(waiting) == utc(23, day=4)


@pytest.mark.parametrize("state", ["claimed", "submitting", "unknown", "sent"])
def test_what_is_on_its_way_follows_nothing(app: Flask, write: Any, rule: Any, due: Any, state: str) -> None:
    waiting = write()
    with app.app_context(), writing() as session:
        session.execute(sa.update(Message).values(state=state))
    rule(send_at=dt.time(15, 0))
    assert due(waiting) == BY_RULE


def test_the_pages_of_the_rules_and_of_the_day_move_what_waits(
    app: Flask, people: cast.Cast, birthday: int, write: Any, due: Any, sign_in: Callable[[Any], FlaskClient]
) -> None:
    waiting, alice = write(), sign_in(people.alice)
    rules = {
        "leap": "feb28",
        "weekend": "on",
        "holidays": "",
        "lead_days": "3",
        "send_zone": "theirs",
        "no_video": "ask",
    }
    assert alice.post("/settings/dates", data=rules | {"send_at": "15:00"}).status_code == 302
    with app.app_context():
        planning.run()
    assert due(waiting) == utc(23)
    day = {"month": "12", "day": "1", "send_at": "10:45"}
    assert alice.post(f"/people/{people.maria.id}/dates/{birthday}", data=day).status_code == 302
    with app.app_context():
        planning.run()
    assert due(waiting) == utc(18, 45)


def test_the_page_of_the_organisation_moves_what_leaves_by_its_clock(
    app: Flask, people: cast.Cast, write: Any, rule: Any, due: Any, sign_in: Callable[[Any], FlaskClient]
) -> None:
    rule(send_zone=OURS, send_at=dt.time(14, 0))
    waiting = write(utc(22))
    told = {"organisation": "Harbor Spa", "phone": "+1 206 555 0100", "time_zone": NEW_YORK, "country": "US"}
    answer = sign_in(people.alice).post("/settings", data=told | {"accent": people.organisation.accent})
    assert answer.status_code == 302
    with app.app_context():
        planning.run()
    assert due(waiting) == utc(19)
