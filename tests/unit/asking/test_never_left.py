"""A text to a rep that was stopped on its way out did not ask her: she is asked anew, in words that are true then, once
it can leave."""

from __future__ import annotations

import sqlalchemy as sa

from tests.postgres import both_databases
from tests.unit.asking.conftest import World, agree, seattle
from tests.unit.asking.test_whom_to_ask import another
from tests.unit.messages.conftest import go
from vidmsg.accounts.models import Organisation
from vidmsg.asking import asking
from vidmsg.asking.models import RecordLink
from vidmsg.database import reading, writing
from vidmsg.messages import deciding, states
from vidmsg.messages.models import Message

pytestmark = both_databases


def allow(world: World, texts: int) -> None:
    world.change(Organisation, world.people.organisation.id, daily_cap=texts)


def held(world: World) -> list[Message]:
    return [message for message in world.messages() if message.state == states.HELD]


def test_while_the_days_number_is_used_up_nothing_is_written_and_nothing_noted(world: World) -> None:
    allow(world, 0)
    assert world.run() == 0
    assert (world.messages(), world.day().asked_at) == ([], None)
    allow(world, 9)
    assert world.run() == 1
    assert len(world.texts()) == 1


def test_a_text_that_the_days_number_stopped_is_written_anew_when_there_is_room(world: World) -> None:
    another(world, "Tom")
    allow(world, 1)
    assert world.run() == 2
    [stopped] = held(world)
    assert world.run() == 0
    assert [one.id for one in held(world)] == [stopped.id]
    allow(world, 9)
    assert world.run() == 1
    assert world.run() == 0
    assert (len(world.texts()), held(world)) == (2, [])
    with reading() as session:
        assert session.get_one(Message, stopped.id).state == states.CANCELED
        link = session.scalars(sa.select(RecordLink).where(RecordLink.message_id == stopped.id)).one()
        assert link.ended_at is not None


def test_on_the_next_day_it_says_what_is_true_then(world: World) -> None:
    asking.run()
    allow(world, 0)
    while go():
        pass
    assert len(held(world)) == 1
    allow(world, 9)
    world.time.at(seattle(5, 9, 1))
    world.run()
    [text] = world.texts()
    assert "Maria: 5 years tomorrow." in text


def test_one_that_a_person_let_go_meanwhile_is_not_written_twice(world: World) -> None:
    asking.run()
    allow(world, 0)
    while go():
        pass
    [stopped] = held(world)
    allow(world, 9)
    with writing() as session:
        assert deciding.release(session, session.get_one(Message, stopped.id), None)
    assert world.run() == 0
    assert len(world.texts()) == 1


def test_what_came_too_late_for_her_hours_is_asked_the_next_morning(world: World) -> None:
    agree(world.people.bob.id, opens=9, closes=16)
    world.time.at(seattle(4, 15, 58))
    asking.run()
    world.time.at(seattle(4, 16, 5))
    while go():
        pass
    world.time.at(seattle(5, 9, 1))
    world.run()
    [text] = world.texts()
    assert "Maria: 5 years tomorrow." in text
    assert world.messages()[0].state == states.CANCELED


def test_that_her_take_is_still_on_her_phone_is_said_when_there_is_room_again(world: World) -> None:
    world.run()
    world.take(offset=1000)
    allow(world, 1)
    world.time.forward(minutes=11)
    assert world.run() == 1
    assert len(world.texts()) == 1
    world.time.at(seattle(5, 9, 1))
    while go():
        pass
    assert "Your video for Maria is still on your phone." in world.texts()[-1]
