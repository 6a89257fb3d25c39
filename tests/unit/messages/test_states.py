"""The table of moves, and moving by compare-and-set."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from vidmsg.database import reading, writing
from vidmsg.messages import states
from vidmsg.messages.models import Message, StatusEvent
from vidmsg.messages.move import ForbiddenMove, move


def test_every_state_in_the_table_is_one_of_the_states() -> None:
    assert {state for pair in states.TABLE for state in pair} == states.STATES


def test_nothing_leaves_an_end_except_to_delivered() -> None:
    ends = {states.DELIVERED, states.SUPPRESSED, states.CANCELED}
    assert not [pair for pair in states.TABLE if pair[0] in ends]
    for failed in (states.FAILED, states.UNDELIVERED):
        assert {after for before, after in states.TABLE if before == failed} == {states.DELIVERED}


def test_only_a_sender_begins_a_call_and_only_from_a_claim() -> None:
    assert [pair for pair in states.TABLE if pair[1] == states.SUBMITTING] == [(states.CLAIMED, states.SUBMITTING)]
    assert states.TABLE[states.CLAIMED, states.SUBMITTING] == {states.SENDER}


def test_what_may_have_gone_is_never_just_scheduled_by_the_sweeper() -> None:
    assert states.SWEEPER not in states.TABLE[states.SUBMITTING, states.SCHEDULED]
    assert states.TABLE[states.UNKNOWN, states.SCHEDULED] == {states.RECONCILER}


def test_receipts_go_forward_only() -> None:
    for (before, after), movers in states.TABLE.items():
        if states.RECEIPTS in movers and before in states.RANK:
            assert states.RANK[before] < states.RANK[after]


def test_a_move_outside_the_table_is_an_error(write: Callable[..., Message]) -> None:
    message = write()
    with writing() as session, pytest.raises(ForbiddenMove):
        move(session, session.get_one(Message, message.id), states.DELIVERED, mover=states.SENDER)


def test_the_right_move_by_the_wrong_hand_is_an_error(write: Callable[..., Message]) -> None:
    message = write()
    with writing() as session, pytest.raises(ForbiddenMove):
        move(session, session.get_one(Message, message.id), states.CLAIMED, mover=states.RECEIPTS)


def test_who_comes_second_moves_nothing_and_sees_the_truth(write: Callable[..., Message]) -> None:
    message = write()
    with reading() as session:
        stale = session.get_one(Message, message.id)
        session.expunge(stale)
    with writing() as session:
        assert move(session, session.get_one(Message, message.id), states.CANCELED, mover=states.PERSON)
    with writing() as session:
        session.add(stale)
        assert not move(session, stale, states.CLAIMED, mover=states.SENDER)
        assert stale.state == states.CANCELED


def test_a_version_seen_before_does_not_count_even_in_the_same_state(write: Callable[..., Message]) -> None:
    message = write()
    with reading() as session:
        stale = session.get_one(Message, message.id)
        session.expunge(stale)
    with writing() as session:
        fresh = session.get_one(Message, message.id)
        assert move(session, fresh, states.CLAIMED, mover=states.SENDER)
        assert move(session, fresh, states.SCHEDULED, mover=states.SENDER)
    with writing() as session:
        session.add(stale)
        assert not move(session, stale, states.CLAIMED, mover=states.SENDER)


def test_each_move_leaves_one_event_and_a_lost_one_leaves_none(write: Callable[..., Message]) -> None:
    message = write()
    with reading() as session:
        stale = session.get_one(Message, message.id)
        session.expunge(stale)
    with writing() as session:
        move(session, session.get_one(Message, message.id), states.CANCELED, mover=states.PERSON, detail="why")
    with writing() as session:
        session.add(stale)
        move(session, stale, states.CLAIMED, mover=states.SENDER)
    with reading() as session:
        events = session.query(StatusEvent).order_by(StatusEvent.id).all()
        assert [(event.from_state, event.to_state, event.detail) for event in events] == [
            (None, states.SCHEDULED, None),
            (states.SCHEDULED, states.CANCELED, "why"),
        ]
