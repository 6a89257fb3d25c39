"""Is this the only one? A copy of the installation, or its database of yesterday that was put back, takes for unsent
what has left meanwhile. Two marks tell. A number is counted on in the database and then in the storage: a database that
is behind its storage is an old one. And the place where the database lies: in another one it may be a copy. Where
either speaks, sending is frozen (frozen.py). The storage is read before the transaction and written after it, so its
number is never ahead of a healthy database's, whoever counts at the same moment or is killed in between."""

from __future__ import annotations

import threading
import time

import sqlalchemy as sa
from flask import Flask
from sqlalchemy.orm import Session

from vidmsg import clock, logs
from vidmsg.accounts import installation
from vidmsg.accounts.models import Installation
from vidmsg.database import reading, writing
from vidmsg.messages import frozen
from vidmsg.messages.models import Attempt
from vidmsg.storage import Storage, StorageError, generation

log = logs.get(__name__)

EVERY_S = 60.0
PUT_BACK = "This database is an older one that was put back. What it takes for unsent may have left since."
ELSEWHERE = (
    "The database lies in another place than before, so this may be a copy. If this is the only one that runs, "
    "you can send again."
)


def at_start(session: Session, row: Installation, *, noted: int, place: str | None) -> None:
    """What every process asks before it works. `noted`: the storage's number, read before this transaction began."""
    count(session, row, noted)
    if place is None or row.place == place:
        return
    if row.place is not None and _may_be_doubled(session):
        frozen.begin(session, ELSEWHERE)
    row.place = place


def count(session: Session, row: Installation, noted: int) -> None:
    """Count on, and freeze where the storage is ahead. Note the number in the storage once this is committed."""
    session.refresh(row, with_for_update=True)  # of two who count at once, the second goes on from the first
    if noted > row.generation:
        frozen.begin(session, PUT_BACK)
    row.generation, row.counted_at = max(noted, row.generation) + 1, clock.now()
    session.flush()


def count_on(storage: Storage) -> None:
    """Count on while we run, so that a database of an hour ago is known for what it is too. Only when a text left since
    the last time: before that there is nothing to double."""
    if not _sent_since():
        return
    noted = generation.newest(storage)
    with writing() as session:
        row = session.scalars(sa.select(Installation)).one()
        count(session, row, noted)
        number = row.generation
    generation.note(storage, number)


class Counting:
    """The clock's part: once a minute, in a thread of its own, because the storage may be slow or away."""

    def __init__(self, app: Flask) -> None:
        self._app = app
        self._not_before = 0.0
        self._running = threading.Lock()

    def tick(self) -> None:
        """Each second."""
        if time.monotonic() >= self._not_before and self._running.acquire(blocking=False):
            self._not_before = time.monotonic() + EVERY_S
            threading.Thread(target=self._count, name="counting", daemon=True).start()

    def _count(self) -> None:
        try:
            with self._app.app_context():
                count_on(self._app.extensions["storage"])
        except StorageError as error:
            log.warning("not counted on, the storage is away", error=type(error).__name__)
        except Exception:
            log.exception("counting failed")
        finally:
            self._running.release()


def _sent_since() -> bool:
    with reading() as session:
        row = installation.find(session)
        if row is None or row.counted_at is None:
            return False
        since = sa.select(Attempt.id).where(Attempt.created_at >= row.counted_at).limit(1)
        return session.execute(since).first() is not None


def _may_be_doubled(session: Session) -> bool:
    """Whether anything is on its way, or ever was: then days are planned too, and reps asked about them."""
    return frozen.any_pending(session) or session.execute(sa.select(Attempt.id).limit(1)).first() is not None
