"""What wants a look, by kind: texts that are late, in doubt, held, missed or failed, and videos that could not be
prepared. Counts and pages of rows, inside the walls of whoever asks; a constant number of queries."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload

from vidmsg import clock
from vidmsg.messages import due, states
from vidmsg.messages.models import TROUBLED, Message
from vidmsg.people.models import Person
from vidmsg.videos.models import BROKEN, Video

LATE, VIDEOS = "late", "videos"
PAGE = 20
LATE_AFTER = dt.timedelta(minutes=1)
FAILED_FOR = dt.timedelta(days=30)
"""So long a text that failed is shown: nobody can do anything about an old one any more."""
STATES = {
    states.UNCONFIRMED: (states.UNCONFIRMED,),
    states.HELD: (states.HELD,),
    states.MISSED: (states.MISSED,),
    LATE: (),
    VIDEOS: (),
    states.FAILED: (states.FAILED, states.UNDELIVERED),
    states.UNKNOWN: (states.UNKNOWN,),
}
"""Kinds, the most urgent first, and the states that belong to each."""
FOR_A_PERSON = (states.UNCONFIRMED, states.HELD, states.MISSED, VIDEOS)
"""Kinds that wait for somebody's decision."""


def counts(session: Session, *, messages: sa.ColumnElement[bool], videos: sa.ColumnElement[bool]) -> dict[str, int]:
    """How many there are of each kind; `messages` and `videos` are the walls."""
    by_state = sa.select(Message.state, sa.func.count()).where(messages, _troubled(), _recent()).group_by(Message.state)
    found: dict[str, int] = dict(session.execute(by_state).all())
    made = {kind: sum(found.get(state, 0) for state in members) for kind, members in STATES.items()}
    made[LATE] = _count(session, sa.select(Message.id).where(messages, _late()))
    made[VIDEOS] = _count(session, sa.select(Video.id).where(videos, _broken()))
    return made


def page(session: Session, kind: str, number: int, wall: sa.ColumnElement[bool]) -> Sequence[Message]:
    """One page (from 1) of messages of a kind, each with its person, sender and video."""
    if kind == LATE:
        wanted = sa.select(Message).where(wall, _late()).order_by(Message.due_at, Message.id)
    else:
        in_state = Message.state.in_([sa.literal(state, literal_execute=True) for state in STATES[kind]])
        wanted = sa.select(Message).where(wall, _troubled(), in_state, _recent())
        wanted = wanted.order_by(Message.changed_at.desc(), Message.id)
    whom = joinedload(Message.person).joinedload(Person.user)  # a rep who is asked by text has hours of her own
    loads = (whom, joinedload(Message.sender), joinedload(Message.video))
    return session.scalars(wanted.options(*loads).offset((number - 1) * PAGE).limit(PAGE)).all()


def videos(session: Session, number: int, wall: sa.ColumnElement[bool]) -> Sequence[Video]:
    """One page (from 1) of videos that could not be prepared, the newest first."""
    wanted = sa.select(Video).where(wall, _broken()).order_by(Video.created_at.desc(), Video.id)
    return session.scalars(wanted.offset((number - 1) * PAGE).limit(PAGE)).all()


def _troubled() -> sa.TextClause:
    return sa.text(f"message.{TROUBLED}")  # word by word as the index has it, else SQLite would not use that


def _recent() -> sa.ColumnElement[bool]:
    ended = (states.FAILED, states.UNDELIVERED)
    return sa.or_(Message.state.not_in(ended), Message.changed_at >= clock.now() - FAILED_FOR)


def _late() -> sa.ColumnElement[bool]:
    return sa.and_(due.IS_SCHEDULED, Message.due_at <= clock.now() - LATE_AFTER)


def _broken() -> sa.ColumnElement[bool]:
    return sa.and_(Video.state == sa.literal(BROKEN, literal_execute=True), Video.discarded_at.is_(None))


def _count(session: Session, query: sa.Select[str]) -> int:
    return session.execute(sa.select(sa.func.count()).select_from(query.subquery())).scalar_one()
