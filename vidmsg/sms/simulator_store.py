"""The rows of the simulated network: texts either way, who opted out, and the webhooks that are owed. Runs on the
application's database or on any other with these tables. Knows the rules of behaviour, but no HTTP."""

from __future__ import annotations

import datetime as dt
import secrets
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy import orm

from vidmsg import clock, database, jobs
from vidmsg.database import READONLY, Session
from vidmsg.sms import segments
from vidmsg.sms import simulator_behaviour as behaviour
from vidmsg.sms.models import SimulatedCall, SimulatedMessage, SimulatedOptOut

INBOUND, OUTBOUND, OWN_REPLY = "inbound", "outbound-api", "outbound-reply"
RANK = {"accepted": 0, "queued": 0, "sending": 1, "sent": 2, "delivered": 3, "undelivered": 3, "failed": 3}
API_VERSION = "2010-04-01"


@dataclass(frozen=True)
class Store:
    """Where the rows are: opens one short transaction at a time."""

    writing: Callable[[], AbstractContextManager[orm.Session]]
    reading: Callable[[], AbstractContextManager[orm.Session]]

    @classmethod
    def of_application(cls) -> Store:
        """The application's own database; needs an application context at every use."""
        return cls(database.writing, database.reading)

    @classmethod
    def on(cls, engine: sa.Engine) -> Store:
        """A database of its own; makes the tables that are missing."""
        tables = [model.__table__ for model in (SimulatedMessage, SimulatedCall, SimulatedOptOut)]
        SimulatedMessage.metadata.create_all(engine, tables)  # type: ignore[arg-type]
        make = orm.sessionmaker(engine, class_=Session, expire_on_commit=False)
        return cls(writing=make.begin, reading=lambda: make(info={READONLY: True}))


@dataclass(frozen=True)
class Order:
    """A text that passed the checks: from whom, to whom, what, and who wants to hear of it."""

    to: str
    sender: str
    body: str
    media_url: str | None
    callback_url: str | None


def accept(session: orm.Session, order: Order, account_sid: str, pace: dt.timedelta) -> SimulatedMessage:
    """Queue a text, and with it the changes of status that will come, `pace` apart."""
    kind = "MM" if order.media_url else "SM"
    first = "accepted" if order.sender.startswith("MG") else "queued"
    message = _add(session, OUTBOUND, order, kind, first)
    last, _ = behaviour.final_status(order.to)
    for step, status in enumerate(("sent", last), start=1):
        form = _status_form(message, status, account_sid)
        _owe(session, message, order.callback_url or "", form, status, pace * step)
    return message


def receive(
    session: orm.Session,
    customer: str,
    number: str,
    body: str,
    url: str,
    account_sid: str,
) -> SimulatedMessage:
    """A text from the customer to `number`. Keywords do what they do at Twilio; the webhook to `url` is owed in any
    case."""
    message = _add(session, INBOUND, Order(customer, number, body, None, None), "SM", "received")
    word = behaviour.keyword(body)
    _owe(session, message, url, _inbound_form(message, word, account_sid), None, dt.timedelta())
    if word and _obey(session, word, customer, number):
        _add(session, OWN_REPLY, Order(customer, number, behaviour.ANSWERS[word], None, None), "SM", "delivered")
    return message


def opted_out(session: orm.Session, customer: str, sender: str) -> bool:
    """Whether Twilio itself would block a text from this sender to this number."""
    return session.get(SimulatedOptOut, (customer, sender)) is not None


def told(session: orm.Session, sid: str, status: str | None) -> bool:
    """Move a text forward to the `status` that is told of; never back, and never once it has ended. False when the
    text was deleted, so that there is nothing to tell."""
    message = session.scalar(sa.select(SimulatedMessage).where(SimulatedMessage.sid == sid).with_for_update())
    if message is not None and status and RANK[message.status] < RANK[status]:
        _advance(message, status)
    return message is not None


def _advance(message: SimulatedMessage, status: str) -> None:
    message.status, message.updated_at = status, clock.now()
    message.sent_at = message.sent_at or clock.now()
    if status == "undelivered":
        message.error_code = behaviour.final_status(message.customer)[1]


def _obey(session: orm.Session, word: str, customer: str, number: str) -> bool:
    """Do what the keyword asks for; whether Twilio answers it. A second STOP, or a START from somebody who never
    stopped, changes nothing and gets no answer."""
    out = session.get(SimulatedOptOut, (customer, number))
    if word == behaviour.STOP and not out:
        session.add(SimulatedOptOut(customer=customer, sender=number, at=clock.now()))
        return True
    if word == behaviour.START and out:
        session.delete(out)
        return True
    return word == behaviour.HELP


def _add(session: orm.Session, direction: str, order: Order, kind: str, status: str) -> SimulatedMessage:
    now = clock.now()
    message = SimulatedMessage(
        sid=kind + secrets.token_hex(16),
        direction=direction,
        customer=order.to,
        sender=order.sender,
        body=order.body,
        media_url=order.media_url,
        status=status,
        segments=segments.count(order.body).segments,
        callback_url=order.callback_url,
        created_at=now,
        updated_at=now,
        sent_at=now if direction != OUTBOUND else None,
    )
    session.add(message)
    session.flush()
    return message


def _owe(
    session: orm.Session,
    message: SimulatedMessage,
    url: str,
    form: dict[str, str],
    status: str | None,
    wait: dt.timedelta,
) -> None:
    session.add(
        SimulatedCall(
            url=url,
            form=form,
            sid=message.sid,
            status=status,
            created_at=clock.now(),
            job_state=jobs.DUE,
            job_due_at=clock.now() + wait,
            job_tries=0,
        )
    )


def _status_form(message: SimulatedMessage, status: str, account_sid: str) -> dict[str, str]:
    form = {
        "MessageSid": message.sid,
        "SmsSid": message.sid,
        "MessageStatus": status,
        "SmsStatus": status,
        "To": message.customer,
        "From": message.sender,
        "AccountSid": account_sid,
        "ApiVersion": API_VERSION,
    }
    if message.sender.startswith("MG"):
        form |= {"From": behaviour.PRACTICE_NUMBER, "MessagingServiceSid": message.sender}
    if status == "undelivered":
        form["ErrorCode"] = str(behaviour.final_status(message.customer)[1])
    return form


def _inbound_form(message: SimulatedMessage, word: str | None, account_sid: str) -> dict[str, str]:
    form = {
        "MessageSid": message.sid,
        "SmsSid": message.sid,
        "SmsMessageSid": message.sid,
        "SmsStatus": "received",
        "From": message.customer,
        "To": message.sender,
        "Body": message.body,
        "NumMedia": "0",
        "NumSegments": str(message.segments),
        "AccountSid": account_sid,
        "ApiVersion": API_VERSION,
    }
    return form | {"OptOutType": word} if word else form
