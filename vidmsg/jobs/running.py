"""Running one claimed row: the handler, its heartbeat, and how the row ends: done, due again after a growing pause,
handed back, put off by an outage, or failed for good. Every write is fenced by the owner's name."""

from __future__ import annotations

import datetime as dt
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa
from flask import Flask, current_app

from vidmsg import clock, logs
from vidmsg.database import db, writing
from vidmsg.jobs.rows import DONE, DUE, FAILED, RUNNING

log = logs.get(__name__)

LEASE = dt.timedelta(seconds=60)
FIRST_PAUSE = dt.timedelta(seconds=5)
LONGEST_PAUSE = dt.timedelta(minutes=30)
LONGEST_OUTAGE_PAUSE = dt.timedelta(seconds=60)
ASK_AGAIN_S = 2.0


class HandBack(Exception):
    """Raised by a handler that stops because the worker stops: the row is due again at once, the start not counted."""


class GiveUp(Exception):
    """Raised by a handler for which trying again is pointless; the row ends as failed with this text."""


@dataclass
class Held:
    """A claimed row in a handler's hands."""

    model: type[Any]
    id: Any
    owner: str
    tries: int
    stopping: threading.Event
    lost: threading.Event = field(default_factory=threading.Event)

    @property
    def should_stop(self) -> bool:
        """True once the worker stops or the lease went to somebody else: leave as soon as it is safe."""
        return self.stopping.is_set() or self.lost.is_set()

    def fence(self) -> sa.ColumnElement[bool]:
        """The condition under which the row is still ours; put it in every UPDATE of the row."""
        model = self.model
        return sa.and_(model.id == self.id, model.job_owner == self.owner, model.job_state == RUNNING)

    def put(self, **values: Any) -> bool:
        """Write to the row in a transaction of its own, if it is still ours. False when it was taken away."""
        with writing() as session:
            result = session.execute(sa.update(self.model).where(self.fence()).values(**values))
            kept = bool(_rowcount(result))
        if not kept:
            self.lost.set()
        return kept


Handler = Callable[[Held], None]
_holding: dict[str, Held] = {}  # by owner: what runs in this process just now


def no_outage(_error: Exception) -> bool:
    """The default of `Kind.outage`: every error says something about the row."""
    return False


@dataclass(frozen=True)
class Kind:
    """One table of jobs: who does it, in which queue, how often it may be started. `outage` tells an error that says
    nothing about the row (storage or database away, disk full): such a start is not counted."""

    queue: str
    model: type[Any]
    run: Handler
    max_tries: int = 8
    on_failed: Callable[[Any], None] | None = None
    outage: Callable[[Exception], bool] = no_outage


def run(kind: Kind, held: Held) -> None:
    done = threading.Event()
    beat = threading.Thread(target=_heartbeat, args=(current_app._get_current_object(), held, done), daemon=True)  # type: ignore[attr-defined]
    beat.start()
    started = clock.now()
    _holding[held.owner] = held
    try:
        kind.run(held)
    except HandBack:
        _hand_back(held)
    except GiveUp as error:
        _fail(kind, held, str(error))
    except Exception as error:
        if kind.outage(error):
            _later(kind, held, error, clock.now() - started)
        else:
            log.exception("job failed", queue=kind.queue, table=kind.model.__tablename__, id=held.id, tries=held.tries)
            _again(kind, held, error)
    else:
        held.put(job_state=DONE, job_owner=None, job_error=None)
        log.info(
            "job done",
            queue=kind.queue,
            table=kind.model.__tablename__,
            id=held.id,
            seconds=round((clock.now() - started).total_seconds(), 2),
        )
    finally:
        done.set()
        _holding.pop(held.owner, None)
        db.session.rollback()


def hand_back_all() -> None:
    """Hand back what still runs in this process, which is about to end: nobody shall wait for the leases. What a thread
    still writes after this is refused by the fence. Needs an application context."""
    for held in list(_holding.values()):
        _hand_back(held)


def _hand_back(held: Held) -> None:
    held.put(job_state=DUE, job_due_at=clock.now(), job_tries=max(0, held.tries - 1), job_owner=None)


def _told(error: Exception) -> str:
    """An error for the row: its first line only. What a database adds below may hold names and numbers."""
    return f"{type(error).__name__}: {(str(error).splitlines() or [''])[0]}"[:500]


def _again(kind: Kind, held: Held, error: Exception) -> None:
    if held.tries >= kind.max_tries:
        _fail(kind, held, _told(error))
        return
    pause = min(FIRST_PAUSE * 2 ** (held.tries - 1), LONGEST_PAUSE)
    held.put(job_state=DUE, job_due_at=clock.now() + pause, job_owner=None, job_error=_told(error))


def _later(kind: Kind, held: Held, error: Exception, took: dt.timedelta) -> None:
    """Due again, the start not counted. The pause is as long as this start took, within limits, so that an outage
    costs a worker at most half of its time. When the database itself is away, the row is kept until it is back."""
    reason = _told(error)
    log.warning(
        "job put off", queue=kind.queue, table=kind.model.__tablename__, id=held.id, reason=type(error).__name__
    )
    pause = min(max(took, FIRST_PAUSE), LONGEST_OUTAGE_PAUSE)
    while True:
        try:
            values = {"job_tries": max(0, held.tries - 1), "job_owner": None, "job_error": reason}
            held.put(job_state=DUE, job_due_at=clock.now() + pause, **values)
        except Exception as still:
            if not kind.outage(still) or held.stopping.wait(ASK_AGAIN_S):
                raise
        else:
            return


def _fail(kind: Kind, held: Held, reason: str) -> None:
    if held.put(job_state=FAILED, job_owner=None, job_error=reason[:500]) and kind.on_failed:
        kind.on_failed(held.id)


def _heartbeat(app: Flask, held: Held, done: threading.Event) -> None:
    with app.app_context():
        while not done.wait(LEASE.total_seconds() / 4):
            try:
                if not held.put(job_lease_until=clock.now() + LEASE):
                    return
            except sa.exc.SQLAlchemyError:
                log.warning("heartbeat failed", table=held.model.__tablename__, id=held.id)


def _rowcount(result: Any) -> int:
    return int(result.rowcount)
