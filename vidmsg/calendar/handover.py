"""What somebody who leaves hands over: her people, the days to come, the answers that still come back. In batches, each
a short transaction; doing it again takes up what is left. What is from her or shows her waits for a decision."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import Session

from vidmsg import clock
from vidmsg.accounts import audit, members
from vidmsg.accounts.models import User
from vidmsg.calendar.planning import LATE
from vidmsg.database import reading, writing
from vidmsg.messages import leavers, replies
from vidmsg.milestones.models import Occurrence
from vidmsg.people.models import Person

BATCH = 200
SHOWN = 100  # texts to decide on one page
Listener = Callable[[Session, int], None]
_listeners: list[Listener] = []


def on_leaving(listener: Listener) -> None:
    """Let a feature above hear, in the same transaction, whose account ends."""
    if listener not in _listeners:
        _listeners.append(listener)


@dataclass(frozen=True)
class Left:
    """How much is still with her."""

    people: int
    days: int
    replies: int
    texts: int

    @property
    def anything(self) -> bool:
        """Whether there is something that a colleague could look after."""
        return bool(self.people or self.days)


def count(session: Session, user: User) -> Left:
    """What she would hand over now."""
    return Left(
        session.scalar(sa.select(sa.func.count(Person.id)).where(_hers(user.id))) or 0,
        session.scalar(sa.select(sa.func.count(Occurrence.id)).where(*_open_days(user.id))) or 0,
        len(replies.unseen_of(session, user)),
        leavers.count(session, user),
    )


def successors(session: Session, user: User) -> list[User]:
    """Who may look after all of them: colleagues inside whose walls they are."""
    people = sa.select(Person.team_id).where(_hers(user.id))
    days = sa.select(Occurrence.team_id).where(*_open_days(user.id))
    teams = set(session.scalars(people.union(days)))
    query = sa.select(User).where(User.organisation_id == user.organisation_id, User.active.is_(True))
    everybody = session.scalars(query.where(User.id != user.id).order_by(User.name, User.id))
    return [one for one in everybody if one.is_manager or teams <= {one.team_id}]


def close(user_id: int, by_id: int) -> None:
    """Her account ends, with whatever let her in without it. Raises members.LastManager."""
    with writing() as session:
        user = session.get_one(User, user_id)
        if user.active:
            members.deactivate(session, user, session.get_one(User, by_id))
        for listener in _listeners:
            listener(session, user_id)


def hand_over(user_id: int, to_id: int, by_id: int) -> None:
    """Everything of hers that a colleague can look after."""
    after = ""
    while planned := _planned(user_id, to_id, after):
        after = planned[-1]
    while ids := _some(sa.select(Person.id).where(_hers(user_id)).order_by(Person.id)):
        with writing() as session:
            mine = sa.update(Person).where(Person.id.in_(ids), _hers(user_id))
            session.execute(mine.values(owner_id=to_id))
            nobodys = (Occurrence.person_id.in_(ids), Occurrence.assignee_id.is_(None), Occurrence.skipped_at.is_(None))
            _give(session, to_id, *nobodys, Occurrence.planned_on >= clock.now().date() - LATE)
    while ids := _some(sa.select(Occurrence.id).where(*_open_days(user_id)).order_by(Occurrence.id)):
        with writing() as session:
            _give(session, to_id, Occurrence.id.in_(ids), Occurrence.assignee_id == user_id)
    with writing() as session:
        home = session.get_one(User, user_id).organisation_id
        audit.record(session, by_id, home, "member.hand_over", f"user:{user_id}", {"to": to_id})


def hold(user_id: int) -> None:
    """What is from her or shows her waits for a decision."""
    touched = BATCH
    while touched:
        with writing() as session:
            touched = leavers.hold(session, session.get_one(User, user_id), BATCH)


def _planned(user_id: int, to_id: int, after: str) -> list[str]:
    with writing() as session:
        user, to = session.get_one(User, user_id), session.get_one(User, to_id)
        return leavers.hand_over(session, user, to, BATCH, after)


def _give(session: Session, to_id: int, *which: sa.ColumnElement[bool]) -> None:
    """She is asked in her turn, as if it had been hers from the beginning."""
    days = sa.update(Occurrence).where(*which).execution_options(synchronize_session=False)
    session.execute(days.values(assignee_id=to_id, asked_at=None, reminded_at=None, snoozed_until=None))


def _some(query: sa.Select[int]) -> list[int]:
    with reading() as session:
        return list(session.scalars(query.limit(BATCH)))


def _hers(user_id: int) -> sa.ColumnElement[bool]:
    """Her people; her own row is nobody's to look after."""
    return sa.and_(Person.owner_id == user_id, Person.user_id.is_(None))


def _open_days(user_id: int) -> tuple[sa.ColumnElement[bool], ...]:
    since = clock.now().date() - LATE
    return Occurrence.assignee_id == user_id, Occurrence.planned_on >= since, Occurrence.skipped_at.is_(None)
