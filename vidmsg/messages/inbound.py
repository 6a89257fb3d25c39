"""A text that came back: kept once, tied to the person and the message it answers, and obeyed at once where it says
stop or start. It may not answer anybody: Twilio answers the keywords itself."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from vidmsg import clock, logs
from vidmsg.accounts.models import Organisation
from vidmsg.messages import keywords
from vidmsg.messages.models import CONFIRM, Attempt, Inbound, Message
from vidmsg.people import confirming, consent
from vidmsg.people.models import REVOKED, JoinRequest, Person

log = logs.get(__name__)

MAX_BODY = 1600

Listener = Callable[[Session, Inbound], None]
_listeners: list[Listener] = []


def on_text(listener: Listener) -> None:
    """Let a feature above hear of each text that came back, in the same transaction, once it was kept and obeyed."""
    if listener not in _listeners:
        _listeners.append(listener)


@dataclass(frozen=True)
class Received:
    """What Twilio posted, as far as we use it."""

    sid: str
    sender: str
    to: str
    body: str
    opt_out_type: str = ""
    media: int = 0


def receive(session: Session, text: Received) -> Inbound | None:
    """Keep it and obey it. None when it was kept before, or when it belongs to no organisation here."""
    if session.execute(sa.select(Inbound.id).where(Inbound.sid == text.sid)).first():
        return None
    message = _latest_message(session, text.sender)
    person = message.person if message else _person(session, text.sender)
    organisation_id = _organisation(session, message, person)
    if organisation_id is None:
        return None
    kept = Inbound(
        sid=text.sid,
        organisation_id=organisation_id,
        person_id=person.id if person else None,
        message_id=message.id if message else None,
        from_number=text.sender[:20],
        to_number=text.to[:20],
        body=_body(text),
        kind=keywords.kind(text.body, text.opt_out_type),
        at=clock.now(),
    )
    try:
        with session.begin_nested():
            session.add(kept)
    except IntegrityError:
        return None  # the same text came in twice at one moment
    _obey(session, kept, person)
    for listener in _listeners:
        listener(session, kept)
    log.info("text received", inbound=kept.id, kind=kept.kind, message=kept.message_id)
    return kept


def _obey(session: Session, kept: Inbound, person: Person | None) -> None:
    if kept.kind == keywords.STOP:
        stop(session, kept)
    elif confirming.is_yes(kept.body):
        asked_by = _asked_by(session, kept)
        if asked_by is not None:
            confirming.confirm(session, asked_by, kept.from_number)
    elif kept.kind == keywords.START:
        _start_again(session, kept, person)


def stop(session: Session, kept: Inbound, user_id: int | None = None) -> None:
    """This text means stop, for everybody here; `user_id` is the colleague who read it so, if one had to."""
    everywhere = {*consent.known_to(session, kept.from_number), kept.organisation_id}
    for organisation_id in sorted(everywhere):  # one sending number serves them all, and stop is stop
        consent.revoke(
            session,
            organisation_id=organisation_id,
            phone=kept.from_number,
            words=kept.body,
            source=consent.BY_TEXT,
            user_id=user_id,
        )


def _start_again(session: Session, kept: Inbound, person: Person | None) -> None:
    """It holds wherever the stop did, whether anybody there still knows whose number it is."""
    people = _people_of(session, kept, person)
    for organisation_id in consent.known_to(session, kept.from_number):
        latest = consent.current(session, organisation_id, kept.from_number)
        if latest is not None and latest.action == REVOKED:  # START returns; it never begins what nobody agreed to
            consent.start_again(session, organisation_id, kept.from_number, kept.body, people.get(organisation_id))


def _people_of(session: Session, kept: Inbound, person: Person | None) -> dict[int, Person]:
    """Whom this number stands for: one person of every organisation here, because its stop held for all of them."""
    known = sa.select(Person).where(Person.phone == kept.from_number).order_by(Person.id.desc())
    by_organisation = {one.organisation_id: one for one in session.scalars(known)}
    if person is not None:
        by_organisation[person.organisation_id] = person
    return by_organisation


def _asked_by(session: Session, kept: Inbound) -> int | None:
    """Whose question a YES answers: of those that left for this phone and wait, the latest from the number that got
    the YES; where none left from it, as with a service that has many numbers, the latest of all."""
    waits = sa.exists().where(
        JoinRequest.organisation_id == Message.organisation_id,
        JoinRequest.phone == kept.from_number,
        JoinRequest.confirmed_at.is_(None),
    )
    left = Attempt.outcome.is_distinct_from("refused")
    asked = sa.select(Message.organisation_id).join(Attempt, Attempt.message_id == Message.id)
    asked = asked.where(Attempt.phone == kept.from_number, Message.purpose == CONFIRM, left, waits)
    from_there = Attempt.sender_number == kept.to_number
    latest = asked.order_by(from_there.desc(), Attempt.created_at.desc(), Attempt.id.desc()).limit(1)
    return session.scalars(latest).one_or_none()


def _latest_message(session: Session, number: str) -> Message | None:
    """The newest message to this number that may have left; a text answers what came last."""
    left = sa.select(Message).where(Message.phone == number, Message.tries > 0)
    return session.scalars(left.order_by(Message.changed_at.desc(), Message.id).limit(1)).one_or_none()


def _person(session: Session, number: str) -> Person | None:
    known = sa.select(Person).where(Person.phone == number).order_by(Person.id)
    return session.scalars(known.limit(1)).one_or_none()


def _organisation(session: Session, message: Message | None, person: Person | None) -> int | None:
    if message:
        return message.organisation_id
    if person:
        return person.organisation_id
    return session.execute(sa.select(Organisation.id).order_by(Organisation.id).limit(1)).scalar_one_or_none()


def _body(text: Received) -> str:
    """The words, without characters that a database refuses; a picture that came with it is told of."""
    words = text.body.replace("\x00", "")[:MAX_BODY]
    if text.media:
        words = f"{words}\n[{text.media} picture{'s' if text.media > 1 else ''}]".strip()
    return words
