"""A file that was looked at and not taken in is forgotten after a day: it is full of names and numbers."""

from __future__ import annotations

import datetime as dt

import sqlalchemy as sa

from vidmsg import clock
from vidmsg.database import writing
from vidmsg.jobs.pausing import Pause
from vidmsg.people.models import ImportBatch

KEPT = dt.timedelta(days=1)
EVERY = dt.timedelta(minutes=10)


class Forgetting:
    """Looks now and then."""

    def __init__(self) -> None:
        self._pause = Pause()

    def tick(self) -> None:
        """Each second."""
        if self._pause.is_over:
            self._pause.begin(EVERY)
            forget()


def forget() -> None:
    """Drop old files. A list that was taken in half way stays without its file, so that it can be taken back."""
    old = ImportBatch.created_at < clock.now() - KEPT, ImportBatch.applied_at.is_(None)
    with writing() as session:
        half = sa.update(ImportBatch).where(*old, ImportBatch.started_at.is_not(None))
        session.execute(half.values(source=None, applied_at=ImportBatch.started_at))
        session.execute(sa.delete(ImportBatch).where(*old, ImportBatch.started_at.is_(None)))
