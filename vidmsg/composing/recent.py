"""The latest messages of one rep, each with its state in a word, for lists on other pages. It only reads."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload

from vidmsg.accounts.models import User
from vidmsg.composing import story
from vidmsg.messages import progress, states
from vidmsg.messages.models import GREETING, Message
from vidmsg.people.models import Person


@dataclass(frozen=True)
class Recent:
    """One line of a list. `state_chip`: word, tint and ring for the chip macro."""

    id: str
    person: Person
    created_at: dt.datetime
    state_chip: tuple[str, str, str]


def for_user(session: Session, user: User, limit: int) -> list[Recent]:
    """The user's own messages to others, newest first, without canceled ones."""
    rows = session.execute(
        sa.select(Message)
        .options(joinedload(Message.person), joinedload(Message.video))
        .where(Message.sender_id == user.id, Message.state != states.CANCELED, Message.purpose == GREETING)
        .order_by(Message.created_at.desc())  # and nothing more, so that the index ends the search
        .limit(limit)
    ).scalars()
    return [Recent(row.id, row.person, row.created_at, story.chip(row, progress.of(session, row))) for row in rows]
