"""What a card says of a person beside her occasion: the newest note, and the last hello. For a few people at once, in
two queries, each of them ended by an index however much was noted and sent. Reads only."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from flask_babel import gettext as _
from flask_babel import ngettext
from sqlalchemy.orm import Session, joinedload

from vidmsg import clock
from vidmsg.accounts.models import User
from vidmsg.messages import progress, states
from vidmsg.messages.models import GREETING, Message
from vidmsg.people.models import Consent, Note, Person
from vidmsg.web import moments

RING_DAYS = 180  # after half a year without a hello the ring is open
ON_ITS_WAY = (states.SCHEDULED, states.CLAIMED, states.SUBMITTING, states.UNKNOWN)
HELLOS = (*ON_ITS_WAY, states.ACCEPTED, states.SENT, states.DELIVERED)
"""The states of a message that is a hello: it has left, or will without anybody's help."""


@dataclass(frozen=True)
class Known:
    """The newest note and the last hello, where there are any."""

    note: Note | None = None
    last: Message | None = None

    @property
    def days(self) -> int | None:
        """Days since the last hello, or None when there was none yet."""
        return (clock.now() - _at(self.last)).days if self.last else None

    @property
    def ring(self) -> int:
        """How far the ring is closed, 0 to 100."""
        return 0 if self.days is None else max(0, 100 - 100 * self.days // RING_DAYS)


def of(session: Session, person_ids: Sequence[int]) -> dict[int, Known]:
    """What is known of each of these people."""
    if not person_ids:
        return {}
    notes = session.scalars(sa.select(Note).where(Note.id.in_(_each(person_ids, _newest_note))))
    hellos = session.scalars(
        sa.select(Message).where(Message.id.in_(_each(person_ids, _newest_hello))).options(joinedload(Message.sender))
    )
    note_of, hello_of = {note.person_id: note for note in notes}, {hello.person_id: hello for hello in hellos}
    return {one: Known(note_of.get(one), hello_of.get(one)) for one in person_ids}


def said() -> sa.ScalarSelect[str]:
    """The last word of a Person's number in the ledger, NULL where there is none."""
    entries = sa.select(Consent.action).where(
        Consent.organisation_id == Person.organisation_id, Consent.phone == Person.phone
    )
    return entries.order_by(Consent.id.desc()).limit(1).correlate(Person).scalar_subquery()


def greeted_at() -> sa.ScalarSelect[dt.datetime]:
    """When the last hello to a Person was written, NULL where there is none."""
    query = sa.select(Message.created_at).where(Message.person_id == Person.id, _is_hello())
    return query.order_by(Message.created_at.desc()).limit(1).correlate(Person).scalar_subquery()


def is_not_paused() -> sa.ColumnElement[bool]:
    """Nobody asked us to leave this Person in peace for a while."""
    return sa.or_(Person.hold_until.is_(None), Person.hold_until < clock.now())


def told(session: Session, known: Known, user: User) -> str:
    """The last hello as a sentence for `user`."""
    if known.last is None:
        return str(_("No hello yet."))
    values = {"ago": moments.ago(_at(known.last)), "watched": _watched(session, known.last)}
    if known.last.sender_id == user.id:
        return str(_("Your last hello was %(ago)s%(watched)s.", **values))
    return str(_("The last hello was %(ago)s, from %(name)s%(watched)s.", name=known.last.sender.first_name, **values))


def _watched(session: Session, message: Message) -> str:
    if message.video_id is None or message.state in ON_ITS_WAY:
        return ""
    plays = progress.of(session, message)["plays"]
    if not plays:
        return str(_(": a video, not watched yet"))
    return str(ngettext(": a video, watched once", ": a video, watched %(num)s times", plays))


def _at(message: Message) -> dt.datetime:
    """When it left; written today for another day, it counts from when it was written."""
    due_at, now = message.due_at, clock.now()
    return due_at if due_at and message.created_at <= due_at <= now else message.created_at


def _is_hello() -> sa.ColumnElement[bool]:
    return sa.and_(Message.state.in_(HELLOS), Message.purpose == GREETING)


def _newest_hello(person_id: int) -> sa.Select[str]:
    query = sa.select(Message.id).where(Message.person_id == person_id, _is_hello())
    return query.order_by(Message.created_at.desc(), Message.id).limit(1)


def _newest_note(person_id: int) -> sa.Select[int]:
    query = sa.select(Note.id).where(Note.person_id == person_id)
    return query.order_by(Note.at.desc(), Note.id.desc()).limit(1)


def _each(person_ids: Sequence[int], newest: Any) -> Any:
    """The newest of each. A person at a time, because then the index ends each search after one row."""
    return sa.union_all(*[sa.select(newest(one).subquery().c.id) for one in person_ids])
