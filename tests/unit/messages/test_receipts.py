"""Status callbacks: forged, early, doubled, reordered, replayed, unknown. The end is the same whatever the order."""

from __future__ import annotations

import itertools
import threading
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests import cast
from tests.postgres import both_databases
from tests.unit.messages.conftest import FakeGateway, go
from vidmsg.accounts.models import Organisation
from vidmsg.database import reading, writing
from vidmsg.messages import deciding, receipts, sending, states
from vidmsg.messages.models import Attempt, Message, StatusEvent
from vidmsg.messages.move import move
from vidmsg.people import consent
from vidmsg.sms.gateway import Unclear

pytestmark = both_databases

Write, Look = Callable[..., Message], Callable[[Message], Message]
SID = f"SM{1:032d}"


def told(status: str, sid: str = SID, code: int | None = None) -> bool:
    with writing() as session:
        return receipts.apply(session, session.query(Attempt).one(), sid=sid, status=status, error_code=code)


@pytest.mark.parametrize(
    ("said", "end"),
    [
        (("queued", "sent", "delivered"), states.DELIVERED),
        (("queued", "sent", "undelivered"), states.UNDELIVERED),
        (("sent", "failed", "failed"), states.FAILED),
        (("queued", "sent", "delivered", "undelivered"), states.DELIVERED),
    ],
)
def test_every_order_with_doubles_ends_alike(
    gateway: FakeGateway, write: Write, look: Look, home: cast.Cast, said: tuple[str, ...], end: str
) -> None:
    with writing() as session:
        session.get_one(Organisation, home.organisation.id).person_daily_cap = 999
    orders = sorted(set(itertools.permutations((*said, said[0]))))
    for number, order in enumerate(orders):
        gateway.outcomes = []
        sid = f"SM{number:032x}"
        message = write()
        go()
        with writing() as session:
            attempt = session.query(Attempt).filter_by(message_id=message.id).one()
            attempt.sid = sid
        for status in order:
            with writing() as session:
                attempt = session.query(Attempt).filter_by(message_id=message.id).one()
                receipts.apply(session, attempt, sid=sid, status=status, error_code=None)
        assert look(message).state == end, order
        with reading() as session:
            moves = [event.to_state for event in session.query(StatusEvent).filter_by(message_id=message.id)]
        assert len(moves) == len(set(moves)), order


def test_a_replay_changes_nothing(gateway: FakeGateway, write: Write, look: Look) -> None:
    message = write()
    go()
    assert told("delivered")
    version = look(message).version
    assert not told("delivered")
    assert not told("sent")
    assert look(message).version == version


def test_a_failure_is_told_in_a_sentence(gateway: FakeGateway, write: Write, look: Look) -> None:
    message = write()
    go()
    told("undelivered", code=30003)
    assert look(message).reason == "The phone couldn't be reached. It may be off or out of range; try again later."
    assert look(message).error_code == 30003


def test_a_failure_without_a_code_is_told_too(gateway: FakeGateway, write: Write, look: Look) -> None:
    message = write()
    go()
    told("failed")
    assert look(message).reason == "The network did not deliver it, and did not say why."


def test_another_texts_receipt_moves_nothing(gateway: FakeGateway, write: Write, look: Look) -> None:
    message = write()
    go()
    assert not told("delivered", sid="SM" + "e" * 32)
    assert look(message).state == states.ACCEPTED


def test_a_status_nobody_knows_moves_nothing(gateway: FakeGateway, write: Write, look: Look) -> None:
    message = write()
    go()
    assert not told("teleported")
    assert look(message).state == states.ACCEPTED


def test_opted_out_by_receipt_is_off_in_the_ledger(gateway: FakeGateway, write: Write, home: cast.Cast) -> None:
    write()
    go()
    told("failed", code=21610)
    with reading() as session:
        latest = consent.current(session, home.organisation.id, cast.MARIA_PHONE)
        assert latest is not None
        assert latest.action == "revoked"


def test_receipts_that_race_move_once_each(app: Flask, gateway: FakeGateway, write: Write, look: Look) -> None:
    message = write()
    go()
    start = threading.Barrier(4)

    def tell(status: str) -> None:
        with app.app_context():
            start.wait()
            told(status)

    callers = [threading.Thread(target=tell, args=(status,)) for status in ("sent", "delivered", "sent", "delivered")]
    for caller in callers:
        caller.start()
    for caller in callers:
        caller.join()
    assert look(message).state == states.DELIVERED
    with reading() as session:
        assert session.query(StatusEvent).filter_by(to_state=states.DELIVERED).count() == 1


class Hook:
    """Calls a hook as Twilio would, or nearly."""

    def __init__(self, app: Flask, client: FlaskClient) -> None:
        self.app, self.client = app, client

    def __call__(self, path: str, form: dict[str, str], signature: str | None = None, query: str = "") -> Any:
        url = f"http://localhost{path}{query}"
        signature = self.app.extensions["simulator"].sign(url, form) if signature is None else signature
        headers = {"X-Twilio-Signature": signature} if signature else {}
        return self.client.post(path + query, data=form, headers=headers)


@pytest.fixture
def hook(app: Flask, client: FlaskClient) -> Hook:
    return Hook(app, client)


@pytest.fixture
def submitted(home: cast.Cast, write: Write) -> sending.Submission:
    """In the middle of the call, on the simulated network."""
    message = write()
    sending.claim("me")
    found = sending.submit(message.id, "me")
    assert found is not None
    return found


def form(status: str, **more: str) -> dict[str, str]:
    return {"MessageSid": SID, "MessageStatus": status, "AccountSid": "AC", **more}


def test_a_signed_callback_is_believed_even_before_our_own_commit(
    hook: Hook, submitted: sending.Submission, app: Flask
) -> None:
    path = f"/hooks/twilio/status/{submitted.message_id}/{submitted.attempt_id}"
    assert hook(path, form("sent")).status_code == 204
    with reading() as session:
        assert session.get_one(Message, submitted.message_id).state == states.SENT
        assert session.get_one(Attempt, submitted.attempt_id).sid == SID


@pytest.mark.parametrize("signature", ["", "forged", "RSOYDt4T1cUTdK1PDd93/VVr8B8="])
def test_a_missing_or_forged_signature_gets_403(hook: Hook, submitted: sending.Submission, signature: str) -> None:
    path = f"/hooks/twilio/status/{submitted.message_id}/{submitted.attempt_id}"
    assert hook(path, form("delivered"), signature=signature).status_code == 403
    stop = {"MessageSid": SID, "From": cast.MARIA_PHONE, "Body": "STOP"}
    assert hook("/hooks/twilio/inbound", stop, signature).status_code == 403
    with reading() as session:
        assert session.get_one(Message, submitted.message_id).state == states.SUBMITTING


def test_a_signature_for_other_words_gets_403(hook: Hook, submitted: sending.Submission, app: Flask) -> None:
    path = f"/hooks/twilio/status/{submitted.message_id}/{submitted.attempt_id}"
    signed = app.extensions["simulator"].sign(f"http://localhost{path}", form("sent"))
    assert hook(path, form("delivered"), signature=signed).status_code == 403


def test_a_signature_with_its_query_is_right_and_without_it_is_wrong(hook: Hook, submitted: sending.Submission) -> None:
    path = f"/hooks/twilio/status/{submitted.message_id}/{submitted.attempt_id}"
    assert hook(path, form("sent"), query="?a=1&b=2").status_code == 204


def test_unknown_ids_get_404_when_signed(hook: Hook, submitted: sending.Submission) -> None:
    assert hook(f"/hooks/twilio/status/{submitted.message_id}/nobody", form("sent")).status_code == 404
    assert hook(f"/hooks/twilio/status/nobody/{submitted.attempt_id}", form("sent")).status_code == 404


@pytest.mark.parametrize(
    "more", [{"ErrorCode": "NaN"}, {"ErrorCode": "-1"}, {"ErrorCode": "9" * 40}, {"ErrorCode": "٣"}, {"x": "\x00"}]
)
def test_odd_forms_are_answered_quietly(hook: Hook, submitted: sending.Submission, more: dict[str, str]) -> None:
    path = f"/hooks/twilio/status/{submitted.message_id}/{submitted.attempt_id}"
    assert hook(path, form("failed", **more)).status_code == 204
    assert hook(path, {}).status_code == 204


def test_a_get_is_not_allowed(client: FlaskClient, submitted: sending.Submission) -> None:
    assert client.get(f"/hooks/twilio/status/{submitted.message_id}/{submitted.attempt_id}").status_code == 405


@pytest.mark.parametrize("aside", [states.HELD, states.MISSED])
def test_a_resend_that_was_put_aside_is_over_when_the_first_text_did_arrive(
    gateway: FakeGateway, write: Write, look: Look, aside: str
) -> None:
    gateway.outcomes = [Unclear("the line broke")]
    message = write()
    go()
    with writing() as session:  # looked for in vain, due once more, and then put aside
        row = session.get_one(Message, message.id)
        assert move(session, row, states.SCHEDULED, mover=states.RECONCILER)
        assert move(session, row, states.CLAIMED, mover=states.SENDER)
        assert move(session, row, aside, mover=states.SENDER, detail="a reason")
    assert told("delivered")
    assert look(message).state == states.DELIVERED
    with writing() as session:
        assert not deciding.release(session, session.get_one(Message, message.id))
