"""Twenty-seven callbacks: nine things that can happen to one, each while our call is under way, once Twilio has the
text, and once it arrived. Whatever is called: the state goes forward only, each real change leaves one event, the
answer is right, and where callbacks stay away Twilio is asked."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests import cast
from tests.postgres import both_databases
from tests.unit.messages.conftest import NOON, FakeGateway
from tests.unit.safety.conftest import Standing
from vidmsg import clock
from vidmsg.database import reading, writing
from vidmsg.messages import compose, reconcile, sending, states
from vidmsg.messages.models import Attempt, Message, StatusEvent
from vidmsg.sms.gateway import Accepted, Listed
from vidmsg.tokens import new_token

SID, THEIR_SID, STRANGE_SID = ("SM" + digit * 32 for digit in "123")
SUBMITTING, ACCEPTED, SENT, DELIVERED = states.SUBMITTING, states.ACCEPTED, states.SENT, states.DELIVERED
QUESTIONS = [dt.timedelta(minutes=10), *(dt.timedelta(hours=hours) for hours in (1, 12, 48))]
THEIR_WORDS = "Hi Tom, it's Eve from Pine Dental. See you on Friday. Reply STOP to opt out."


@dataclass(frozen=True)
class Call:
    """One call of the status hook. `of`: whose message and attempt the address names (ours, another tenant's, those of
    another installation, or our message with the tenant's attempt); `times`: how often it is made."""

    status: str = "sent"
    answer: int = 204
    sid: str = SID
    of: str = "ours"
    forged: bool = False
    more: tuple[tuple[str, str], ...] = ()
    times: int = 1


@dataclass(frozen=True)
class Case:
    """What is called in which state, what the state is then, and what once our own commit has come. `learns`: the SID
    that the attempt has in the end."""

    name: str
    state: str
    calls: tuple[Call, ...]
    then: str
    settled: str
    learns: str = SID


MALFORMED = (
    Call(status=""),
    Call(status="teleported"),
    Call(sid=""),
    Call(sid="SM1"),
    Call(sid="SM\x00" + "1" * 31),
    Call(sid="SM" + "1" * 400),
    Call(sid="' OR 1=1 --" + "1" * 23),
)
ODD = (("ErrorCode", "9" * 40), ("ErrorMessage", "\x00"), ("Extra", "é" * 999))
FORGED = (Call(answer=403, forged=True), Call("delivered", answer=403, forged=True))
STRANGE = (
    Call("delivered", answer=404, of="elsewhere"),
    Call("delivered", answer=404, of="mixed"),
    Call("delivered", sid=THEIR_SID),  # the tenant's own text, told to our address
)
CASES = (
    Case("lost", SUBMITTING, (), SUBMITTING, ACCEPTED),
    Case("lost", ACCEPTED, (), ACCEPTED, ACCEPTED),
    Case("lost", DELIVERED, (), DELIVERED, DELIVERED),
    Case("doubled", SUBMITTING, (Call(times=2),), SENT, SENT),
    Case("doubled", ACCEPTED, (Call(times=2),), SENT, SENT),
    Case("doubled", DELIVERED, (Call("delivered", times=2),), DELIVERED, DELIVERED),
    Case("reordered", SUBMITTING, (Call("sent"), Call("queued")), SENT, SENT),
    Case("reordered", ACCEPTED, (Call("delivered"), Call("sent"), Call("queued")), DELIVERED, DELIVERED),
    Case("reordered", DELIVERED, (Call("undelivered"), Call("sent")), DELIVERED, DELIVERED),
    Case("forged", SUBMITTING, FORGED, SUBMITTING, ACCEPTED),
    Case("forged", ACCEPTED, FORGED, ACCEPTED, ACCEPTED),
    Case("forged", DELIVERED, (Call("failed", answer=403, forged=True),), DELIVERED, DELIVERED),
    Case("replayed", SUBMITTING, (Call(times=100),), SENT, SENT),
    Case("replayed", ACCEPTED, (Call("delivered", times=100),), DELIVERED, DELIVERED),
    Case("replayed", DELIVERED, (Call("sent", times=100),), DELIVERED, DELIVERED),
    Case("early", SUBMITTING, (Call("queued"),), ACCEPTED, ACCEPTED),
    Case("early", ACCEPTED, (Call("delivered"),), DELIVERED, DELIVERED),  # nobody said "sent" before
    Case("early", DELIVERED, (Call("read"),), DELIVERED, DELIVERED),
    # The address alone names our attempt: what Twilio signs for it tells us the SID that we don't know yet.
    Case("unknown sid", SUBMITTING, (Call(sid=STRANGE_SID),), SENT, SENT, learns=STRANGE_SID),
    Case("unknown sid", ACCEPTED, (Call("delivered", sid=STRANGE_SID),), ACCEPTED, ACCEPTED),
    Case("unknown sid", DELIVERED, (Call("failed", sid=STRANGE_SID),), DELIVERED, DELIVERED),
    Case("other tenant", SUBMITTING, STRANGE, SUBMITTING, ACCEPTED),
    Case("other tenant", ACCEPTED, STRANGE, ACCEPTED, ACCEPTED),
    Case("other tenant", DELIVERED, STRANGE, DELIVERED, DELIVERED),
    Case("malformed", SUBMITTING, MALFORMED, SUBMITTING, ACCEPTED),
    Case("malformed", ACCEPTED, (*MALFORMED, Call(more=ODD)), SENT, SENT),
    Case("malformed", DELIVERED, (*MALFORMED, Call("failed", more=ODD)), DELIVERED, DELIVERED),
)


class Twilio(FakeGateway):
    """Says "sent" until the last question, and knows when it was asked."""

    def __init__(self, signed: Callable[..., bool]) -> None:
        super().__init__()
        self.signed, self.asked = signed, list[dt.datetime]()

    def fetch(self, sid: str) -> Listed:
        if sid != THEIR_SID:
            self.asked.append(clock.now())
        last = clock.now() >= NOON + QUESTIONS[-1]
        return Listed(sid, "delivered" if last else "sent", None, "", "outbound-api", None)


class Hook:
    """Calls the status hook as Twilio would, or somebody who would like to be Twilio."""

    def __init__(self, app: Flask, client: FlaskClient) -> None:
        self.app, self.client = app, client
        self.ids: dict[str, tuple[str, str]] = {"elsewhere": (new_token(), new_token())}

    def names(self, ours: sending.Submission, theirs: sending.Submission) -> None:
        self.ids["ours"] = (ours.message_id, ours.attempt_id)
        self.ids["mixed"] = (ours.message_id, theirs.attempt_id)

    def __call__(self, call: Call) -> int:
        message_id, attempt_id = self.ids[call.of]
        path = f"/hooks/twilio/status/{message_id}/{attempt_id}"
        form = {"MessageSid": call.sid, "MessageStatus": call.status, "AccountSid": "AC", **dict(call.more)}
        signed = self.app.extensions["simulator"].sign(f"http://localhost{path}", form)
        headers = {"X-Twilio-Signature": signed[::-1] if call.forged else signed}
        return self.client.post(path, data=form, headers=headers).status_code


@pytest.fixture
def twilio(app: Flask, home: cast.Cast) -> Twilio:
    made = Twilio(app.extensions["gateway"].signed)
    app.extensions["gateway"] = made
    return made


def submitted(message: Message) -> sending.Submission:
    """In the middle of the call."""
    assert sending.claim("me") == [message.id]
    found = sending.submit(message.id, "me")
    assert found is not None
    return found


def of_another_tenant() -> sending.Submission:
    """A text that another organisation of this installation sent; Twilio has it under THEIR_SID."""
    with writing() as session:
        home = cast.organisation(session, "Pine Dental")
        eve = cast.user(session, cast.team(session, home, "Desk"), "Eve Ember")
        tom = cast.customer(session, eve, "Tom", phone="+12065550177")
        about = {"sender": eve, "person": tom, "video": None, "body": THEIR_WORDS, "words": ""}
        message = compose.compose(session, **about, request_key="theirs", due_at=clock.now())
    theirs = submitted(message)
    sending.settle(theirs, Accepted(THEIR_SID, "queued", 1))
    return theirs


def told(message_id: str) -> list[str]:
    with reading() as session:
        query = session.query(StatusEvent).filter_by(message_id=message_id).order_by(StatusEvent.id)
        return [event.to_state for event in query]


def state(message_id: str) -> str:
    with reading() as session:
        return session.get_one(Message, message_id).state


@both_databases
@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.name}, {case.state}")
def test_a_callback_moves_a_text_forward_once_or_not_at_all(
    app: Flask, client: FlaskClient, twilio: Twilio, write: Callable[[], Message], time: Standing, case: Case
) -> None:
    hook, ours = Hook(app, client), submitted(write())
    hook.names(ours, of_another_tenant())
    if case.state in {ACCEPTED, DELIVERED}:
        sending.settle(ours, Accepted(SID, "queued", 1))
    if case.state == DELIVERED:
        assert hook(Call("delivered")) == 204
    for call in case.calls:
        assert {hook(call) for _ in range(call.times)} == {call.answer}, call
    assert state(ours.message_id) == case.then
    if case.state == SUBMITTING:
        sending.settle(ours, Accepted(SID, "queued", 1))  # our own commit comes last
    assert state(ours.message_id) == case.settled
    goes_on(time)
    assert [at - NOON for at in twilio.asked] == ([] if case.settled == DELIVERED else QUESTIONS)
    assert_told_forward(ours, case)


def goes_on(time: Standing) -> None:
    """Three days pass in which no callback comes any more."""
    for after in [dt.timedelta(minutes=9), *QUESTIONS, dt.timedelta(hours=72)]:
        time.at(NOON + after)
        while reconcile.look():
            pass


def assert_told_forward(ours: sending.Submission, case: Case) -> None:
    begun, ways = [states.SCHEDULED, states.CLAIMED, SUBMITTING], [ACCEPTED, SENT, DELIVERED]
    events = told(ours.message_id)
    assert events[:3] == begun
    assert events[3:] == [way for way in ways if way in events[3:]]  # in order, and each once
    assert events[-1] == DELIVERED
    with reading() as session:
        assert session.get_one(Attempt, ours.attempt_id).sid == case.learns


def test_all_twenty_seven_are_there() -> None:
    assert len({(case.name, case.state) for case in CASES}) == len(CASES) == 27
