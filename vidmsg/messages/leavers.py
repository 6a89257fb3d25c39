"""Texts of somebody who left, and texts that show her in their video: they wait for somebody's look, one by one. And
what goes to her own phone goes no more. Each verb writes in the caller's transaction."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload

from vidmsg.accounts.models import User
from vidmsg.messages import speaking, states
from vidmsg.messages.models import GREETING, Message
from vidmsg.messages.move import move, rewrite
from vidmsg.people.models import Person
from vidmsg.videos.models import Video

OPEN = (states.PLANNED, states.SCHEDULED)


def reason(session: Session, message: Message) -> str | None:
    """Why somebody has to look at this one, as its sender left or the one whom its video shows; or None."""
    shown = session.get(User, message.video.owner_id) if message.video else None
    if shown is not None and not shown.active:  # said first, because it stays true when somebody else sends it
        return f"This video shows {shown.first_name}, who left. Look, then send it or not."
    if not message.sender.active:
        return f"{message.sender.first_name} no longer works here. Look, then send it or not."
    return None


def hold(session: Session, user: User, limit: int) -> int:
    """Hold some of what is from her or shows her, and take back what goes to herself. How many were touched; what is
    on its way already is not."""
    waiting = _hers(user).where(Message.state.in_(OPEN)).order_by(Message.id).limit(limit)
    whole = (joinedload(Message.sender), joinedload(Message.video), joinedload(Message.person))
    found = list(session.scalars(waiting.options(*whole)))
    for message in found:
        move(session, message, states.HELD, mover=states.PERSON, detail=reason(session, message))
    to_her = sa.select(Person.id).where(Person.user_id == user.id).scalar_subquery()
    asks = sa.select(Message).where(Message.person_id == to_her, Message.purpose != GREETING)
    own = list(session.scalars(asks.where(Message.state.in_((*OPEN, states.HELD))).limit(limit)))
    for message in own:
        move(session, message, states.CANCELED, mover=states.PERSON)
    return len(found) + len(own)


def hand_over(session: Session, user: User, to: User, limit: int, after: str) -> list[str]:
    """Texts that wait for a video, or are held without one: `to` records it, unless her name stands in the words. The
    ids of those looked at, from `after` on."""
    waits = (Message.state.in_(speaking.WAITING), Message.no_video.is_not(None), Message.video_id.is_(None))
    hers = sa.select(Message).where(Message.sender_id == user.id, *waits, Message.id > after)
    found = list(session.scalars(hers.where(Message.purpose == GREETING).order_by(Message.id).limit(limit)))
    for message in found:
        if not speaking.names(message, user):
            rewrite(session, message, sender_id=to.id)
    return [message.id for message in found]


def count(session: Session, user: User) -> int:
    """How many texts that have not left are from her or show her."""
    waiting = _hers(user).where(Message.state.in_((*OPEN, states.HELD, states.MISSED)))
    return session.scalar(sa.select(sa.func.count()).select_from(waiting.subquery())) or 0


def held(session: Session, user: User, limit: int) -> list[Message]:
    """Those of them that wait for a decision, the next to leave first."""
    waiting = _hers(user).where(Message.state.in_((states.HELD, states.MISSED)))
    query = waiting.options(joinedload(Message.person), joinedload(Message.sender)).order_by(Message.due_at, Message.id)
    return list(session.scalars(query.limit(limit)))


def _hers(user: User) -> sa.Select[Message]:
    shows = sa.select(Video.id).where(Video.owner_id == user.id)
    hers = sa.or_(Message.sender_id == user.id, Message.video_id.in_(shows))
    return sa.select(Message).where(hers, Message.purpose == GREETING)
