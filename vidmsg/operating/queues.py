"""How full the queues are: what is due, what is under way, how long the oldest has waited. Counts of the whole
installation, without anything of anybody's; partial indexes hold just these rows."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from vidmsg import clock
from vidmsg.jobs import DUE, QUEUES, RUNNING, Jobs, in_line
from vidmsg.messages import due, states
from vidmsg.messages.models import Message

SMS = "sms"


@dataclass(frozen=True)
class Load:
    """One queue now. `oldest`: since when the first in line is due, None where nothing waits."""

    queue: str
    waiting: int
    running: int
    oldest: dt.datetime | None


def look(session: Session, registry: Jobs) -> list[Load]:
    """Every queue, in the order of a message's way."""
    return [_load(session, name, [kind.model for kind in registry.kinds[name]]) for name in QUEUES]


def _load(session: Session, name: str, models: Sequence[type[Any]]) -> Load:
    parts = [_jobs(session, model) for model in models]
    if name == SMS:
        parts.append(_messages(session))
    oldest = [moment for _, _, moment in parts if moment]
    return Load(name, sum(part[0] for part in parts), sum(part[1] for part in parts), min(oldest, default=None))


def _jobs(session: Session, model: type[Any]) -> tuple[int, int, dt.datetime | None]:
    now, count = clock.now(), sa.func.count()
    is_due = sa.and_(model.job_state == DUE, model.job_due_at <= now)
    counted = sa.select(
        count.filter(is_due), count.filter(model.job_state == RUNNING), sa.func.min(model.job_due_at).filter(is_due)
    )
    waiting, running, oldest = session.execute(counted.where(in_line())).one()
    return waiting, running, oldest


def _messages(session: Session) -> tuple[int, int, dt.datetime | None]:
    first = sa.func.min(Message.due_at)
    waiting, oldest = session.execute(
        sa.select(sa.func.count(), first).where(due.IS_SCHEDULED, Message.due_at <= clock.now())
    ).one()
    in_hand = sa.and_(Message.look_at.is_not(None), Message.state.in_((states.CLAIMED, states.SUBMITTING)))
    running = session.execute(sa.select(sa.func.count()).select_from(Message).where(in_hand)).scalar_one()
    return waiting, running, oldest
