"""For every zone of the United States, both changes of the clocks, every rule for 29 February and any hours that an
organisation may set: no text is handed over outside of them, none on another day than its own, and none that the
network may still deliver after they end."""

from __future__ import annotations

import datetime as dt
import zoneinfo
from dataclasses import dataclass
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from tests import cast
from tests.unit.messages.conftest import FIRST, FakeGateway, Written
from tests.unit.safety.conftest import Standing
from tests.unit.safety.scenarios import World
from vidmsg import clock, tokens
from vidmsg.accounts import places
from vidmsg.accounts.models import Organisation, User
from vidmsg.database import writing
from vidmsg.messages import compose, sending
from vidmsg.messages.compose import Plan
from vidmsg.messages.models import Attempt, Link, Message, StatusEvent
from vidmsg.milestones import rules
from vidmsg.milestones.rules import Rules
from vidmsg.people.models import Person
from vidmsg.sms.gateway import Accepted, Listed, RefusedRetry, Unclear

ZONES = tuple(zone for country in ("US", "PR", "VI", "GU", "MP", "AS") for zone in places.zones_of(country))
TURNS = tuple(dt.date.fromisoformat(day) for day in ("2026-03-08", "2026-11-01", "2027-03-14", "2027-11-07"))
DEFAULT = (9, 20, 12)
DAY, SECOND = dt.timedelta(days=1), dt.timedelta(seconds=1)


@dataclass(frozen=True)
class Handed:
    """A text that Twilio was given: when, and how long it may try."""

    at: dt.datetime
    until: dt.datetime
    to: str


class Network(FakeGateway):
    """Notes when each text is handed over; its first answers are the test's, then it accepts. It has nothing on its
    list, and whatever it accepted arrives."""

    def __init__(self) -> None:
        super().__init__()
        self.handed = list[Handed]()

    def send(self, to: str, body: str, status_callback: str, validity_seconds: int) -> Accepted:
        self.handed.append(Handed(clock.now(), clock.now() + dt.timedelta(seconds=validity_seconds), to))
        outcome = self.outcomes.pop(0) if self.outcomes else None
        if outcome is not None:
            raise outcome
        return Accepted("SM" + tokens.new_token().encode().hex()[:32], "queued", 1)

    def fetch(self, sid: str) -> Listed:
        return Listed(sid, "delivered", None, "", "outbound-api", None)


@dataclass
class Place:
    """The world with this network in it, and the hours of its organisation."""

    world: World
    network: Network

    def opens(self, opens: int, closes: int, opens_sunday: int) -> None:
        with writing() as session:
            home = session.get_one(Organisation, self.world.home.organisation.id)
            home.opens, home.closes, home.opens_sunday = opens, closes, opens_sunday
            home.person_daily_cap = home.daily_cap = 9999

    def lives(self, zone: str) -> None:
        with writing() as session:
            session.execute(sa.update(Person).values(time_zone=zone))

    def write(self, due: dt.datetime, on: dt.date | None, person: Person | None = None) -> None:
        with writing() as session:
            compose.compose(
                session,
                sender=session.get_one(User, self.world.home.bob.id),
                person=session.get_one(Person, (person or self.world.home.maria).id),
                video=None,
                body=FIRST,
                words="",
                request_key=tokens.new_token(),
                due_at=due,
                plan=Plan(send_on=on),
            )

    def sweep(self) -> None:
        """Nothing of before is left."""
        self.network.handed.clear()
        with writing() as session:
            for table in (StatusEvent, Attempt, Link, Message):
                session.execute(sa.delete(table))


@pytest.fixture
def place(app: Flask, home: cast.Cast, written: Written, time: Standing) -> Place:
    app.extensions["gateway"] = network = Network()
    return Place(World(app, home, written, time), network)


def is_decent(moment: dt.datetime, zone: str, hours: tuple[int, int, int]) -> bool:
    """Said once more, in other words than the application's."""
    there = moment.astimezone(zoneinfo.ZoneInfo(zone))
    opens, closes, opens_sunday = hours
    return (opens_sunday if there.isoweekday() == 7 else opens) <= there.hour < closes


def assert_decent(text: Handed, zone: str, hours: tuple[int, int, int], on: dt.date | None = None) -> None:
    there = text.at.astimezone(zoneinfo.ZoneInfo(zone))
    assert is_decent(text.at, zone, hours), f"handed over at {there} with hours {hours}"
    assert is_decent(text.until - SECOND, zone, hours), f"may arrive at {text.until} with hours {hours}"
    assert on in {None, there.date()}, f"handed over at {there} for {on}"


@pytest.mark.parametrize("turn", TURNS[:2], ids=str)
def test_in_every_zone_of_the_country_the_night_of_the_change_is_a_night(place: Place, turn: dt.date) -> None:
    place.opens(*DEFAULT)
    place.world.time.at(dt.datetime.combine(turn - 3 * DAY, dt.time(), dt.UTC))
    walls = [dt.datetime.combine(turn - DAY, dt.time(19, 59, 30))]
    walls += [dt.datetime.combine(turn, time) for time in (dt.time(2, 30), dt.time(10, 30))]
    lives = {}
    for number, zone in enumerate(ZONES):
        phone = f"+1206555{1000 + number}"
        with writing() as session:
            bob = session.get_one(User, place.world.home.bob.id)
            person = cast.customer(session, bob, "Maria", phone=phone, zone=zone)
        lives[phone] = zone
        for wall in walls:
            place.write(rules.moment(wall.date(), wall.time(), zone), None, person)
    place.world.walk(dt.datetime.combine(turn + 2 * DAY, dt.time(), dt.UTC))
    assert len(place.network.handed) == len(ZONES) * len(walls)
    for text in place.network.handed:
        assert_decent(text, lives[text.to], DEFAULT)


def _days() -> st.SearchStrategy[dt.date]:
    """Days on which clocks change and their neighbours, and what 29 February is, under each rule."""
    around = st.builds(lambda turn, away: turn + away * DAY, st.sampled_from(TURNS), st.integers(-1, 1))
    leap = st.builds(
        lambda year, policy, weekend: rules.observed(
            rules.in_year(2, 29, year, Rules(leap=policy)), Rules(weekend=weekend, holidays="US")
        ),
        st.integers(2026, 2028),
        st.sampled_from([rules.FEB_28, rules.MAR_1]),
        st.sampled_from([rules.ON_THE_DAY, rules.BEFORE, rules.AFTER]),
    )
    return around | leap


def _hours() -> st.SearchStrategy[tuple[int, int, int]]:
    return st.tuples(st.integers(0, 23), st.integers(1, 24), st.integers(0, 24))


WALLS = st.builds(dt.time, st.integers(0, 23), st.sampled_from([0, 1, 10, 30, 58, 59]), st.sampled_from([0, 1, 59]))
OUTCOMES = st.lists(st.sampled_from([RefusedRetry(20429, "busy"), Unclear("timeout")]), max_size=3)
LATE = st.sampled_from([0, 1, 45, 600, 1000, 1500])


@given(
    zone=st.sampled_from(ZONES), day=_days(), hours=_hours(), wall=WALLS, dated=st.booleans(), theirs=st.booleans(),
    late=LATE, outcomes=OUTCOMES,
)  # fmt: skip
@settings(
    max_examples=60,
    deadline=None,
    phases=[Phase.explicit, Phase.reuse, Phase.generate],  # an example takes too long to be made smaller
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
def test_no_text_leaves_outside_the_hours(
    place: Place, zone: str, day: dt.date, hours: tuple[int, int, int], wall: dt.time, dated: bool, theirs: bool,
    late: int, outcomes: list[Any],
) -> None:  # fmt: skip
    """`late`: so many minutes after its moment a worker comes. What Twilio refuses or leaves unclear is tried again,
    and that too must be at a decent hour. Hours that are never open count as not set."""
    place.sweep()
    place.lives(zone)
    place.opens(*hours)
    kept = hours if hours[0] < hours[1] else DEFAULT
    due = rules.moment(day, wall, zone if theirs else "America/Los_Angeles")
    place.world.time.at(due - 2 * DAY)
    place.write(due, day if dated else None)
    place.network.outcomes = list(outcomes)
    place.world.time.at(due + dt.timedelta(minutes=late))
    place.world.work()
    place.world.walk(due + 2 * DAY)
    assert len(place.network.handed) <= len(outcomes) + 1
    for text in place.network.handed:
        assert_decent(text, zone, kept, day if dated else None)


def test_the_zones_are_all_there() -> None:
    assert {"America/Phoenix", "Pacific/Honolulu", "America/Adak", "America/Puerto_Rico"} <= set(ZONES)
    assert len(ZONES) == len(set(ZONES)) >= 34


def test_the_turns_are_turns() -> None:
    for turn in TURNS:
        midnights = [dt.datetime.combine(day, dt.time(), zoneinfo.ZoneInfo(ZONES[0])) for day in (turn, turn + DAY)]
        assert midnights[0].utcoffset() != midnights[1].utcoffset()


def test_a_claimed_message_is_the_only_one_that_may_be_submitted(place: Place) -> None:
    """The property above would hold of a world in which nothing ever left."""
    place.write(clock.now(), None)
    place.world.work()
    assert len(place.network.handed) == 1
    assert sending.submit("nobody", "nobody") is None
