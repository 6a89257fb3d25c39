"""How fast texts leave, over all workers together: one row per sender and the generic cell rate algorithm (ITU-T
I.371), each text in one atomic statement. Nobody waits inside: who gets no leave looks again with the clock."""

from __future__ import annotations

import datetime as dt
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.orm import Session

from vidmsg.database import UTCDateTime
from vidmsg.messages.models import SenderRate

CATCH_UP = dt.timedelta(seconds=1.5)
"""How far texts may bunch up: the clock looks once a second, and what it finds then goes together."""
NONSENSE = dt.timedelta(minutes=1)
"""A row further ahead than this was written by a clock that has been put back since; it is begun anew."""


class _later(sa.sql.functions.GenericFunction[dt.datetime]):
    """A moment so many seconds later."""

    type = UTCDateTime()
    inherit_cache = True


@compiles(_later, "postgresql")
def _later_postgres(element: Any, compiler: Any, **how: Any) -> str:
    moment, seconds = (compiler.process(part, **how) for part in element.clauses)
    return f"{moment} + make_interval(secs => CAST({seconds} AS double precision))"


@compiles(_later, "sqlite")
def _later_sqlite(element: Any, compiler: Any, **how: Any) -> str:
    moment, seconds = (compiler.process(part, **how) for part in element.clauses)
    return f"strftime('%Y-%m-%d %H:%M:%f', {moment}, {seconds} || ' seconds') || '000'"


def take(session: Session, sender: str, wanted: int, now: dt.datetime, a_second: float) -> int:
    """How many of `wanted` texts may leave through `sender` now, at `a_second` texts a second (0: no limit)."""
    if a_second <= 0:
        return wanted
    granted = 0
    while granted < wanted and _one(session, sender, now, a_second):
        granted += 1
    return granted


def _one(session: Session, sender: str, now: dt.datetime, a_second: float) -> bool:
    dialect = session.get_bind().dialect.name
    gap, row = _gap(a_second), SenderRate.free_at
    insert: Any = (postgresql if dialect == "postgresql" else sqlite).insert(SenderRate)
    ahead = sa.and_(row > now, row <= now + NONSENSE + gap)
    after = sa.case((ahead, _later(row, gap.total_seconds())), else_=sa.literal(now + gap, UTCDateTime()))
    taken = insert.values(sender=sender, free_at=now + gap).on_conflict_do_update(
        index_elements=[SenderRate.sender],
        set_={"free_at": after},
        where=sa.or_(row <= now + CATCH_UP, row > now + NONSENSE + gap),
    )
    return session.execute(taken.returning(SenderRate.sender)).first() is not None


def _gap(a_second: float) -> dt.timedelta:
    return dt.timedelta(seconds=1 / a_second)
