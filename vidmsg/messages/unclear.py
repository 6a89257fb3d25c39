"""Somebody wrote back and nobody knows yet what is meant ("who is this?", "wrong number"). Until a person here has
read it, nothing else goes to that number. She says whether it was a stop; who comes second changes nothing."""

from __future__ import annotations

from typing import Any, cast

import sqlalchemy as sa
from sqlalchemy.orm import Session

from vidmsg import clock
from vidmsg.messages import inbound, keywords
from vidmsg.messages.models import Inbound, Message

MOST_SHOWN = 60


def holds(session: Session, message: Message) -> str | None:
    """Why this message waits, or None: the words that nobody has looked at."""
    waiting = (
        Inbound.organisation_id == message.organisation_id,
        Inbound.from_number == message.phone,
        Inbound.kind == keywords.UNCLEAR,
        Inbound.seen_at.is_(None),
    )
    said = session.scalar(sa.select(Inbound.body).where(*waiting).order_by(Inbound.id.desc()).limit(1))
    if said is None:
        return None
    short = said if len(said) <= MOST_SHOWN else said[: MOST_SHOWN - 1] + "…"
    return f"{message.person.first_name} wrote “{short}”. Read and answer that first, then send it or not."


def was_stop(session: Session, reply: Inbound, user_id: int) -> bool:
    """A colleague reads it as a stop, and it is obeyed like one."""
    if not _settle(session, reply, kind=keywords.STOP):
        return False
    inbound.stop(session, reply, user_id)
    return True


def was_no_stop(session: Session, reply: Inbound) -> bool:
    """A colleague has read it and it is no stop: texts to that number may go again."""
    return _settle(session, reply)


def _settle(session: Session, reply: Inbound, **values: Any) -> bool:
    waits = (Inbound.id == reply.id, Inbound.kind == keywords.UNCLEAR, Inbound.seen_at.is_(None))
    update = sa.update(Inbound).where(*waits).values(seen_at=clock.now(), **values)
    result = session.execute(update.execution_options(synchronize_session=False))
    session.refresh(reply)
    return cast("sa.CursorResult[Any]", result).rowcount == 1
