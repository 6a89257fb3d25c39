"""Table of the workers that are alive: each says so every few seconds, so that a manager can see them."""

from __future__ import annotations

import datetime as dt

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from vidmsg.database import Base, UTCDateTime


class WorkerBeat(Base):
    """One worker process. `id` is made anew at each start."""

    __tablename__ = "worker_beat"

    id: Mapped[str] = mapped_column(sa.String(22), primary_key=True)
    host: Mapped[str] = mapped_column(sa.String(80))
    pid: Mapped[int] = mapped_column()
    started_at: Mapped[dt.datetime] = mapped_column(UTCDateTime)
    seen_at: Mapped[dt.datetime] = mapped_column(UTCDateTime)
