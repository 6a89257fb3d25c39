"""Somebody wrote back and nobody knows yet what is meant ("who is this?", "wrong number"). Until a person here has
read it, nothing else goes to that number."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.orm import Session

from vidmsg.messages import keywords
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
