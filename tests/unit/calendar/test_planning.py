"""Planning makes rows of the next sixty days of every date: once a cycle, again after an edit, never what has left."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from tests import cast
from tests.postgres import both_databases
from vidmsg import clock
from vidmsg.accounts.models import Organisation, User
from vidmsg.calendar import planning
from vidmsg.database import reading, writing
from vidmsg.messages.models import Message
from vidmsg.milestones import keeping
from vidmsg.milestones.keeping import Details
from vidmsg.milestones.models import Milestone, Occurrence
from vidmsg.people import keeping as people_keeping
from vidmsg.people.models import Person
from vidmsg.tokens import new_token

pytestmark = both_databases
LA = "America/Los_Angeles"


@pytest.fixture
def people(app: Flask) -> cast.Cast:
    with app.app_context(), writing() as session:
        return cast.put_in(session)


@pytest.fixture
def at(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """Set the clock: `at("2026-11-20 12:00")` in UTC."""

    def _at(moment: str) -> None:
        now = dt.datetime.fromisoformat(moment).replace(tzinfo=dt.UTC)
        monkeypatch.setattr(clock, "now", lambda: now)

    _at("2026-11-20 20:00")
    return _at


def date_of(app: Flask, people: cast.Cast, details: Details) -> int:
    with app.app_context(), writing() as session:
        return keeping.add(session, session.get_one(Person, people.maria.id), details, None).id


def change(app: Flask, milestone_id: int, details: Details) -> None:
    with app.app_context(), writing() as session:
        keeping.change(session, session.get_one(Milestone, milestone_id), details, None)


def plan(app: Flask) -> int:
    with app.app_context():
        done = planning.run()
        assert not planning.is_due()
        return done


def planned(app: Flask) -> list[tuple[str, str]]:
    with app.app_context(), reading() as session:
        query = sa.select(Occurrence).where(Occurrence.skipped_at.is_(None)).order_by(Occurrence.planned_on)
        return [(row.cycle, row.planned_on.isoformat()) for row in session.scalars(query)]


def write(app: Flask, people: cast.Cast, state: str, **values: Any) -> str:
    """A message to Maria for her only planned day."""
    with app.app_context(), writing() as session:
        occurrence = session.scalars(sa.select(Occurrence)).one()
        now = clock.now()
        message = Message(
            id=new_token(), organisation_id=people.organisation.id, team_id=people.team.id,
            occurrence_id=occurrence.id, person_id=people.maria.id, sender_id=people.bob.id, request_key=new_token(),
            phone=people.maria.phone, body="Hi", state=state, created_at=now, changed_at=now,
            send_on=occurrence.planned_on, **values,
        )  # fmt: skip
        session.add(message)
        return message.id


def message(app: Flask, message_id: str) -> Message:
    with app.app_context(), reading() as session:
        return session.get_one(Message, message_id)


@pytest.mark.usefixtures("at")
def test_the_days_within_the_horizon_become_rows_of_the_persons_owner(app: Flask, people: cast.Cast) -> None:
    date_of(app, people, Details("birthday", month=12, day=1, year=1986))
    date_of(app, people, Details("customer_since", month=6, day=1))
    assert plan(app) == 2
    assert planned(app) == [("2026", "2026-12-01")]
    with app.app_context(), reading() as session:
        row = session.scalars(sa.select(Occurrence)).one()
        assert (row.assignee_id, row.team_id, row.count, row.kind) == (people.bob.id, people.team.id, 40, "birthday")
        nexts = session.scalars(sa.select(Milestone.next_on).order_by(Milestone.id)).all()
        assert nexts == [dt.date(2027, 12, 1), dt.date(2027, 6, 1)]


def test_a_second_run_finds_nothing_and_next_year_comes_in_time(
    app: Flask, people: cast.Cast, at: Callable[[str], None]
) -> None:
    date_of(app, people, Details("birthday", month=12, day=1))
    assert (plan(app), plan(app)) == (1, 0)
    at("2027-09-01 12:00")
    assert plan(app) == 0
    at("2027-10-02 12:00")
    assert plan(app) == 1
    assert planned(app) == [("2026", "2026-12-01"), ("2027", "2027-12-01")]


def test_the_night_begins_by_the_organisations_clock(app: Flask, people: cast.Cast, at: Callable[[str], None]) -> None:
    date_of(app, people, Details("birthday", month=1, day=20))
    at("2026-11-21 07:59")  # a minute to midnight in Los Angeles
    plan(app)
    assert planned(app) == []
    at("2026-11-21 08:00")
    plan(app)
    assert planned(app) == [("2027", "2027-01-20")]


@pytest.mark.usefixtures("at")
def test_planning_a_cycle_that_is_there_already_adds_nothing(app: Flask, people: cast.Cast) -> None:
    made = date_of(app, people, Details("check_in", on_date=dt.date(2026, 11, 20), step=3, unit="weeks"))
    plan(app)
    first = planned(app)
    assert [day for _, day in first] == ["2026-11-20", "2026-12-11", "2027-01-01"]
    with app.app_context(), writing() as session:
        session.execute(sa.update(Milestone).where(Milestone.id == made).values(next_on=dt.date(2026, 11, 20)))
    assert plan(app) == 1
    assert planned(app) == first


@pytest.mark.usefixtures("at")
def test_a_corrected_date_moves_its_day_and_the_message_that_waits(app: Flask, people: cast.Cast) -> None:
    made = date_of(app, people, Details("birthday", month=12, day=1))
    plan(app)
    due = dt.datetime(2026, 12, 1, 18, 30, tzinfo=dt.UTC)  # half past ten in Los Angeles
    waiting = write(app, people, "scheduled", due_at=due)
    change(app, made, Details("birthday", month=12, day=4))
    plan(app)
    assert planned(app) == [("2026", "2026-12-04")]
    moved = message(app, waiting)
    assert (moved.send_on, moved.due_at) == (dt.date(2026, 12, 4), due + dt.timedelta(days=3))


@pytest.mark.parametrize("state", ["claimed", "submitting", "sent", "delivered", "unknown", "failed"])
@pytest.mark.usefixtures("at")
def test_a_day_whose_message_has_left_is_never_touched_nor_planned_again(
    app: Flask, people: cast.Cast, state: str
) -> None:
    made = date_of(app, people, Details("birthday", month=12, day=1))
    plan(app)
    write(app, people, state)
    change(app, made, Details("birthday", month=12, day=4))
    plan(app)
    assert planned(app) == [("2026", "2026-12-01")]
    with app.app_context(), writing() as session:
        keeping.remove(session, session.get_one(Milestone, made), None)
    plan(app)
    assert planned(app) == [("2026", "2026-12-01")]


@pytest.mark.usefixtures("at")
def test_a_day_that_a_person_moved_stays_there_when_rules_change(app: Flask, people: cast.Cast) -> None:
    made = date_of(app, people, Details("birthday", month=12, day=5))  # a Saturday
    plan(app)
    change(app, made, Details("birthday", month=12, day=5, weekend="before"))
    plan(app)
    assert planned(app) == [("2026", "2026-12-04")]
    with app.app_context(), writing() as session:
        session.execute(sa.update(Occurrence).values(planned_on=dt.date(2026, 12, 9), moved=True))
    change(app, made, Details("birthday", month=12, day=5, weekend="after"))
    plan(app)
    assert planned(app) == [("2026", "2026-12-09")]


@pytest.mark.usefixtures("at")
def test_a_removed_date_takes_its_open_days_and_waiting_messages_along(app: Flask, people: cast.Cast) -> None:
    free = date_of(app, people, Details("customer_since", month=12, day=2))
    plan(app)
    with app.app_context(), writing() as session:
        keeping.remove(session, session.get_one(Milestone, free), None)
    plan(app)
    assert planned(app) == []
    made = date_of(app, people, Details("birthday", month=12, day=1))
    plan(app)
    waiting = write(app, people, "planned", due_at=clock.now(), look_at=clock.now())
    with app.app_context(), writing() as session:
        keeping.remove(session, session.get_one(Milestone, made), None)
    plan(app)
    assert planned(app) == []
    assert message(app, waiting).state == "canceled"


@pytest.mark.usefixtures("at")
def test_a_day_that_a_wrong_year_took_away_is_there_again_once_that_is_corrected(app: Flask, people: cast.Cast) -> None:
    made = date_of(app, people, Details("customer_since", month=12, day=1))
    plan(app)
    waiting = write(app, people, "planned", due_at=clock.now(), look_at=clock.now())
    change(app, made, Details("customer_since", month=12, day=1, year=2026))  # then the first one is in 2027
    plan(app)
    assert (planned(app), message(app, waiting).state) == ([], "canceled")
    change(app, made, Details("customer_since", month=12, day=2, year=2020))
    plan(app)
    assert planned(app) == [("2026", "2026-12-02")]


@pytest.mark.usefixtures("at")
def test_a_check_in_with_another_step_drops_the_old_series(app: Flask, people: cast.Cast) -> None:
    made = date_of(app, people, Details("check_in", on_date=dt.date(2026, 11, 30), step=2, unit="weeks"))
    plan(app)
    change(app, made, Details("check_in", on_date=dt.date(2026, 11, 30), step=1, unit="months"))
    plan(app)
    assert planned(app) == [("2-0", "2026-11-30"), ("2-1", "2026-12-30")]


@pytest.mark.usefixtures("at")
def test_a_person_who_moved_is_texted_at_the_same_time_of_her_new_clock(app: Flask, people: cast.Cast) -> None:
    date_of(app, people, Details("birthday", month=12, day=1))
    plan(app)
    waiting = write(app, people, "scheduled", due_at=dt.datetime(2026, 12, 1, 17, 10, tzinfo=dt.UTC))
    with app.app_context(), writing() as session:
        maria = session.get_one(Person, people.maria.id)
        details = people_keeping.Details("Maria", "Alvarez", maria.phone, "America/New_York")
        people_keeping.change(session, maria, details, None)
    plan(app)
    assert message(app, waiting).due_at == dt.datetime(2026, 12, 1, 14, 10, tzinfo=dt.UTC)


def test_days_that_an_outage_swallowed_are_planned_so_that_a_rep_is_asked(
    app: Flask, people: cast.Cast, at: Callable[[str], None]
) -> None:
    date_of(app, people, Details("once", title="Graduation", on_date=dt.date(2027, 5, 1)))
    plan(app)
    at("2027-05-09 12:00")
    plan(app)
    assert planned(app) == [("once", "2027-05-01")]


@pytest.mark.usefixtures("at")
def test_a_rep_who_left_is_not_asked(app: Flask, people: cast.Cast) -> None:
    with app.app_context(), writing() as session:
        session.get_one(User, people.bob.id).active = False
    date_of(app, people, Details("birthday", month=12, day=1))
    plan(app)
    with app.app_context(), reading() as session:
        assert session.scalars(sa.select(Occurrence.assignee_id)).one() is None


@pytest.mark.usefixtures("at")
def test_new_rules_of_the_organisation_are_followed(app: Flask, people: cast.Cast) -> None:
    from vidmsg.milestones import marking

    date_of(app, people, Details("birthday", month=12, day=25))
    plan(app)
    with app.app_context():
        with writing() as session:
            home = session.get_one(Organisation, people.organisation.id)
            home.weekend, home.holidays = "before", "US"
        marking.rules_changed(people.organisation.id)
    plan(app)
    assert planned(app) == [("2026", "2026-12-24")]


@pytest.mark.usefixtures("at")
def test_the_clock_plans_in_the_background_when_something_is_due(app: Flask, people: cast.Cast) -> None:
    import threading

    from vidmsg.calendar.nightly import Nightly

    date_of(app, people, Details("birthday", month=12, day=1))
    with app.app_context():
        Nightly(app).tick()
    for thread in threading.enumerate():
        if thread.name == "planning":
            thread.join(30)
    assert planned(app) == [("2026", "2026-12-01")]
