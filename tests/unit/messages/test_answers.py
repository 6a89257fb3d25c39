"""What each answer of Twilio's leads to: tried again, given up, or never sent a second time."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import pytest

from tests import cast
from tests.postgres import both_databases
from tests.unit.messages.conftest import NOON, Clock, FakeGateway, attempts, go
from vidmsg import clock
from vidmsg.database import reading, writing
from vidmsg.messages import sending, states
from vidmsg.messages.models import Attempt, Message
from vidmsg.people import consent
from vidmsg.sms.gateway import Accepted, RefusedFinal, RefusedRetry, Unclear

pytestmark = both_databases

Write, Look = Callable[..., Message], Callable[[Message], Message]


def test_what_could_not_be_reached_is_tried_again_later(
    gateway: FakeGateway, write: Write, look: Look, time: Clock
) -> None:
    gateway.outcomes = [RefusedRetry(20429, "busy"), RefusedRetry(None, "no network")]
    message = write()
    go()
    assert look(message).state == states.SCHEDULED
    assert not go()
    first = (look(message).due_at or NOON) - clock.now()
    assert dt.timedelta(seconds=10) < first < dt.timedelta(seconds=30)
    time.forward(minutes=1)
    go()
    second = (look(message).due_at or NOON) - clock.now()
    assert second > first
    time.forward(minutes=2)
    go()
    assert look(message).state == states.ACCEPTED
    assert [attempt.outcome for attempt in attempts()] == ["refused", "refused", "accepted"]


def test_trying_ends(gateway: FakeGateway, write: Write, look: Look, time: Clock) -> None:
    gateway.outcomes = [RefusedRetry(20429, "busy")] * 50
    message = write()
    for _ in range(100):
        if look(message).state != states.SCHEDULED:
            break
        time.forward(hours=1)
        go()
    assert look(message).state == states.FAILED
    assert len(gateway.sent) == sending.MAX_TRIES


def test_a_refusal_is_told_in_a_sentence_and_never_tried_again(
    gateway: FakeGateway, write: Write, look: Look, time: Clock
) -> None:
    gateway.outcomes = [RefusedFinal(21614, "'To' number is not a valid mobile number")]
    message = write()
    go()
    assert (look(message).state, look(message).error_code) == (states.FAILED, 21614)
    assert look(message).reason == "This number can't get texts. Ask for a mobile number."
    time.forward(days=1)
    assert not go()


def test_a_number_that_opted_out_at_twilio_is_off_in_the_ledger_too(
    gateway: FakeGateway, write: Write, look: Look, home: cast.Cast
) -> None:
    gateway.outcomes = [RefusedFinal(21610, "unsubscribed", opted_out=True)]
    message = write()
    go()
    with reading() as session:
        latest = consent.current(session, home.organisation.id, cast.MARIA_PHONE)
        assert latest is not None
        assert (latest.action, latest.source) == ("revoked", "twilio")
    assert look(message).state == states.FAILED


def test_an_unclear_answer_is_never_sent_again_by_the_sender(gateway: FakeGateway, write: Write, look: Look) -> None:
    gateway.outcomes = [Unclear("read timeout")]
    message = write()
    go()
    assert look(message).state == states.UNKNOWN
    assert not go()
    assert len(gateway.sent) == 1


def test_a_callback_that_was_faster_wins(gateway: FakeGateway, write: Write, look: Look) -> None:
    from vidmsg.messages import receipts

    message = write()

    def callback() -> None:
        with writing() as session:
            attempt = session.query(Attempt).one()
            receipts.apply(session, attempt, sid=f"SM{1:032d}", status="delivered", error_code=None)

    gateway.before = callback
    go()
    assert look(message).state == states.DELIVERED
    assert attempts()[0].outcome == "accepted"


@pytest.mark.parametrize("segments", [0, 3])
def test_the_network_counts_the_segments(gateway: FakeGateway, write: Write, segments: int) -> None:
    gateway.outcomes = [Accepted("SM" + "a" * 32, "queued", segments)]
    write()
    go()
    assert attempts()[0].segments == (segments or 1)
