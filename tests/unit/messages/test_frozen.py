"""Sending frozen: nothing leaves until each past-due message was looked up at Twilio and a manager lifts it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
from flask.testing import FlaskClient

from tests import cast
from tests.postgres import both_databases
from tests.unit.messages.conftest import Clock, FakeGateway, Written, go
from vidmsg import clock
from vidmsg.accounts.models import Installation, User
from vidmsg.database import reading, writing
from vidmsg.messages import deciding, frozen, links, planned, reconcile, sending, states, thawing
from vidmsg.messages.frozen import NotYet
from vidmsg.messages.models import Message
from vidmsg.sms.gateway import Listed, ListingFailed

pytestmark = both_databases

Write, Look = Callable[..., Message], Callable[[Message], Message]
OTHER_SID = "SM" + "e" * 32


def freeze() -> None:
    with writing() as session:
        frozen.begin(session, "Restored from a backup.")


def lift(home: cast.Cast) -> None:
    with writing() as session:
        frozen.lift(session, session.get_one(User, home.alice.id))


def left() -> int:
    with reading() as session:
        return frozen.left(session)


def look_up() -> None:
    while thawing.look():
        pass


def start(address: str, *, storage_is_new: bool = False) -> str | None:
    """A process starts; why sending is frozen then."""
    with writing() as session:
        row = session.query(Installation).one()
        frozen.at_start(session, row, address=address, storage_is_new=storage_is_new)
        return frozen.reason(session)


def listed(body: str) -> Listed:
    return Listed(OTHER_SID, "delivered", None, body, "outbound-api", clock.now())


def body_of(message: Message) -> str:
    with reading() as session:
        return links.full_body("http://localhost", message, links.current(session, message.id))


def test_what_was_not_sent_elsewhere_goes_after_the_lift(
    gateway: FakeGateway, write: Write, look: Look, time: Clock, home: cast.Cast
) -> None:
    message = write()
    freeze()
    assert not go()
    with pytest.raises(NotYet, match="can be trusted from"):
        lift(home)
    assert not thawing.look()
    time.forward(minutes=16)
    with pytest.raises(NotYet, match="still looked up"):
        lift(home)
    look_up()
    assert left() == 0
    lift(home)
    go()
    assert (look(message).state, len(gateway.sent)) == (states.ACCEPTED, 1)


def test_what_another_copy_sent_is_found_and_never_sent_again(
    gateway: FakeGateway, write: Write, look: Look, time: Clock, home: cast.Cast
) -> None:
    message = write()
    freeze()
    gateway.listings = [[listed(body_of(message))]]
    gateway.fetched = listed(body_of(message))
    time.forward(minutes=16)
    look_up()
    lift(home)
    while go() or reconcile.look():
        pass
    assert (look(message).state, gateway.sent) == (states.DELIVERED, [])


def test_a_plain_text_is_found_by_its_words(
    gateway: FakeGateway, written: Written, look: Look, time: Clock, home: cast.Cast
) -> None:
    message = written.make(video=False)
    freeze()
    gateway.listings = [[listed(message.body)]]
    time.forward(minutes=16)
    look_up()
    assert look(message).state == states.ACCEPTED


def test_another_text_about_then_is_put_before_a_person(
    gateway: FakeGateway, write: Write, look: Look, time: Clock, home: cast.Cast
) -> None:
    message = write()
    freeze()
    gateway.listings = [[listed("Hi Maria, other words with another link")]]
    time.forward(minutes=16)
    look_up()
    assert (look(message).state, look(message).reason) == (states.HELD, frozen.ANOTHER_LEFT)
    lift(home)
    assert not go()


ASIDE = [states.HELD, states.MISSED, states.UNCONFIRMED]


def put_aside(message: Message, state: str) -> None:
    """It waited for somebody's word when the backup was made."""
    with writing() as session:
        session.get_one(Message, message.id).state = state


@pytest.mark.parametrize("state", ASIDE)
def test_what_waited_for_a_word_and_left_from_another_copy_is_found(
    gateway: FakeGateway, write: Write, look: Look, time: Clock, home: cast.Cast, state: str
) -> None:
    message = write()
    put_aside(message, state)
    assert start("") is None
    assert start("https://copy.example.com") is not None  # it may still leave by a button
    gateway.listings = [[listed(body_of(message))]]
    time.forward(minutes=16)
    with pytest.raises(NotYet):
        lift(home)
    look_up()
    lift(home)
    assert look(message).state == states.ACCEPTED
    with writing() as session:
        assert not deciding.release(session, session.get_one(Message, message.id))
    assert gateway.sent == []


@pytest.mark.parametrize("state", ASIDE)
def test_what_waited_for_a_word_says_that_another_text_left_about_then(
    gateway: FakeGateway, write: Write, look: Look, time: Clock, home: cast.Cast, state: str
) -> None:
    message = write()
    put_aside(message, state)
    freeze()
    gateway.listings = [[listed("Hi Maria, other words with another link")]]
    time.forward(minutes=16)
    look_up()
    assert left() == 0
    assert (look(message).state, look(message).reason) == (state, frozen.ANOTHER_LEFT)


def test_what_waited_for_a_word_can_not_be_let_go_before_it_was_looked_up(
    gateway: FakeGateway, write: Write, look: Look, time: Clock, home: cast.Cast, bob: FlaskClient
) -> None:
    message = write()
    put_aside(message, states.HELD)
    freeze()
    told = bob.post(f"/messages/{message.id}/decide", data={"choice": "release"}, follow_redirects=True).text
    assert "Sending is paused, as this may have left from elsewhere." in told
    put_aside(message, states.MISSED)
    said = {"seen": str(look(message).version), "when": "now"}
    told = bob.post(f"/messages/{message.id}/change", data=said, follow_redirects=True).text
    assert "Sending is paused, as this may have left from elsewhere." in told
    time.forward(minutes=16)
    look_up()
    lift(home)
    bob.post(f"/messages/{message.id}/decide", data={"choice": "release"})
    go()
    assert len(gateway.sent) == 1


def test_a_list_that_can_not_be_read_proves_nothing(
    gateway: FakeGateway, write: Write, time: Clock, home: cast.Cast
) -> None:
    write()
    freeze()
    gateway.listings = [ListingFailed("Twilio answered 500.")]
    time.forward(minutes=16)
    assert not thawing.look()
    assert left() == 1
    with pytest.raises(NotYet):
        lift(home)


def test_what_falls_due_while_frozen_is_looked_up_too(
    gateway: FakeGateway, write: Write, time: Clock, home: cast.Cast
) -> None:
    write()
    freeze()
    time.forward(minutes=16)
    look_up()
    write()
    time.forward(minutes=16)
    assert left() == 1
    look_up()
    lift(home)


def test_what_another_copy_sends_while_this_one_is_frozen_is_not_sent_again(
    gateway: FakeGateway, write: Write, look: Look, time: Clock, home: cast.Cast
) -> None:
    freeze()
    time.forward(minutes=30)
    message = write()  # due now; the other copy sends it a moment after we could have looked
    look_up()
    gateway.listings = [[listed(body_of(message))]]
    time.forward(minutes=16)
    look_up()
    lift(home)
    go()
    assert (look(message).state, gateway.sent) == (states.ACCEPTED, [])


def test_what_was_due_just_before_the_lift_is_put_before_a_person(
    gateway: FakeGateway, write: Write, look: Look, time: Clock, home: cast.Cast
) -> None:
    freeze()
    time.forward(minutes=30)
    message = write()
    time.forward(minutes=5)
    look_up()
    lift(home)
    assert not go()
    assert (look(message).state, look(message).reason) == (states.HELD, frozen.JUST_DUE)


def test_where_nothing_is_due_it_is_lifted_at_once(gateway: FakeGateway, home: cast.Cast) -> None:
    freeze()
    lift(home)
    with reading() as session:
        assert frozen.reason(session) is None


def test_a_claim_from_before_the_freeze_is_handed_back(gateway: FakeGateway, write: Write, look: Look) -> None:
    message = write()
    sending.claim("one")
    freeze()
    assert sending.submit(message.id, "one") is None
    assert look(message).state == states.SCHEDULED


def test_a_plan_without_a_video_waits_too(
    gateway: FakeGateway, write: Write, look: Look, time: Clock, home: cast.Cast
) -> None:
    message = write()
    with writing() as session:
        row = session.get_one(Message, message.id)
        row.state, row.look_at, row.no_video = states.PLANNED, clock.now(), "ask"
    freeze()
    while reconcile.look():
        pass
    assert look(message).state == states.PLANNED
    time.forward(minutes=16)
    look_up()
    lift(home)
    time.forward(minutes=2)
    while reconcile.look():
        pass
    assert (look(message).state, look(message).reason) == (states.HELD, planned.NO_VIDEO)


def test_another_address_freezes_what_is_pending(write: Write) -> None:
    assert start("https://hi.example.com") is None  # the first start knows no other
    write()
    assert start("https://hi.example.com") is None
    assert "https://copy.example.com" in (start("https://copy.example.com") or "")


def test_another_address_freezes_nothing_where_nothing_is_pending(home: cast.Cast) -> None:
    start("https://hi.example.com")
    assert start("https://other.example.com") is None


def test_an_empty_storage_beside_pending_messages_freezes(write: Write) -> None:
    start("")
    write()
    assert "copy" in (start("", storage_is_new=True) or "")


def test_a_manager_sees_why_and_lifts_it(
    gateway: FakeGateway, write: Write, time: Clock, home: cast.Cast, sign_in: Callable[[Any], FlaskClient]
) -> None:
    write()
    freeze()
    alice, bob = sign_in(home.alice), sign_in(home.bob)
    assert "Restored from a backup." in alice.get("/sending").text
    assert "A manager can lift that." in bob.get("/people").text
    assert "can be trusted from" in alice.post("/sending/lift", follow_redirects=True).text
    time.at(clock.now() + dt.timedelta(minutes=16))
    look_up()
    assert "Texts leave again." in alice.post("/sending/lift", follow_redirects=True).text
    assert "Sending is paused" not in bob.get("/people").text
    assert go()
