"""A number that may be in several time zones, and nobody has said in which: texts leave when it is daytime in all of
them, and where that is hardly ever, a person is asked."""

from __future__ import annotations

import datetime as dt
import zoneinfo
from collections.abc import Callable

import pytest
from flask.testing import FlaskClient

from tests import cast
from tests.postgres import both_databases
from tests.unit.messages.conftest import NOON, Clock, FakeGateway, go
from vidmsg.accounts.models import Organisation
from vidmsg.database import writing
from vidmsg.messages import deciding, states, window
from vidmsg.messages.models import Message
from vidmsg.messages.window import Hours
from vidmsg.people import zones
from vidmsg.people.models import Person

Write, Look = Callable[..., Message], Callable[[Message], Message]
IDAHO = "+12085550142"
EVERYWHERE_IN_RUSSIA = "+79161234567"
BOISE, PACIFIC = "America/Boise", "America/Los_Angeles"


def guessed(home: cast.Cast, number: str, zone: str) -> Person:
    with writing() as session:
        session.get_one(Organisation, home.organisation.id).allowed_countries = "US,RU"
        made = cast.customer(session, session.merge(home.bob), "Tom", "Wells", number)
        made.time_zone, made.zone_is_guess = zone, True
    return made


def at(hour: int, minute: int, zone: str, day: int = NOON.day) -> dt.datetime:
    return dt.datetime(NOON.year, NOON.month, day, hour, minute, tzinfo=zoneinfo.ZoneInfo(zone)).astimezone(dt.UTC)


@both_databases
@pytest.mark.parametrize(
    ("zone", "now", "goes"),
    [
        (BOISE, at(9, 30, BOISE), at(9, 0, PACIFIC)),
        (PACIFIC, at(19, 30, PACIFIC), at(9, 0, PACIFIC, NOON.day + 1)),
        (PACIFIC, at(19, 30, BOISE), at(19, 30, BOISE)),
    ],
)
def test_it_leaves_when_it_is_daytime_wherever_the_number_may_be(
    gateway: FakeGateway, write: Write, look: Look, home: cast.Cast, time: Clock, zone: str, now: dt.datetime,
    goes: dt.datetime,
) -> None:  # fmt: skip
    tom = guessed(home, IDAHO, zone)
    time.at(now)
    message = write(to=tom)
    go()
    if goes > now:
        assert (gateway.sent, look(message).state, look(message).due_at) == ([], states.SCHEDULED, goes)
        time.at(goes)
        go()
    assert look(message).state == states.ACCEPTED
    closes = at(20, 0, BOISE, goes.astimezone(zoneinfo.ZoneInfo(BOISE)).day)
    assert gateway.sent[0]["validity"] <= (closes - goes).total_seconds() + 1


@both_databases
def test_once_somebody_says_which_zone_it_is_that_one_counts_alone(
    gateway: FakeGateway, write: Write, look: Look, home: cast.Cast, time: Clock, bob: FlaskClient
) -> None:
    tom = guessed(home, IDAHO, PACIFIC)
    assert "That is a guess" in bob.get(f"/people/{tom.id}").text
    said = {"first_name": "Tom", "last_name": "Wells", "phone": IDAHO}
    told = bob.post(f"/people/{tom.id}/edit", data={**said, "time_zone": ""})
    assert "Is it Los Angeles time?" in told.text  # a corrected name does not settle it
    bob.post(f"/people/{tom.id}/edit", data={**said, "time_zone": PACIFIC})
    assert "That is a guess" not in bob.get(f"/people/{tom.id}").text
    time.at(at(19, 30, PACIFIC))
    message = write(to=tom)
    go()
    assert look(message).state == states.ACCEPTED


@both_databases
def test_where_it_is_hardly_ever_daytime_in_all_of_them_a_person_is_asked(
    gateway: FakeGateway, write: Write, look: Look, home: cast.Cast, time: Clock
) -> None:
    tom = guessed(home, EVERYWHERE_IN_RUSSIA, "Europe/Moscow")
    time.at(at(12, 0, "Europe/Moscow"))
    message = write(to=tom)
    go()
    assert (gateway.sent, look(message).state) == ([], states.HELD)
    assert "Choose one on Tom's page" in (look(message).reason or "")
    with writing() as session:
        session.get_one(Person, tom.id).zone_is_guess = False
        assert deciding.release(session, session.get_one(Message, message.id))
    go()
    assert look(message).state == states.ACCEPTED


@pytest.mark.parametrize("number", [IDAHO, "+61412345678", "+34612345678"])
@pytest.mark.parametrize("month", [1, 4, 7, 11])
def test_the_next_opening_is_open_by_every_clock_and_nothing_is_open_before(number: str, month: int) -> None:
    first, *others = zones.possible(number)
    hours = Hours(also=tuple(others))
    for hour in range(0, 24 * 8, 5):
        moment = dt.datetime(2026, month, 1, 0, 20, tzinfo=dt.UTC) + dt.timedelta(hours=hour)
        opening = window.next_open(moment, first, hours)
        everywhere = [Hours() for _ in (first, *others)]
        assert all(window.is_open(opening, zone, own) for zone, own in zip((first, *others), everywhere, strict=True))
        assert window.closes_at(opening, first, hours) > opening
        between = (
            moment + dt.timedelta(minutes=15 * step) for step in range(round((opening - moment).total_seconds() / 900))
        )
        assert not any(window.is_open(one, first, hours) for one in between)
