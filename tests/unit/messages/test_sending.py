"""The way out: who claims, and what is asked again in the last moment."""

from __future__ import annotations

import datetime as dt
import threading
from collections.abc import Callable

from flask import Flask

from tests import cast
from tests.postgres import both_databases
from tests.unit.messages.conftest import NOON, Clock, FakeGateway, Written, attempts, go
from vidmsg import clock
from vidmsg.accounts.models import Installation, User
from vidmsg.database import writing
from vidmsg.messages import deciding, reconcile, sending, states
from vidmsg.messages.models import Message
from vidmsg.people import consent
from vidmsg.people.models import Person
from vidmsg.videos.models import PREPARING, READY, Video

pytestmark = both_databases

Write, Look = Callable[..., Message], Callable[[Message], Message]


def test_a_due_message_is_sent_once_with_its_link_last(gateway: FakeGateway, write: Write, look: Look) -> None:
    message = write()
    assert go()
    assert not go()
    assert look(message).state == states.ACCEPTED
    (call,) = gateway.sent
    assert call["to"] == cast.MARIA_PHONE
    assert call["body"].startswith(message.body + " http://localhost/v/")
    assert call["callback"].startswith(f"http://localhost/hooks/twilio/status/{message.id}/")


def test_the_exact_body_is_committed_before_the_call(gateway: FakeGateway, write: Write, look: Look) -> None:
    message, during = write(), []

    def see() -> None:
        (attempt,) = attempts()
        during.append((attempt.body, attempt.sid, look(message).state))

    gateway.before = see
    go()
    assert during == [(gateway.sent[0]["body"], None, states.SUBMITTING)]
    assert attempts()[0].sid == f"SM{1:032d}"


def test_two_workers_claim_one_message_once(app: Flask, gateway: FakeGateway, write: Write) -> None:
    write()
    start, claimed = threading.Barrier(2), []

    def work(owner: str) -> None:
        with app.app_context():
            start.wait()
            claimed.extend(sending.claim(owner))

    workers = [threading.Thread(target=work, args=(name,)) for name in ("one", "two")]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert len(claimed) == 1


def test_who_has_her_hands_full_calls_another_thread_before_her_first_call(
    app: Flask, gateway: FakeGateway, write: Write
) -> None:
    waiting = app.extensions["jobs"].queues["sms"].pending_count
    during: list[int] = []
    gateway.before = lambda: during.append(waiting())
    write()
    go()
    for _ in range(sending.BATCH):
        write()
    go()
    assert during[:2] == [0, 1]


def test_a_claim_of_somebody_else_is_not_submitted(gateway: FakeGateway, write: Write, look: Look) -> None:
    message = write()
    sending.claim("one")
    assert sending.submit(message.id, "two") is None
    assert look(message).state == states.CLAIMED


def test_stop_between_scheduling_and_sending_suppresses(
    gateway: FakeGateway, write: Write, look: Look, home: cast.Cast
) -> None:
    message = write()
    with writing() as session:
        consent.revoke(
            session, organisation_id=home.organisation.id, phone=cast.MARIA_PHONE, words="STOP", source="text"
        )
    go()
    assert not gateway.sent
    assert look(message).state == states.SUPPRESSED
    assert look(message).reason == "Maria asked us to stop, so it was not sent."


def test_stop_between_claim_and_call_suppresses(
    gateway: FakeGateway, write: Write, look: Look, home: cast.Cast
) -> None:
    message = write()
    sending.claim("one")
    with writing() as session:
        consent.revoke(
            session, organisation_id=home.organisation.id, phone=cast.MARIA_PHONE, words="STOP", source="text"
        )
    assert sending.submit(message.id, "one") is None
    assert look(message).state == states.SUPPRESSED


def test_a_pause_holds_it_for_a_person(gateway: FakeGateway, write: Write, look: Look, home: cast.Cast) -> None:
    message = write()
    with writing() as session:
        session.get_one(Person, home.maria.id).hold_until = clock.now() + dt.timedelta(days=3)
    go()
    assert (look(message).state, gateway.sent) == (states.HELD, [])
    assert "paused" in (look(message).reason or "")


def test_a_pause_that_is_over_holds_nothing(gateway: FakeGateway, write: Write, look: Look, home: cast.Cast) -> None:
    message = write()
    with writing() as session:
        session.get_one(Person, home.maria.id).hold_until = clock.now() - dt.timedelta(days=3)
    go()
    assert look(message).state == states.ACCEPTED


def test_a_rep_who_left_sends_nothing(gateway: FakeGateway, write: Write, look: Look, home: cast.Cast) -> None:
    message = write()
    with writing() as session:
        session.get_one(User, home.bob.id).active = False
    go()
    assert (look(message).state, gateway.sent) == (states.HELD, [])


def test_a_number_that_changed_holds_it_and_after_all_goes_to_the_new_one(
    gateway: FakeGateway, write: Write, look: Look, home: cast.Cast
) -> None:
    message = write()
    with writing() as session:
        maria = session.get_one(Person, home.maria.id)
        maria.phone = "+12065550177"
        consent.grant(session, maria, number=maria.phone, words="yes", source="in person", user_id=home.bob.id)
    go()
    assert (look(message).state, gateway.sent) == (states.HELD, [])
    with writing() as session:
        assert deciding.release(session, session.get_one(Message, message.id))
    go()
    assert gateway.sent[0]["to"] == "+12065550177"


def test_at_night_it_goes_back_until_the_morning(gateway: FakeGateway, write: Write, look: Look, time: Clock) -> None:
    message = write()
    time.at(dt.datetime(2026, 3, 5, 6, 40, tzinfo=dt.UTC))  # the worker slept until 22:40
    go()
    assert (look(message).state, gateway.sent) == (states.SCHEDULED, [])
    assert look(message).due_at == dt.datetime(2026, 3, 5, 17, 0, tzinfo=dt.UTC)
    time.at(dt.datetime(2026, 3, 5, 17, 0, 1, tzinfo=dt.UTC))
    go()
    assert len(gateway.sent) == 1


def test_it_may_not_arrive_after_the_hours(gateway: FakeGateway, write: Write, time: Clock) -> None:
    write()
    go()
    assert gateway.sent[0]["validity"] == 4 * 3600
    time.at(NOON + dt.timedelta(hours=7, minutes=30))
    write()
    go()
    assert 1700 < gateway.sent[1]["validity"] <= 1800


def test_it_waits_for_its_video(gateway: FakeGateway, write: Write, look: Look, video: Video) -> None:
    with writing() as session:
        session.get_one(Video, video.id).state = PREPARING
    message = write()
    assert not go()
    assert look(message).state == states.SCHEDULED
    with writing() as session:
        session.get_one(Video, video.id).state = READY
    go()
    assert look(message).state == states.ACCEPTED


def test_a_video_that_failed_meanwhile_holds_it(gateway: FakeGateway, write: Write, look: Look, video: Video) -> None:
    message = write()
    with writing() as session:
        session.get_one(Video, video.id).state = "failed"
    go()
    assert (look(message).state, gateway.sent) == (states.HELD, [])


def test_while_sending_is_frozen_nothing_is_claimed(gateway: FakeGateway, write: Write, look: Look) -> None:
    message = write()
    with writing() as session:
        session.query(Installation).one().frozen_reason = "restored from a backup"
    assert not go()
    assert look(message).state == states.SCHEDULED


def test_a_worker_that_slept_too_long_does_not_begin_the_call(gateway: FakeGateway, write: Write, time: Clock) -> None:
    message = write()
    sending.claim("one")
    submission = sending.submit(message.id, "one")
    assert submission is not None
    time.forward(minutes=90)
    sending.call(submission)
    assert not gateway.sent


def test_a_call_that_was_not_begun_counts_for_nothing_and_nobody_is_asked(
    gateway: FakeGateway, write: Write, look: Look, time: Clock
) -> None:
    message = write()
    for _ in range(reconcile.SENDS + 1):
        sending.claim("one")
        submission = sending.submit(message.id, "one")
        assert submission is not None
        time.forward(minutes=10)
        reconcile.look()  # the sweeper was there first: perhaps it left, for all he knows
        sending.call(submission)
        while look(message).state == states.UNKNOWN:
            time.forward(minutes=16)
            reconcile.look()
        assert look(message).state == states.SCHEDULED
    go()
    assert len(gateway.sent) == 1


def test_at_shutdown_what_was_claimed_goes_back(gateway: FakeGateway, write: Write, look: Look) -> None:
    message = write()
    stopping = threading.Event()
    stopping.set()
    sending.send_due(stopping)
    assert (look(message).state, gateway.sent) == (states.SCHEDULED, [])


def test_canceling_loses_cleanly_to_a_claim(gateway: FakeGateway, write: Write, look: Look) -> None:
    message, other = write(), write()
    sending.claim("one", limit=1)
    with writing() as session:
        first, second = (session.get_one(Message, row.id) for row in (message, other))
        assert sorted([deciding.cancel(session, first), deciding.cancel(session, second)]) == [False, True]


def test_a_canceled_one_is_not_sent(gateway: FakeGateway, write: Write) -> None:
    message = write()
    with writing() as session:
        assert deciding.cancel(session, session.get_one(Message, message.id))
    assert not go()
    assert not gateway.sent


def test_a_plain_text_leaves_without_a_link(gateway: FakeGateway, written: Written) -> None:
    message = written.make(video=False)
    go()
    assert gateway.sent[0]["body"] == message.body


def test_the_clock_looks_only_when_there_is_something(gateway: FakeGateway, write: Write, app: Flask) -> None:
    drains = app.extensions["jobs"].drains["sms"]
    assert not any(drain.due() for drain in drains)
    write()
    assert any(drain.due() for drain in drains)
