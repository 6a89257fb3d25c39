"""After a crash or an unclear answer: found by its token, sent once more, or left to a person. Never doubled."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

from flask import Flask
from flask.testing import FlaskClient

from tests import cast
from tests.postgres import both_databases
from tests.unit.messages.conftest import Clock, FakeGateway, Written, go
from vidmsg import clock
from vidmsg.database import reading, writing
from vidmsg.messages import deciding, links, receipts, reconcile, sending, states
from vidmsg.messages.models import Attempt, Message
from vidmsg.sms.gateway import GatewayError, Listed, ListingFailed, NotKnown, RefusedRetry, Unclear

pytestmark = both_databases

Write, Look = Callable[..., Message], Callable[[Message], Message]


def look_all() -> None:
    while reconcile.look():
        pass


def listed(body: str, sid: str = "SM" + "f" * 32) -> Listed:
    return Listed(sid, "delivered", None, body, "outbound-api", clock.now())


def body_of(message: Message) -> str:
    with reading() as session:
        link = links.current(session, message.id)
        return links.full_body("http://localhost", message, link)


def lost(gateway: FakeGateway, write: Write, how_often: int = 1, **how: object) -> Message:
    gateway.outcomes = [Unclear("read timeout")] * how_often
    message = write(**how)
    go()
    return message


def test_what_twilio_has_is_found_by_its_own_token(gateway: FakeGateway, write: Write, look: Look, time: Clock) -> None:
    message = lost(gateway, write)
    gateway.listings = [[listed("something else"), listed(body_of(message))]]
    gateway.fetched = listed(body_of(message))
    time.forward(minutes=2)
    look_all()
    assert look(message).state == states.DELIVERED
    assert len(gateway.sent) == 1


def test_before_its_moment_nothing_is_looked_up(gateway: FakeGateway, write: Write) -> None:
    lost(gateway, write)
    assert not reconcile.look()


def test_two_complete_empty_lists_after_a_quarter_of_an_hour_allow_one_more(
    gateway: FakeGateway, write: Write, look: Look, time: Clock
) -> None:
    message = lost(gateway, write)
    time.forward(minutes=2)
    look_all()
    assert look(message).state == states.UNKNOWN
    time.forward(minutes=14)
    look_all()
    assert look(message).state == states.SCHEDULED
    go()
    assert look(message).state == states.ACCEPTED
    assert len(gateway.sent) == 2


def test_two_empty_lists_too_early_allow_nothing(gateway: FakeGateway, write: Write, look: Look, time: Clock) -> None:
    message = lost(gateway, write)
    for _ in range(6):
        time.forward(minutes=2)
        with writing() as session:  # even where somebody looks more often than the row asks for
            session.get_one(Message, message.id).look_at = clock.now()
        look_all()
    assert look(message).state == states.UNKNOWN
    with reading() as session:
        assert session.query(Attempt).one().empty_listings == 6


def test_one_empty_list_is_not_enough_however_late(gateway: FakeGateway, write: Write, look: Look, time: Clock) -> None:
    message = lost(gateway, write)
    time.forward(minutes=40)
    reconcile.look()
    assert look(message).state == states.UNKNOWN


def test_after_the_second_doubt_a_person_decides(gateway: FakeGateway, write: Write, look: Look, time: Clock) -> None:
    message = lost(gateway, write, how_often=2)
    for _ in range(30):
        time.forward(minutes=4)
        look_all()
        go()
    assert look(message).state == states.UNCONFIRMED
    assert len(gateway.sent) == 2


def test_a_list_that_cannot_be_read_proves_nothing(gateway: FakeGateway, write: Write, look: Look, time: Clock) -> None:
    message = lost(gateway, write)
    gateway.listings = [ListingFailed("500")] * 99
    for _ in range(12):
        time.forward(minutes=4)
        look_all()
    assert look(message).state == states.UNKNOWN
    time.forward(minutes=20)
    look_all()
    assert look(message).state == states.UNCONFIRMED
    assert len(gateway.sent) == 1


def test_refusals_before_do_not_count_as_doubt(gateway: FakeGateway, write: Write, look: Look, time: Clock) -> None:
    gateway.outcomes = [RefusedRetry(20429, "busy"), RefusedRetry(20429, "busy"), Unclear("reset")]
    message = write()
    for _ in range(3):
        go()
        time.forward(minutes=3)
    for _ in range(6):
        time.forward(minutes=4)
        look_all()
        go()
    assert look(message).state == states.ACCEPTED
    assert len(gateway.sent) == 4


def test_a_late_callback_stops_the_resend(gateway: FakeGateway, write: Write, look: Look, time: Clock) -> None:
    message = lost(gateway, write)
    time.forward(minutes=2)
    look_all()
    time.forward(minutes=14)
    look_all()
    assert look(message).state == states.SCHEDULED
    with writing() as session:
        receipts.apply(session, session.query(Attempt).one(), sid="SM" + "1" * 32, status="sent", error_code=None)
    assert look(message).state == states.SENT
    assert not go()
    assert len(gateway.sent) == 1


def test_a_dead_claim_is_due_again(gateway: FakeGateway, write: Write, look: Look, time: Clock) -> None:
    message = write()
    sending.claim("a worker that dies")
    look_all()
    assert look(message).state == states.CLAIMED
    time.forward(minutes=6)
    look_all()
    assert look(message).state == states.SCHEDULED
    go()
    assert len(gateway.sent) == 1


def test_a_worker_killed_in_the_call_leaves_one_text_that_is_found(
    app: Flask, write: Write, look: Look, time: Clock
) -> None:
    """On the simulated network itself: the call went through, its answer was never written down."""
    message = write()
    sending.claim("a worker that dies")
    submission = sending.submit(message.id, "a worker that dies")
    assert submission is not None
    app.extensions["gateway"].send(submission.to, submission.body, status_callback="", validity_seconds=60)
    time.forward(minutes=6)
    look_all()
    assert look(message).state in {states.ACCEPTED, states.SENT, states.DELIVERED}
    assert not go()
    assert len(app.extensions["simulator"].thread(cast.MARIA_PHONE)) == 1
    with reading() as session:
        (attempt,) = session.query(Attempt).all()
    assert (attempt.outcome, attempt.sid is not None) == ("found", True)


def test_a_worker_killed_before_the_call_sends_once(app: Flask, write: Write, look: Look, time: Clock) -> None:
    message = write()
    sending.claim("a worker that dies")
    sending.submit(message.id, "a worker that dies")
    for _ in range(8):
        time.forward(minutes=4)
        look_all()
        go()
    assert look(message).state in {states.ACCEPTED, states.SENT, states.DELIVERED}
    assert len(app.extensions["simulator"].thread(cast.MARIA_PHONE)) == 1


def test_the_same_plain_words_of_yesterday_are_not_taken_for_todays(
    gateway: FakeGateway, written: Written, look: Look, time: Clock
) -> None:
    message = lost(gateway, written.make, video=False)
    old = Listed("SM" + "0" * 32, "delivered", None, message.body, "outbound-api", clock.now() - dt.timedelta(days=1))
    gateway.listings = [[old], [old]]
    time.forward(minutes=2)
    look_all()
    assert look(message).state == states.UNKNOWN


def test_a_plain_text_is_found_by_its_words(gateway: FakeGateway, written: Written, look: Look, time: Clock) -> None:
    message = lost(gateway, written.make, video=False)
    gateway.listings = [[listed(message.body)]]
    gateway.fetched = listed(message.body)
    time.forward(minutes=2)
    look_all()
    assert look(message).state == states.DELIVERED


def test_when_no_callback_comes_twilio_is_asked(gateway: FakeGateway, write: Write, look: Look, time: Clock) -> None:
    message = write()
    go()
    look_all()
    assert look(message).state == states.ACCEPTED
    time.forward(minutes=11)
    with reading() as session:
        sid = session.query(Attempt).one().sid or ""
    gateway.fetched = Listed(sid, "undelivered", 30003, "", "outbound-api", None)
    look_all()
    assert (look(message).state, look(message).error_code) == (states.UNDELIVERED, 30003)


def test_twilio_is_asked_four_times_and_then_no_more(
    gateway: FakeGateway, write: Write, look: Look, time: Clock
) -> None:
    message = write()
    go()
    gateway.fetched = Listed("SM" + "f" * 32, "sent", None, "", "outbound-api", None)
    asked = 0
    for minutes in (11, *[59] * 60):
        time.forward(minutes=minutes)
        asked += reconcile.look()
    asked_again = [reconcile.look() for _ in range(5)]
    assert not any(asked_again)
    assert asked == 4
    assert look(message).look_at is None


def test_a_person_says_it_arrived(gateway: FakeGateway, write: Write, look: Look, time: Clock) -> None:
    test_a_list_that_cannot_be_read_proves_nothing(gateway, write, look, time)
    with writing() as session:
        message = session.query(Message).one()
        assert deciding.it_arrived(session, message)
        assert not deciding.send_again(session, message)
    assert look(message).state == states.DELIVERED


def test_a_person_sends_again(gateway: FakeGateway, write: Write, look: Look, time: Clock) -> None:
    test_a_list_that_cannot_be_read_proves_nothing(gateway, write, look, time)
    with writing() as session:
        message = session.query(Message).one()
        assert deciding.send_again(session, message)
    go()
    assert look(message).state == states.ACCEPTED
    assert len(gateway.sent) == 2


def ask_until_the_end(gateway: FakeGateway, message: Message, look: Look, time: Clock) -> list[str]:
    """Twilio is asked as often as it will be; the state after each question."""
    seen = []
    for minutes in (11, 50, 11 * 60, 36 * 60):
        time.forward(minutes=minutes)
        look_all()
        seen.append(look(message).state)
    return seen


def test_a_text_that_twilio_forgot_is_put_before_a_person_after_the_last_question(
    gateway: FakeGateway, write: Write, look: Look, time: Clock, bob: FlaskClient
) -> None:
    message = write()
    go()
    gateway.failing = NotKnown("Twilio answered 404.")
    seen = ask_until_the_end(gateway, message, look, time)
    assert seen == [states.ACCEPTED] * 3 + [states.UNCONFIRMED]
    told = "Twilio took it, and says now that it knows no such text. Ask, or look at the phone, then decide."
    assert look(message).reason == told
    assert told in bob.get(f"/messages/{message.id}").text
    assert len(gateway.sent) == 1
    with writing() as session:
        assert deciding.it_arrived(session, session.get_one(Message, message.id))


def test_a_late_receipt_still_settles_what_twilio_had_forgotten(
    gateway: FakeGateway, write: Write, look: Look, time: Clock
) -> None:
    message = write()
    go()
    gateway.failing = NotKnown("Twilio answered 404.")
    ask_until_the_end(gateway, message, look, time)
    with writing() as session:
        attempt = session.query(Attempt).one()
        receipts.apply(session, attempt, sid=attempt.sid or "", status="delivered", error_code=None)
    assert look(message).state == states.DELIVERED


def test_what_the_network_has_is_not_doubted_by_a_list_that_forgot(
    gateway: FakeGateway, write: Write, look: Look, time: Clock
) -> None:
    message = write()
    go()
    with writing() as session:
        attempt = session.query(Attempt).one()
        receipts.apply(session, attempt, sid=attempt.sid or "", status="sent", error_code=None)
    gateway.failing = NotKnown("Twilio answered 404.")
    assert set(ask_until_the_end(gateway, message, look, time)) == {states.SENT}


def test_a_question_that_fails_otherwise_says_nothing(
    gateway: FakeGateway, write: Write, look: Look, time: Clock
) -> None:
    message = write()
    go()
    gateway.failing = GatewayError("Twilio answered 500.")
    assert set(ask_until_the_end(gateway, message, look, time)) == {states.ACCEPTED}
