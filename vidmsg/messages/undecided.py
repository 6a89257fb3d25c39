"""Messages that wait for somebody's word: missed, held, or unconfirmed. Reads only; what may be decided is deciding's,
and the message's own page asks."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload

from vidmsg.accounts.models import User
from vidmsg.messages import approval, speaking, states
from vidmsg.messages.models import GREETING, TROUBLED, Message
from vidmsg.milestones.models import Occurrence
from vidmsg.people.models import Person

WAITING = (states.MISSED, states.HELD, states.UNCONFIRMED)


def of_user(session: Session, user: User, limit: int) -> list[Message]:
    """Those that are hers to decide, the newest first: her own, and those of a colleague who left to a person whom she
    looks after now. What names the one who had its day before is for whoever has the day. What waits for a manager's
    yes is for the managers, all of it."""
    gone = sa.select(User.id).where(User.organisation_id == user.organisation_id, User.active.is_(False))
    left_to_her = sa.and_(Message.sender_id.in_(gone), Person.owner_id == user.id)
    waits_for_yes = sa.func.coalesce(Message.reason, "") == approval.WAITS
    has_day = sa.select(Occurrence.assignee_id).where(Occurrence.id == Message.occurrence_id).scalar_subquery()
    handed = sa.and_(speaking.is_held_for_a_name(), has_day.is_not(None))
    own = sa.and_(sa.or_(Message.sender_id == user.id, left_to_her), ~handed)
    hers = sa.and_(sa.or_(own, sa.and_(handed, has_day == user.id)), ~waits_for_yes)
    if user.is_manager:
        alone = sa.or_(Person.owner_id.is_(None), Person.owner_id.in_(gone))
        nobodys = sa.and_(Message.sender_id.in_(gone), alone)
        hers = sa.or_(hers, nobodys, sa.and_(waits_for_yes, Message.state == states.HELD))
    else:
        hers = sa.and_(hers, Message.team_id == user.team_id)
    query = (
        sa.select(Message)
        .join(Person, Person.id == Message.person_id)
        .options(joinedload(Message.person), joinedload(Message.sender))
        .where(sa.text(f"message.{TROUBLED}"), Message.organisation_id == user.organisation_id)
        .where(Message.state.in_(WAITING), Message.purpose == GREETING, hers)
        .order_by(Message.changed_at.desc(), Message.id)
        .limit(limit)
    )
    return list(session.scalars(query))
