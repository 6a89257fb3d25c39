"""What makes a row a job: its columns, its states, and the index that keeps scans small."""

from __future__ import annotations

import datetime as dt
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from vidmsg import clock
from vidmsg.database import UTCDateTime

IDLE, DUE, RUNNING, DONE, FAILED = "idle", "due", "running", "done", "failed"
QUEUES = ("live", "prepare", "sms")


class JobColumns:
    """Columns that make a row a job. Times in UTC; `job_tries` counts starts."""

    job_state: Mapped[str] = mapped_column(sa.String(10), default=IDLE)
    job_due_at: Mapped[dt.datetime | None] = mapped_column(UTCDateTime)
    job_lease_until: Mapped[dt.datetime | None] = mapped_column(UTCDateTime)
    job_owner: Mapped[str | None] = mapped_column(sa.String(22))
    job_tries: Mapped[int] = mapped_column(default=0)
    job_error: Mapped[str | None] = mapped_column(sa.String(500))


def due_now() -> dict[str, Any]:
    """Values that make a row due at once."""
    return {"job_state": DUE, "job_due_at": clock.now(), "job_tries": 0, "job_error": None}


def in_line() -> sa.TextClause:
    """Rows that wait or run, in the very words of their index: SQLite uses that for no others. Put it beside every
    condition on `job_state` of a query that has no other way to its rows."""
    return sa.text("job_state IN ('due', 'running')")


def job_index(table: str) -> sa.Index:
    """The partial index that keeps scans small: only due and running rows are in it."""
    where = in_line()
    return sa.Index(f"ix_{table}_job", "job_state", "job_due_at", postgresql_where=where, sqlite_where=where)
