"""How much leaves, how fast, and to where; and words that somebody must read first."""

from __future__ import annotations

import datetime as dt
import threading
from collections.abc import Callable

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from tests import cast
from tests.postgres import both_databases
from tests.unit.messages.conftest import NOON, Clock, FakeGateway, go
from vidmsg import clock
from vidmsg.accounts.models import Organisation
from vidmsg.config import Settings
from vidmsg.database import db, reading, writing
from vidmsg.messages import caps, deciding, inbound, rate, reconcile, replies, sooner, states
from vidmsg.messages.inbound import Received
from vidmsg.messages.models import Attempt, Inbound, Message, SenderRate
from vidmsg.people import consent
from vidmsg.people.models import Person
from vidmsg.sms.gateway import RefusedFinal, Unclear

pytestmark = both_databases

Write, Look = Callable[..., Message], Callable[[Message], Message]
SENDER = "+12065550199"


def rule(home: cast.Cast, **values: object) -> None:
    with writing() as session:
        organisation = session.get_one(Organisation, home.organisation.id)
        for name, value in values.items():
            setattr(organisation, name, value)


def release(message: Message) -> None:
    with writing() as session:
        assert deciding.release(session, session.get_one(Message, message.id))


def customer(home: cast.Cast, number: str) -> Person:
    with writing() as session:
        return cast.customer(session, session.merge(home.bob), "Tom", "", number)


def test_a_third_text_a_day_waits_for_a_person_and_then_goes(
    gateway: FakeGateway, write: Write, look: Look, time: Clock
) -> None:
    first, second, third = write(), write(), write()
    go()
    assert sorted(look(one).state for one in (first, second, third)) == [states.ACCEPTED, states.ACCEPTED, states.HELD]
    (held,) = [one for one in (first, second, third) if look(one).state == states.HELD]
    assert look(held).reason == "Maria had 2 texts from here today already. Look, then send it or not."
    release(held)
    go()
    assert look(held).state == states.ACCEPTED


def test_the_next_day_counts_anew(gateway: FakeGateway, write: Write, look: Look, time: Clock) -> None:
    write(), write()
    go()
    time.forward(days=1)
    message = write()
    go()
    assert look(message).state == states.ACCEPTED


def test_a_refused_text_is_not_counted(gateway: FakeGateway, write: Write, home: cast.Cast, look: Look) -> None:
    rule(home, person_daily_cap=1)
    gateway.outcomes = [RefusedFinal(30007, "filtered")]
    write()
    go()
    message = write()
    go()
    assert look(message).state == states.ACCEPTED


def another(write: Write, home: cast.Cast, send_on: dt.date | None = None) -> Message:
    """A text to Tom, who lives in Seattle too, perhaps for a day of his."""
    message = write(to=customer(home, "+12065550143"))
    with writing() as session:
        session.get_one(Message, message.id).send_on = send_on
    return message


def test_what_the_organisations_number_of_texts_a_day_puts_off_goes_the_next_morning_by_itself(
    gateway: FakeGateway, write: Write, look: Look, home: cast.Cast, time: Clock, bob: FlaskClient
) -> None:
    rule(home, daily_cap=1)
    write()
    go()
    message = another(write, home)
    go()
    assert (look(message).state, len(gateway.sent)) == (states.SCHEDULED, 1)
    assert look(message).due_at == dt.datetime(2026, 3, 5, 17, tzinfo=dt.UTC)  # nine in Seattle
    assert "The 1 texts that may leave in a day are used up." in bob.get(f"/messages/{message.id}").text
    time.forward(hours=12)
    assert not go()
    time.at(dt.datetime(2026, 3, 5, 17, 0, 1, tzinfo=dt.UTC))
    go()
    assert look(message).state == states.ACCEPTED


def test_what_has_no_room_on_its_own_day_waits_for_a_person_and_then_is_missed(
    gateway: FakeGateway, write: Write, look: Look, home: cast.Cast, time: Clock
) -> None:
    rule(home, daily_cap=1)
    write()
    go()
    message = another(write, home, NOON.date())
    go()
    assert (look(message).state, look(message).reason) == (
        states.HELD,
        f"The 1 {caps.USED_UP} A manager can allow more.",
    )
    release(message)
    go()
    assert look(message).state == states.HELD  # the rep alone can't go over it
    time.forward(days=1)
    while reconcile.look() or go():
        pass
    assert (look(message).state, len(gateway.sent)) == (states.MISSED, 1)


@pytest.mark.parametrize("send_on", [None, NOON.date()])
def test_when_a_manager_allows_more_a_day_what_waited_for_room_goes_at_once(
    gateway: FakeGateway, write: Write, look: Look, home: cast.Cast, send_on: dt.date | None
) -> None:
    rule(home, daily_cap=1)
    write()
    go()
    message = another(write, home, send_on)
    go()
    rule(home, daily_cap=2)
    sooner.make_room(home.organisation.id)
    go()
    assert look(message).state == states.ACCEPTED


def test_nothing_goes_abroad_unless_the_country_is_on_the_list(
    gateway: FakeGateway, write: Write, look: Look, home: cast.Cast
) -> None:
    tom = customer(home, "+447400123456")
    with writing() as session:
        session.get_one(Person, tom.id).time_zone = "America/New_York"
    message = write(to=tom)
    go()
    assert (look(message).state, gateway.sent) == (states.HELD, [])
    assert "country" in (look(message).reason or "")
    rule(home, allowed_countries="US, GB")
    release(message)
    go()
    assert look(message).state == states.ACCEPTED


def test_a_puzzled_reply_holds_until_somebody_has_read_it(
    gateway: FakeGateway, write: Write, look: Look, home: cast.Cast
) -> None:
    with writing() as session:
        inbound.receive(session, Received("SM" + "a" * 32, cast.MARIA_PHONE, SENDER, "Who is this?"))
    with reading() as session:
        (waiting,) = replies.unseen(session, home.bob)
    message = write()
    go()
    assert (look(message).state, gateway.sent) == (states.HELD, [])
    assert look(message).reason == "Maria wrote “Who is this?”. Read and answer that first, then send it or not."
    release(message)
    go()
    assert look(message).state == states.HELD
    with writing() as session:
        replies.mark_seen(session.get_one(Inbound, waiting.id))
    release(message)
    go()
    assert look(message).state == states.ACCEPTED


def test_a_plain_sentence_ends_texts_everywhere(
    gateway: FakeGateway, write: Write, look: Look, home: cast.Cast
) -> None:
    with writing() as session:
        elsewhere = cast.organisation(session, "Pine Dental")
        team = cast.team(session, elsewhere, "Desk")
        cast.customer(session, cast.user(session, team, "Eve Ember"))
    message = write()
    with writing() as session:
        inbound.receive(session, Received("SM" + "b" * 32, cast.MARIA_PHONE, SENDER, "Please stop texting me."))
    go()
    assert (look(message).state, gateway.sent) == (states.SUPPRESSED, [])
    with reading() as session:
        for one in (home.organisation.id, elsewhere.id):
            assert not consent.is_granted(session, one, cast.MARIA_PHONE)
            assert consent.asked_to_stop(session, one, cast.MARIA_PHONE)


def taken(wanted: int, a_second: float, now: dt.datetime = NOON) -> int:
    with writing() as session:
        return rate.take(session, SENDER, wanted, now, a_second)


def statements(work: Callable[[], object]) -> list[str]:
    """What the database is asked meanwhile."""
    seen: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        seen.append(statement)

    sa.event.listen(db.engine, "before_cursor_execute", note)
    work()
    sa.event.remove(db.engine, "before_cursor_execute", note)
    return seen


def test_texts_leave_no_faster_than_the_sender_may(home: cast.Cast) -> None:
    granted = [taken(100, 20, NOON + dt.timedelta(seconds=second)) for second in range(8)]
    assert granted[0] <= 31  # a second and a half may come together
    assert granted[2:] == [20] * 6


def test_a_slow_sender_gets_one_at_a_time(home: cast.Cast) -> None:
    granted = [taken(5, 1, NOON + dt.timedelta(seconds=second)) for second in range(10)]
    assert sum(granted) <= 11
    assert granted[3:] == [1] * 7


def test_a_whole_batch_is_granted_in_as_few_statements_as_one_text(home: cast.Cast) -> None:
    few, many = statements(lambda: taken(1, 1000)), statements(lambda: taken(500, 1000))
    assert len(many) <= len(few)


def test_without_a_limit_nothing_is_written(home: cast.Cast) -> None:
    assert taken(500, 0) == 500
    with reading() as session:
        assert session.query(SenderRate).count() == 0


def test_after_a_silence_nothing_is_saved_up(home: cast.Cast) -> None:
    taken(1, 1)
    assert taken(100, 1, NOON + dt.timedelta(hours=1)) <= 2


def test_a_clock_put_back_does_not_stop_the_sender(home: cast.Cast) -> None:
    taken(5, 1, NOON)
    assert taken(1, 1, NOON - dt.timedelta(hours=1)) == 1
    assert taken(9, 1, NOON - dt.timedelta(hours=1)) <= 1


def test_all_workers_share_one_rate(app: Flask, home: cast.Cast) -> None:
    granted: list[int] = []

    def work() -> None:
        with app.app_context():
            granted.extend(taken(1, 10) for _ in range(10))

    workers = [threading.Thread(target=work) for _ in range(4)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert sum(granted) == 16


@pytest.fixture
def limited(app: Flask) -> None:
    app.config["SETTINGS"] = app.config["SETTINGS"].model_copy(update={"sms_per_second": 1.0})


@pytest.mark.usefixtures("limited")
def test_what_may_not_leave_yet_stays_scheduled(
    gateway: FakeGateway, write: Write, look: Look, home: cast.Cast, time: Clock
) -> None:
    rule(home, person_daily_cap=99)
    made = [write() for _ in range(6)]
    while go():
        pass
    assert len(gateway.sent) < len(made)
    assert {look(one).state for one in made} == {states.ACCEPTED, states.SCHEDULED}
    for _ in made:
        time.forward(seconds=1)
        go()
    assert len(gateway.sent) == len(made)


def test_the_limit_is_one_a_second_with_twilio_and_none_in_practice(
    home: cast.Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv(clock.OFFSET_FILE)
    assert Settings(_env_file=None).texts_a_second == 0
    real = {
        "twilio_account_sid": "AC1",
        "twilio_auth_token": "x",
        "twilio_from": "+12065550100",
        "public_url": "https://a.b",
    }
    assert Settings(_env_file=None, **real).texts_a_second == 1
    assert Settings(_env_file=None, sms_per_second=2.5).texts_a_second == 2.5


def test_the_strict_never_send_what_may_have_left(
    app: Flask, gateway: FakeGateway, write: Write, look: Look, time: Clock
) -> None:
    app.config["SETTINGS"] = app.config["SETTINGS"].model_copy(update={"resend_unknown": "never"})
    gateway.outcomes = [Unclear("read timeout")]
    message = write()
    go()
    for _ in range(3):
        time.forward(minutes=16)
        while reconcile.look() or go():
            pass
    assert (look(message).state, len(gateway.sent)) == (states.UNCONFIRMED, 1)


def test_the_day_begins_where_the_person_is(
    gateway: FakeGateway, write: Write, look: Look, home: cast.Cast, time: Clock
) -> None:
    rule(home, person_daily_cap=1, closes=24)
    time.at(dt.datetime(2026, 3, 5, 7, 0, tzinfo=dt.UTC))  # 23:00 in Seattle, already Thursday in UTC
    write()
    go()
    time.at(dt.datetime(2026, 3, 5, 17, 30, tzinfo=dt.UTC))
    message = write()
    go()
    assert look(message).state == states.ACCEPTED
    with reading() as session:
        assert {attempt.created_at.date() for attempt in session.query(Attempt)} == {clock.now().date()}
