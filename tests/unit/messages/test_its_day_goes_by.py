"""A text is held, and its day goes by: it is missed like any, and whoever lets it go first sees words for that."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
from flask.testing import FlaskClient

from tests import cast
from tests.postgres import both_databases
from tests.unit.messages.conftest import FIRST, NOON, Clock, FakeGateway, go
from vidmsg import tokens
from vidmsg.accounts.models import Organisation, User
from vidmsg.database import reading, writing
from vidmsg.messages import approval, changing, compose, deciding, leavers, reconcile, states
from vidmsg.messages.models import ASK, Message, StatusEvent
from vidmsg.people.models import Person

pytestmark = both_databases

SignIn, Look = Callable[[Any], FlaskClient], Callable[[Message], Message]
THE_DAY = dt.date(2026, 3, 5)
TEN_PAST_NINE = dt.datetime(2026, 3, 5, 17, 10, tzinfo=dt.UTC)  # in Seattle
ITS_EVENING = dt.datetime(2026, 3, 6, 5, 0, tzinfo=dt.UTC)  # 21:00, the hours are over
MIDNIGHT = dt.datetime(2026, 3, 6, 8, 0, tzinfo=dt.UTC)
HELLO = "Hi Maria, it's Bob from Harbor Spa."
KIND = "I made you a short video. It comes a day late, but from the heart. Reply STOP to opt out."
OVER = "Maria's day is over. Look at the words once more, then send them."


@pytest.fixture
def message(home: cast.Cast) -> Message:
    """Bob's for the fifth of March, which waits for a manager's yes."""
    with writing() as session:
        session.get_one(Organisation, home.organisation.id).approval = True
        return compose.compose(
            session, sender=session.get_one(User, home.bob.id), person=session.get_one(Person, home.maria.id),
            video=None, body=FIRST, words="", request_key=tokens.new_token(), due_at=TEN_PAST_NINE,
            plan=compose.Plan(send_on=THE_DAY),
        )  # fmt: skip


@pytest.fixture
def alice(home: cast.Cast, sign_in: SignIn) -> FlaskClient:
    return sign_in(home.alice)


def work() -> None:
    while reconcile.look() or go():
        pass


def test_when_its_day_is_over_it_is_missed(message: Message, look: Look, time: Clock, gateway: FakeGateway) -> None:
    time.at(MIDNIGHT - dt.timedelta(minutes=1))
    work()
    assert (look(message).state, look(message).reason) == (states.HELD, approval.WAITS)
    time.at(MIDNIGHT)
    work()
    assert (look(message).state, gateway.sent) == (states.MISSED, [])
    assert "Maria's day was 5 March." in (look(message).reason or "")
    with reading() as session:
        last = session.query(StatusEvent).order_by(StatusEvent.id.desc()).first()
        assert last is not None
        assert (last.from_state, last.to_state, last.mover) == (states.HELD, states.MISSED, states.SENDER)


def test_one_that_was_held_later_is_missed_too(message: Message, look: Look, time: Clock, home: cast.Cast) -> None:
    with writing() as session:
        deciding.release(session, session.get_one(Message, message.id), session.get_one(User, home.alice.id))
        leavers.hold(session, session.get_one(User, home.bob.id), 10)
    assert look(message).state == states.HELD
    time.at(MIDNIGHT)
    work()
    assert look(message).state == states.MISSED


def test_a_day_that_was_moved_is_over_later(message: Message, look: Look, time: Clock) -> None:
    with writing() as session:
        row = session.get_one(Message, message.id)
        row.send_on, row.due_at = THE_DAY + dt.timedelta(days=1), TEN_PAST_NINE + dt.timedelta(days=1)
    time.at(MIDNIGHT)
    work()
    assert look(message).state == states.HELD
    time.at(MIDNIGHT + dt.timedelta(days=1))
    work()
    assert look(message).state == states.MISSED


@pytest.mark.parametrize("values", [{"send_on": None}, {"purpose": ASK}])
def test_one_for_no_day_and_one_to_a_rep_stay_held(
    message: Message, look: Look, time: Clock, values: dict[str, Any]
) -> None:
    with writing() as session:
        row = session.get_one(Message, message.id)
        for name, value in values.items():
            setattr(row, name, value)
    time.at(MIDNIGHT)
    work()
    assert (look(message).state, look(message).look_at) == (states.HELD, None)


@pytest.mark.parametrize("at", [ITS_EVENING, MIDNIGHT])
@pytest.mark.parametrize("way", ["page", "operating", "leaving"])
@pytest.mark.parametrize("state", [states.HELD, states.MISSED])
def test_by_no_button_do_the_old_words_go_late(
    alice: FlaskClient,
    message: Message,
    look: Look,
    time: Clock,
    home: cast.Cast,
    at: dt.datetime,
    way: str,
    state: str,
) -> None:
    time.at(at)
    with writing() as session:
        session.get_one(Message, message.id).state = state
    addresses = {
        "page": f"/messages/{message.id}/decide",
        "operating": f"/operating/messages/{message.id}",
        "leaving": f"/team/{home.bob.id}/texts/{message.id}",
    }
    answer = alice.post(addresses[way], data={"choice": "release"})
    assert answer.location == f"/messages/{message.id}"
    assert OVER.replace("'", "&#39;") in alice.get(answer.location).text
    assert look(message).state == state


def test_its_own_page_offers_words_for_that_and_sends_them(
    alice: FlaskClient, message: Message, look: Look, time: Clock, gateway: FakeGateway
) -> None:
    time.at(MIDNIGHT + dt.timedelta(hours=10))
    page = alice.get(f"/messages/{message.id}").text
    assert KIND in page
    assert "Maria&#39;s day was 5 March." in page
    assert 'value="release"' not in page
    given = {"seen": str(look(message).version), "body": f"{HELLO} {KIND}", "when": "now"}
    alice.post(f"/messages/{message.id}/change", data=given)
    work()
    assert [one["body"] for one in gateway.sent] == [f"{HELLO} {KIND}"]


def test_in_the_evening_of_its_day_it_is_offered_as_it_would_come(
    alice: FlaskClient, message: Message, time: Clock
) -> None:
    time.at(ITS_EVENING)
    assert KIND in alice.get(f"/messages/{message.id}").text


def test_a_reps_kind_words_still_wait_for_the_yes(
    bob: FlaskClient, message: Message, look: Look, time: Clock, gateway: FakeGateway
) -> None:
    time.at(MIDNIGHT + dt.timedelta(hours=10))
    given = {"seen": str(look(message).version), "body": f"{HELLO} {KIND}", "when": "now"}
    bob.post(f"/messages/{message.id}/change", data=given)
    work()
    assert (look(message).state, look(message).reason, gateway.sent) == (states.HELD, approval.WAITS, [])


def test_lists_lead_to_its_page_instead_of_letting_it_go(
    alice: FlaskClient, message: Message, time: Clock, home: cast.Cast
) -> None:
    assert 'value="release"' in alice.get("/operating?kind=held").text
    time.at(MIDNIGHT)
    shown = alice.get("/operating?kind=held").text
    assert 'value="release"' not in shown
    assert "Look at the words" in shown
    with writing() as session:
        session.get_one(User, home.bob.id).active = False
    shown = alice.get(f"/team/{home.bob.id}/leaving").text
    assert 'value="release"' not in shown
    assert "Its day is over: look at the words" in shown


def test_until_then_it_goes_as_before(
    alice: FlaskClient, message: Message, look: Look, time: Clock, gateway: FakeGateway
) -> None:
    time.at(TEN_PAST_NINE + dt.timedelta(hours=5))
    alice.post(f"/messages/{message.id}/decide", data={"choice": "release"})
    work()
    assert [one["body"] for one in gateway.sent] == [FIRST]


def test_a_held_one_within_its_day_stays_held_when_its_moment_is_changed(
    message: Message, look: Look, home: cast.Cast
) -> None:
    with writing() as session:
        by = session.get_one(User, home.bob.id)
        later = TEN_PAST_NINE + dt.timedelta(hours=1)
        changing.reschedule(session, session.get_one(Message, message.id), by=by, due_at=later, send_on=THE_DAY)
    assert (look(message).state, look(message).due_at) == (states.HELD, later)
    assert later > NOON


@pytest.fixture
def unsure(message: Message) -> Message:
    """The same, left on its day, and nobody knows whether it arrived."""
    with writing() as session:
        row = session.get_one(Message, message.id)
        row.state, row.tries, row.approved_by, row.look_at = states.UNCONFIRMED, 1, row.sender_id, None
    return message


@pytest.mark.parametrize("where", ["/messages/{}/decide", "/operating/messages/{}"])
def test_sent_again_after_its_day_it_is_looked_at_first(
    alice: FlaskClient, unsure: Message, look: Look, time: Clock, gateway: FakeGateway, where: str
) -> None:
    time.at(MIDNIGHT + dt.timedelta(hours=10))
    assert "Look, then send again" in alice.get(f"/messages/{unsure.id}").text
    assert "Look, then send again" in alice.get("/operating?kind=unconfirmed").text
    answer = alice.post(where.format(unsure.id), data={"choice": "again"})
    assert answer.location == f"/messages/{unsure.id}"
    work()
    assert (look(unsure).state, gateway.sent) == (states.MISSED, [])
    assert KIND in alice.get(answer.location).text
    given = {"seen": str(look(unsure).version), "body": f"{HELLO} {KIND}", "when": "now"}
    alice.post(f"/messages/{unsure.id}/change", data=given)
    work()
    assert [one["body"] for one in gateway.sent] == [f"{HELLO} {KIND}"]


def test_sent_again_on_its_day_it_goes_as_it_is(
    alice: FlaskClient, unsure: Message, time: Clock, gateway: FakeGateway
) -> None:
    time.at(TEN_PAST_NINE + dt.timedelta(hours=2))
    assert "Look, then send again" not in alice.get(f"/messages/{unsure.id}").text
    alice.post(f"/messages/{unsure.id}/decide", data={"choice": "again"})
    work()
    assert [one["body"] for one in gateway.sent] == [FIRST]
