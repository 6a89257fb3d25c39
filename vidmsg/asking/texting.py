"""Texts to our own reps. They go through the same engine as those to customers: consent, hours, STOP, rate and the
day's number count for them all the same. It may not know why a rep is texted."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import sqlalchemy as sa
from flask import current_app
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from vidmsg import clock, logs
from vidmsg.accounts.models import User
from vidmsg.messages import compose, hours, states, window
from vidmsg.messages.compose import CannotSend, Plan
from vidmsg.messages.models import ASK, CONFIRM, Message
from vidmsg.people import confirming, consent, ourselves
from vidmsg.people.models import Person
from vidmsg.sms import segments
from vidmsg.tokens import new_token

log = logs.get(__name__)


@dataclass(frozen=True)
class Said:
    """The words, and what stands at the very end: the link, with its own few words before it."""

    words: str
    last: str = ""


def address(path: str) -> str:
    """A path of ours as it stands in a text: on our own domain."""
    base: str = current_app.config["SETTINGS"].address
    return base + path


def wants(session: Session, user: User) -> Person | None:
    """Her own row, if she chose to be texted, works here, has not stopped it, and her number answered YES."""
    person = ourselves.row_of(session, user.id) if user.active and user.text_to_record else None
    if person is None or not consent.is_granted(session, person.organisation_id, person.phone):
        return None
    return person if confirming.is_confirmed(session, person.id, person.phone) else None


def ask_for_yes(session: Session, user: User) -> bool:
    """The one question to a number that she typed and that has not answered YES; whether she is waited for. Once a
    month at most, however often she keeps the page."""
    person = ourselves.row_of(session, user.id)
    if person is None or confirming.is_confirmed(session, person.id, person.phone):
        return False
    asked = sa.select(Message.id).where(
        Message.person_id == person.id,
        Message.phone == person.phone,
        Message.purpose == CONFIRM,
        Message.state.not_in((states.SUPPRESSED, states.CANCELED, states.FAILED)),
        Message.created_at > clock.now() - confirming.AGAIN_AFTER,
    )
    if session.execute(asked.limit(1)).first() is None:
        body = ourselves.question(user.organisation.name if user.organisation else "")
        _write(session, user, person, segments.plain(body), new_token(), Plan(purpose=CONFIRM))
    return True


def may_now(session: Session, user: User) -> bool:
    """Whether a text to her would leave at once: she wants them, and these are her hours."""
    person = wants(session, user)
    return person is not None and window.is_open(clock.now(), user.zone, hours.of(user.organisation, person))


def to_rep(
    session: Session, user: User, said: Said, *, key: str, about: Person, send_on: dt.date | None = None
) -> Message | None:
    """One text to her, the same one for the same `key`; None when she wants none, or it can't be. `about`: the customer
    of whom it tells. `send_on`: her day past which it makes no sense any more."""
    person = wants(session, user)
    if person is None:
        return None
    ourselves.in_step(session, person, user)
    plan = Plan(send_on=send_on, purpose=ASK, about_id=about.id)
    return _write(session, user, person, segments.plain(_body(session, user, person, said)), key, plan)


def _write(session: Session, user: User, person: Person, body: str, key: str, plan: Plan) -> Message | None:
    try:
        return compose.compose(
            session,
            sender=user,
            person=person,
            video=None,
            body=body,
            words="",
            request_key=key,
            due_at=clock.now(),
            plan=plan,
        )
    except CannotSend as error:
        log.warning("a rep was not texted", user=user.id, code=error.code)
        return None


def _body(session: Session, user: User, person: Person, said: Said) -> str:
    if not compose.is_first(session, person):
        return f"{said.words} {said.last}".strip()
    name = user.organisation.name if user.organisation else ""
    return f"{name}: {said.words} {_('Reply STOP to opt out.')} {said.last}".strip()
