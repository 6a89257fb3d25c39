"""How fast texts leave, over all workers together: one row per sender and the generic cell rate algorithm (ITU-T
I.371), any number of texts in one turn. Nobody waits inside: who gets no leave looks again with the clock."""

from __future__ import annotations

import datetime as dt
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from vidmsg.messages.models import SenderRate

CATCH_UP = dt.timedelta(seconds=1.5)
"""How far texts may bunch up: the clock looks once a second, and what it finds then goes together."""
NONSENSE = dt.timedelta(minutes=1)
"""A row further ahead than this was written by a clock that has been put back since; it is begun anew."""


def take(session: Session, sender: str, wanted: int, now: dt.datetime, a_second: float) -> int:
    """How many of `wanted` texts may leave through `sender` now, at `a_second` texts a second (0: no limit)."""
    if a_second <= 0 or not wanted:
        return wanted
    gap, row = dt.timedelta(seconds=1 / a_second), _row(session, sender, now)
    free_at = now if row.free_at > now + NONSENSE + gap else max(row.free_at, now)
    granted = min(wanted, max(0, (now + CATCH_UP - free_at) // gap + 1))
    if granted:
        row.free_at = free_at + granted * gap
    return granted


def _row(session: Session, sender: str, now: dt.datetime) -> SenderRate:
    """The sender's row, made if absent; other workers wait until this one is done with it."""
    insert: Any = (postgresql if session.get_bind().dialect.name == "postgresql" else sqlite).insert(SenderRate)
    session.execute(insert.values(sender=sender, free_at=now).on_conflict_do_nothing())
    locked = sa.select(SenderRate).where(SenderRate.sender == sender).with_for_update()
    return session.scalars(locked.execution_options(populate_existing=True)).one()
