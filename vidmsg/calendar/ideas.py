"""Whom to say hello to when it is nobody's day: those of the rep's own people who waited longest. Gentle ideas, so it
looks at some of her people each day, not at all of a hundred thousand. Reads only."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import Session

from vidmsg import clock
from vidmsg.accounts.models import User
from vidmsg.calendar import known
from vidmsg.calendar.known import Known
from vidmsg.people.models import CUSTOMER, GRANTED, Person

SOME = 300  # looked at each way from where the day begins; whoever has fewer people is asked about all of them
STRIDE = 7919  # how far each day begins from the day before, so that everybody comes up
REST = dt.timedelta(days=7)  # whoever heard from us this week is no idea


@dataclass(frozen=True)
class Hello:
    """One person to think of, and what is known of her."""

    person: Person
    known: Known


def hellos(session: Session, user: User, limit: int) -> list[Hello]:
    """The rep's own customers, the one who waited longest first; those who never got a video before all. Four
    queries."""
    waited = known.greeted_at()
    people = session.scalars(
        sa.select(Person)
        .where(
            Person.id.in_(_some(session, user)),
            known.said() == GRANTED,
            sa.or_(waited.is_(None), waited < clock.now() - REST),
        )
        .order_by(waited.asc().nulls_first(), Person.created_at.desc(), Person.id)
        .limit(limit)
    ).all()
    about = known.of(session, [person.id for person in people])
    return [Hello(person, about[person.id]) for person in people]


def has_people(session: Session, user: User) -> bool:
    """Whether she looks after anybody yet."""
    return (
        session.execute(
            sa.select(Person.id).where(Person.owner_id == user.id, Person.user_id.is_(None)).limit(1)
        ).first()
        is not None
    )


def _some(session: Session, user: User) -> sa.CompoundSelect[int]:
    newest = session.scalar(sa.select(sa.func.max(Person.id)).where(Person.owner_id == user.id)) or 0
    begin = clock.now().toordinal() * STRIDE % (newest + 1)
    hers = sa.select(Person.id).where(Person.owner_id == user.id, Person.kind == CUSTOMER, known.is_not_paused())
    after = hers.where(Person.id >= begin).order_by(Person.id).limit(SOME).subquery()
    before = hers.where(Person.id < begin).order_by(Person.id.desc()).limit(SOME).subquery()
    return sa.union_all(sa.select(after.c.id), sa.select(before.c.id))
