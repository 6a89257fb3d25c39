"""LATER by the clocks of both, where the rep and the customer live far apart; PASS in one look at all colleagues."""

from __future__ import annotations

import datetime as dt

import pytest
import sqlalchemy as sa

from tests import cast
from tests.postgres import both_databases
from tests.unit.asking.conftest import World, agree
from tests.unit.asking.test_whom_to_ask import counted
from vidmsg.accounts.models import User
from vidmsg.database import reading, writing
from vidmsg.messages.models import Message
from vidmsg.people.models import Person

pytestmark = both_databases
TOO_LATE = "Maria's day is here, so it can't wait. Reply PASS to hand it over."
HAWAII, BERLIN, AUCKLAND = "Pacific/Honolulu", "Europe/Berlin", "Pacific/Auckland"


def hawaii(day: int, hour: int) -> dt.datetime:
    return dt.datetime(2026, 3, day, hour, tzinfo=dt.timezone(-dt.timedelta(hours=10)))


def last_answer(world: World) -> str:
    with reading() as session:
        query = sa.select(Message.body).order_by(Message.created_at.desc()).limit(1)
        return str(session.scalars(query).one())


@pytest.mark.parametrize(
    ("lives", "at", "until", "said"),
    [
        # Tomorrow is Thursday for him. For her it is Thursday already, and her Friday is a day away all the same.
        (BERLIN, hawaii(4, 18), 5, "Maria: we ask you again on Thursday."),
        # His Friday morning is her Friday evening: still the day.
        (BERLIN, hawaii(5, 10), 6, "Maria: we ask you again on Friday."),
        # His Thursday morning is her Friday morning: still the day.
        (AUCKLAND, hawaii(4, 10), 5, "Maria: we ask you again on Thursday."),
        # His Friday morning is her Saturday: too late, though Friday is tomorrow for him.
        (AUCKLAND, hawaii(4, 19), 5, "Maria: we ask you again on Thursday."),
        (AUCKLAND, hawaii(5, 10), None, TOO_LATE),
    ],
)
def test_later_is_the_next_day_of_his_clock_on_which_it_is_not_too_late_by_hers(
    world: World, lives: str, at: dt.datetime, until: int | None, said: str
) -> None:
    world.change(User, world.people.bob.id, time_zone=HAWAII)
    agree(world.people.bob.id)
    world.change(Person, world.people.maria.id, time_zone=lives)
    world.time.at(hawaii(4, 9))
    world.run()
    world.time.at(at)
    world.answer("LATER")
    assert last_answer(world) == said
    assert world.day().snoozed_until == (dt.date(2026, 3, until) if until else None)


def test_pass_looks_once_for_all_colleagues(world: World) -> None:
    world.run()
    with writing() as session:
        team = session.get_one(User, world.people.bob.id).team
        assert team is not None
        for number in range(8):
            cast.user(session, team, f"Rep{number} Baker")
    with counted() as seen:
        world.answer("PASS")
    looks = [statement for statement in seen if "count(occurrence.id)" in statement or "LIMIT 250" in statement]
    assert len(looks) == 1
    assert world.day().assignee_id != world.people.bob.id


def test_pass_is_over_for_a_day_beyond_walls_that_moved(world: World) -> None:
    world.run()
    world.change(User, world.people.bob.id, team_id=world.people.other_team.id)
    world.answer("PASS")
    assert last_answer(world) == "Nothing waits for you just now."
    assert world.day().assignee_id == world.people.bob.id
