"""Ten things that clocks do: none of them makes a text leave at night, twice, or on another day than hers; what comes
too late for its day is asked about."""

from __future__ import annotations

import datetime as dt
import threading
import zoneinfo
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from werkzeug import Request, Response

from tests import cast
from tests.postgres import both_databases
from tests.unit.messages.conftest import FIRST, NOON, Written
from tests.unit.safety.conftest import Standing
from tests.unit.safety.scenarios import World, begun, hand_over
from vidmsg import clock, tokens
from vidmsg.accounts.models import Organisation, User
from vidmsg.calendar import planning
from vidmsg.database import reading, writing
from vidmsg.messages import compose, reconcile, sending, states
from vidmsg.messages.compose import Plan
from vidmsg.messages.models import Message
from vidmsg.milestones import keeping, rules
from vidmsg.milestones.models import Occurrence
from vidmsg.people import keeping as people
from vidmsg.people.models import Person

pytestmark = both_databases

CHICAGO, HONOLULU, LOS_ANGELES = "America/Chicago", "Pacific/Honolulu", "America/Los_Angeles"
NEW_YORK, TOKYO = "America/New_York", "Asia/Tokyo"
TEN_PAST_NINE = dt.time(9, 10)
TODAY = NOON.date()


@pytest.fixture
def world(app: Flask, home: cast.Cast, written: Written, time: Standing) -> World:
    return World(app, home, written, time)


def lives(world: World, zone: str) -> None:
    with writing() as session:
        maria = session.get_one(Person, world.home.maria.id)
        people.change(session, maria, people.Details("Maria", "Alvarez", cast.MARIA_PHONE, zone), world.home.bob.id)


def hours(world: World, opens: int, closes: int, opens_sunday: int) -> None:
    with writing() as session:
        home = session.get_one(Organisation, world.home.organisation.id)
        home.opens, home.closes, home.opens_sunday, home.person_daily_cap = opens, closes, opens_sunday, 99


def at(text: str, zone: str = LOS_ANGELES, fold: int = 0) -> dt.datetime:
    return dt.datetime.fromisoformat(text).replace(tzinfo=zoneinfo.ZoneInfo(zone), fold=fold).astimezone(dt.UTC)


def write(world: World, due: dt.datetime, on: dt.date | None, **plan: Any) -> Message:
    with writing() as session:
        return compose.compose(
            session,
            sender=session.get_one(User, world.home.bob.id),
            person=session.get_one(Person, world.home.maria.id),
            video=None,
            body=FIRST,
            words="",
            request_key=tokens.new_token(),
            due_at=due,
            plan=Plan(send_on=on, **plan),
        )


def plan_night(world: World) -> list[Message]:
    """The night plans, and the rep writes for each day that is near and has no text yet."""
    planning.run()
    with reading() as session:
        without = ~sa.exists().where(Message.occurrence_id == Occurrence.id)
        days = list(session.scalars(sa.select(Occurrence).where(without).order_by(Occurrence.id)))
        zone = session.get_one(Person, world.home.maria.id).time_zone
    return [
        write(world, rules.moment(day.planned_on, TEN_PAST_NINE, zone), day.planned_on, occurrence_id=day.id)
        for day in days
    ]


def birthday(world: World, month: int, day: int, **own: Any) -> None:
    with writing() as session:
        maria = session.get_one(Person, world.home.maria.id)
        keeping.add(session, maria, keeping.Details("birthday", month=month, day=day, **own), None)


def states_of(*messages: Message) -> list[str]:
    with reading() as session:
        return [session.get_one(Message, message.id).state for message in messages]


def test_a_time_that_the_clocks_leave_out_is_the_first_one_after(world: World) -> None:
    lives(world, CHICAGO)
    hours(world, 1, 22, 1)
    world.time.at(at("2026-03-07 20:00", CHICAGO))
    write(world, rules.moment(dt.date(2026, 3, 8), dt.time(2, 30), CHICAGO), dt.date(2026, 3, 8))
    world.walk(at("2026-03-09 12:00", CHICAGO))
    assert world.arrived() == [at("2026-03-08 03:00", CHICAGO)]


def test_a_time_that_comes_twice_is_the_first_one_and_only_that(world: World) -> None:
    lives(world, CHICAGO)
    hours(world, 1, 22, 1)
    world.time.at(at("2026-10-31 20:00", CHICAGO))
    write(world, rules.moment(dt.date(2026, 11, 1), dt.time(1, 30), CHICAGO), dt.date(2026, 11, 1))
    world.walk(at("2026-11-02 12:00", CHICAGO))
    assert world.arrived() == [at("2026-11-01 01:30", CHICAGO, fold=0)]


@pytest.mark.parametrize(
    ("leap", "arrives"),
    [(rules.FEB_28, "2027-02-28 12:00"), (rules.MAR_1, "2027-03-01 09:10")],  # the first is a Sunday
)
def test_the_29_february_is_kept_as_its_rule_says_and_in_leap_years_on_itself(
    world: World, leap: str, arrives: str
) -> None:
    birthday(world, 2, 29, leap=leap)
    for start, end in (("2027-02-20 12:00", "2027-03-03 12:00"), ("2028-02-20 12:00", "2028-03-03 12:00")):
        world.time.at(at(start))
        plan_night(world)
        world.time.at(at(end) - dt.timedelta(days=5))
        world.walk(at(end))
    assert world.arrived() == [at(arrives), at("2028-02-29 09:10")]


@pytest.mark.parametrize(
    ("moves_at", "to", "arrives"),
    [
        ("2026-03-04 20:00", NEW_YORK, at("2026-03-05 09:10", NEW_YORK)),
        ("2026-03-04 20:00", HONOLULU, at("2026-03-05 09:10", HONOLULU)),
        ("2026-03-05 09:00", HONOLULU, at("2026-03-05 09:10", HONOLULU)),
        ("2026-03-05 06:30", TOKYO, None),  # her day is nearly over there, and it is night
    ],
)
def test_a_person_who_moved_gets_it_by_her_new_clock_or_somebody_is_asked(
    world: World, moves_at: str, to: str, arrives: dt.datetime | None
) -> None:
    message = write(world, at("2026-03-05 09:10"), dt.date(2026, 3, 5))
    world.walk(at(moves_at))
    lives(world, to)
    world.walk(at("2026-03-07 12:00"))
    assert world.arrived() == ([arrives] if arrives else [])
    assert (states_of(message) == [states.MISSED]) == (arrives is None)


@pytest.mark.parametrize("when", ["sent", "claimed", "in the call", "answer unread"])
def test_a_clock_that_is_put_back_an_hour_doubles_nothing_and_loses_nothing(world: World, when: str) -> None:
    message = world.written.make()
    if when == "sent":
        world.work()
    elif when == "claimed":
        sending.claim("a worker that dies")
    else:
        text = begun(message)
        if when == "answer unread":
            hand_over(world, text)
    world.time.forward(hours=-1)
    world.walk(NOON + dt.timedelta(hours=4))
    assert world.phone() == 1


@pytest.mark.parametrize("when", ["waiting", "claimed", "in the call"])
def test_a_clock_that_jumps_ahead_a_day_sends_nothing_late(world: World, when: str) -> None:
    message = write(world, NOON, TODAY)
    world.time.at(NOON)
    text = begun(message) if when == "in the call" else None
    if when == "claimed":
        sending.claim("a worker")
    world.time.forward(days=1)
    if text:
        sending.call(text)
    world.walk(NOON + dt.timedelta(days=2))
    assert (world.phone(), states_of(message)) == (0, [states.MISSED])


@pytest.mark.parametrize(
    ("own", "day"),
    [({}, "2027-01-01"), ({"weekend": rules.BEFORE}, "2026-12-31"), ({"weekend": rules.AFTER}, "2027-01-04")],
)
def test_the_first_of_january_is_one_day_of_one_year(world: World, own: dict[str, Any], day: str) -> None:
    """Friday, and a holiday; by the clock of Honolulu, where the year is ten hours younger than in UTC."""
    lives(world, HONOLULU)
    with writing() as session:
        session.get_one(Organisation, world.home.organisation.id).holidays = "US"
    world.time.at(at("2026-12-29 12:00", HONOLULU))
    birthday(world, 1, 1, **own)
    for night in range(8):
        plan_night(world)
        world.walk(at("2026-12-30 12:00", HONOLULU) + dt.timedelta(days=night))
    assert world.arrived() == [at(f"{day} 09:10", HONOLULU)]


@pytest.mark.parametrize("set_to", [(22, 2, 22), (9, 20, 12)])
def test_hours_over_midnight_are_not_kept_and_quiet_ones_over_midnight_are(
    world: World, set_to: tuple[int, int, int]
) -> None:
    """Texts from 22 to 2 are nobody's wish: such hours count as not set. Quiet from 20 to 9 is what everybody has."""
    hours(world, *set_to)
    for day, moment in ((None, "2026-03-04 23:30"), (None, "2026-03-05 00:30"), (TODAY, "2026-03-04 22:30")):
        write(world, at("2026-03-04 19:00"), day)
        with writing() as session:  # as if it had waited for something until then
            session.execute(
                sa.update(Message).where(Message.due_at == at("2026-03-04 19:00")).values(due_at=at(moment))
            )
    world.time.at(at("2026-03-04 21:00"))
    world.walk(at("2026-03-06 12:00"))
    assert world.arrived() == [at("2026-03-05 09:00"), at("2026-03-05 09:00")]


def test_after_a_week_without_power_only_todays_text_leaves_and_the_others_are_asked_about(world: World) -> None:
    days = [TODAY + dt.timedelta(days=ahead) for ahead in range(1, 8)]
    dated = [write(world, rules.moment(day, TEN_PAST_NINE, LOS_ANGELES), day) for day in days]
    undated = write(world, NOON + dt.timedelta(hours=1), None)
    claimed = world.written.make()
    assert sending.claim("a worker that dies") == [claimed.id]
    world.time.forward(days=7)
    world.walk(clock.now() + dt.timedelta(days=1))
    assert world.phone() == 1
    assert states_of(*dated, undated, claimed) == [*[states.MISSED] * 6, states.ACCEPTED, states.MISSED, states.MISSED]


@pytest.mark.parametrize("apart", [-4, 4])
def test_two_workers_whose_clocks_differ_send_once_and_each_by_day(world: World, apart: int) -> None:
    """While the first is in its call, the second, with the other clock, does whatever it finds to do."""
    hours(world, 9, 20, 12)
    busy = threading.Event()

    def meanwhile(request: Request, proceed: Any) -> Response:
        if request.method == "POST" and not busy.is_set():
            busy.set()
            world.time.forward(minutes=apart)
            world.work()
            world.time.forward(minutes=-apart)
            busy.clear()
        answer: Response = proceed()
        return answer

    world.app.extensions["simulator"].rules.append(meanwhile)
    world.time.at(at("2026-03-05 08:50"))
    for _ in range(3):
        write(world, at("2026-03-05 09:00"), dt.date(2026, 3, 5))
    for _minute in range(60):
        for skew in (apart, -apart):
            world.time.forward(minutes=skew)
            while reconcile.look() or sending.send_due(threading.Event()):
                pass
        world.time.forward(minutes=1)
    assert world.phone() == 3
    assert all(at("2026-03-05 09:00") <= moment < at("2026-03-05 20:00") for moment in world.arrived())
