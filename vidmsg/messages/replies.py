"""Texts that came back and wait for somebody to see them."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload

from vidmsg import clock
from vidmsg.accounts.models import User
from vidmsg.messages import keywords
from vidmsg.messages.models import Inbound, Message
from vidmsg.people.models import Person


def unseen(session: Session, user: User, limit: int = 50) -> list[Inbound]:
    """Replies for this user that nobody has marked as seen, newest first: answers to her messages, texts of people who
    are hers or nobody's, and answers of hers to somebody who left. A manager also hears strangers, and those who write
    to somebody who left and whom nobody looks after. Keywords are no replies."""
    known = sa.or_(_hers(user), sa.and_(Inbound.message_id.is_(None), Person.owner_id.is_(None)))
    known = sa.and_(Inbound.person_id.is_not(None), known)
    mine = sa.or_(known, _nobodys()) if user.is_manager else sa.and_(known, Person.team_id == user.team_id)
    return list(session.scalars(_unseen(user, mine).limit(limit)))


def unseen_of(session: Session, user: User) -> list[Inbound]:
    """Those of her people, to her: whoever looks after them next reads them."""
    to_her = sa.or_(Inbound.message_id.is_(None), Message.sender_id == user.id)
    people = sa.and_(Person.owner_id == user.id, Person.user_id.is_(None))
    return list(session.scalars(_unseen(user, sa.and_(to_her, people))))


def _unseen(user: User, mine: sa.ColumnElement[bool]) -> sa.Select[Inbound]:
    inside = Inbound.organisation_id == user.organisation_id
    return (
        sa.select(Inbound)
        .outerjoin(Person, Person.id == Inbound.person_id)
        .outerjoin(Message, Message.id == Inbound.message_id)
        .options(joinedload(Inbound.person))
        .where(Inbound.kind.in_(keywords.REPLIES), Inbound.seen_at.is_(None), inside, mine)
        .order_by(Inbound.at.desc(), Inbound.id.desc())
    )


def _hers(user: User) -> sa.ColumnElement[bool]:
    to_who_left = sa.or_(Inbound.message_id.is_(None), Message.sender_id.in_(_gone()))
    return sa.or_(Message.sender_id == user.id, sa.and_(to_who_left, Person.owner_id == user.id))


def _nobodys() -> sa.ColumnElement[bool]:
    """Texts of strangers, and of people whom nobody looks after to somebody whose account is closed."""
    alone = sa.or_(Person.owner_id.is_(None), Person.owner_id.in_(_gone()))
    to_who_left = sa.or_(Inbound.message_id.is_(None), Message.sender_id.in_(_gone()))
    return sa.or_(Inbound.person_id.is_(None), sa.and_(to_who_left, alone))


def _gone() -> sa.Select[int]:
    return sa.select(User.id).where(User.active.is_(False))


def mark_seen(reply: Inbound) -> None:
    """Somebody has read it; it leaves the list."""
    reply.seen_at = reply.seen_at or clock.now()


def to_message(session: Session, message: Message) -> list[Inbound]:
    """What came back to this message, oldest first, keywords too."""
    return list(session.scalars(sa.select(Inbound).where(Inbound.message_id == message.id).order_by(Inbound.id)))


def last_unseen(session: Session, message: Message) -> Inbound | None:
    """The newest reply to this message that still waits for an answer."""
    waiting = [
        reply for reply in to_message(session, message) if reply.kind in keywords.REPLIES and reply.seen_at is None
    ]
    return waiting[-1] if waiting else None
