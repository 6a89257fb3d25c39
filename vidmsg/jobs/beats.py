"""Workers that are alive: each says so every few seconds in a row of its own, so that a manager can see them. Nothing
is decided by these rows: what a dead worker held comes back by its lease."""

from __future__ import annotations

import datetime as dt
import os
import socket
from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, Session, mapped_column

from vidmsg import clock
from vidmsg.database import Base, UTCDateTime, writing
from vidmsg.tokens import new_token

EVERY = dt.timedelta(seconds=5)
ALIVE = dt.timedelta(seconds=20)
"""Seen within this time, a worker counts as alive: it may miss a few beats on a busy machine."""
FORGOTTEN = dt.timedelta(minutes=10)


class WorkerBeat(Base):
    """One worker process. `id` is made anew at each start."""

    __tablename__ = "worker_beat"

    id: Mapped[str] = mapped_column(sa.String(22), primary_key=True)
    host: Mapped[str] = mapped_column(sa.String(80))
    pid: Mapped[int] = mapped_column()
    started_at: Mapped[dt.datetime] = mapped_column(UTCDateTime)
    seen_at: Mapped[dt.datetime] = mapped_column(UTCDateTime)

    def is_alive(self, now: dt.datetime) -> bool:
        """Whether it was seen just now."""
        return abs(now - self.seen_at) <= ALIVE


class Pulse:
    """The beat of this process. Its clock calls `tick`; needs an application context."""

    def __init__(self) -> None:
        self.id, self.started_at = new_token(), clock.now()
        self.last: dt.datetime | None = None

    def tick(self) -> None:
        """Say that this worker lives, if that was not said just now, and forget those that fell silent long ago."""
        now = clock.now()
        if self.last and abs(now - self.last) < EVERY:
            return
        with writing() as session:
            known = sa.update(WorkerBeat).where(WorkerBeat.id == self.id).values(seen_at=now)
            if session.execute(known.returning(WorkerBeat.id)).first() is None:
                host = socket.gethostname()[:80]
                session.add(WorkerBeat(id=self.id, host=host, pid=os.getpid(), started_at=self.started_at, seen_at=now))
            silent = sa.or_(WorkerBeat.seen_at < now - FORGOTTEN, WorkerBeat.seen_at > now + FORGOTTEN)
            session.execute(sa.delete(WorkerBeat).where(silent, WorkerBeat.id != self.id))
        self.last = now

    def end(self) -> None:
        """This worker goes, in good order."""
        with writing() as session:
            session.execute(sa.delete(WorkerBeat).where(WorkerBeat.id == self.id))


def seen(session: Session) -> Sequence[WorkerBeat]:
    """Every worker that is not forgotten yet, the one seen last first."""
    return session.scalars(sa.select(WorkerBeat).order_by(WorkerBeat.seen_at.desc(), WorkerBeat.id)).all()
