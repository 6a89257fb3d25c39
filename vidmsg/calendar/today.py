"""Whom a rep should say hello to next, and what she was told about that person. Reads only; it may not know how a
message is sent."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import Session

from vidmsg import clock
from vidmsg.accounts.models import User
from vidmsg.messages.models import Message
from vidmsg.people.models import CUSTOMER, GRANTED, Consent, Note, Person

RING_DAYS = 180  # after half a year without a hello the ring is open


@dataclass(frozen=True)
class Hello:
    """One person to think of. `ring` is how far the ring is closed, 0 to 100."""

    person: Person
    note: Note | None
    last: Message | None
    ring: int

    @property
    def days(self) -> int | None:
        """Days since the last video, or None when there was none yet."""
        return (clock.now() - self.last.created_at).days if self.last else None


def hellos(session: Session, user: User, limit: int) -> list[Hello]:
    """The rep's own customers, the one who waited longest first; those who never got a video before all."""
    last_at = (
        sa.select(sa.func.max(Message.created_at))
        .where(Message.person_id == Person.id, Message.state != "canceled")
        .correlate(Person)
        .scalar_subquery()
    )
    people = (
        session.execute(
            sa.select(Person)
            .where(Person.owner_id == user.id, Person.kind == CUSTOMER, _welcome(), _not_paused())
            .order_by(last_at.asc().nulls_first(), Person.created_at.desc(), Person.id)
            .limit(limit)
        )
        .scalars()
        .all()
    )
    ids = [person.id for person in people]
    notes, messages = _newest_notes(session, ids), _newest_messages(session, ids)
    return [Hello(p, notes.get(p.id), messages.get(p.id), _ring(messages.get(p.id))) for p in people]


def _welcome() -> sa.ColumnElement[bool]:
    """The last word of this number in the ledger is a yes: whoever can't be texted is not suggested."""
    last = (
        sa.select(sa.func.max(Consent.id))
        .where(Consent.organisation_id == Person.organisation_id, Consent.phone == Person.phone)
        .correlate(Person)
        .scalar_subquery()
    )
    return sa.exists().where(Consent.id == last, Consent.action == GRANTED)


def _not_paused() -> sa.ColumnElement[bool]:
    return sa.or_(Person.hold_until.is_(None), Person.hold_until < clock.now())


def part_of_day(now: dt.datetime) -> str:
    """morning, afternoon or evening on a wall clock."""
    if 4 <= now.hour < 12:
        return "morning"
    return "afternoon" if 12 <= now.hour < 18 else "evening"


def _newest_notes(session: Session, ids: list[int]) -> dict[int, Note]:
    rows = session.execute(sa.select(Note).where(Note.person_id.in_(ids)).order_by(Note.at, Note.id)).scalars()
    return {note.person_id: note for note in rows}


def _newest_messages(session: Session, ids: list[int]) -> dict[int, Message]:
    rows = session.execute(
        sa.select(Message)
        .where(Message.person_id.in_(ids), Message.state != "canceled")
        .order_by(Message.created_at, Message.id)
    ).scalars()
    return {message.person_id: message for message in rows}


def _ring(last: Message | None) -> int:
    if last is None:
        return 0
    return max(0, 100 - 100 * (clock.now() - last.created_at).days // RING_DAYS)
