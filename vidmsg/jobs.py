"""The row is the job, Huey only wakes a worker: lost or doubled wake-ups are harmless, and a killed worker's row is
taken up by another once its lease is over. A job's row carries the columns of `JobColumns`; features register one
handler a table. This module owns claiming, leases, retries and handing back; it may not know what a job does.

1. A feature inserts a row with job_state "due" and calls `wake(queue)`.
2. Any worker thread of that queue claims the oldest due row by compare-and-set, with a lease and its own name.
3. While the handler runs, a heartbeat renews the lease; each write is fenced by the owner's name.
4. Done, failed for good, or due again later with a growing pause; at shutdown handed back at once.
5. The clock calls `sweep` each second: dead leases become due, due rows wake their queue."""

from __future__ import annotations

import datetime as dt
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa
from flask import Flask, current_app
from huey import Huey, PostgresHuey, RedisHuey, SqliteHuey
from sqlalchemy import orm
from sqlalchemy.orm import Mapped, mapped_column

from vidmsg import clock, logs
from vidmsg.database import UTCDateTime, db, writing
from vidmsg.tokens import new_token

log = logs.get(__name__)

IDLE, DUE, RUNNING, DONE, FAILED = "idle", "due", "running", "done", "failed"
QUEUES = ("live", "prepare", "sms")
LEASE = dt.timedelta(seconds=60)
FIRST_PAUSE = dt.timedelta(seconds=5)
LONGEST_PAUSE = dt.timedelta(minutes=30)


class JobColumns:
    """Columns that make a row a job. Times in UTC; `job_tries` counts starts."""

    job_state: Mapped[str] = mapped_column(sa.String(10), default=IDLE)
    job_due_at: Mapped[dt.datetime | None] = mapped_column(UTCDateTime)
    job_lease_until: Mapped[dt.datetime | None] = mapped_column(UTCDateTime)
    job_owner: Mapped[str | None] = mapped_column(sa.String(22))
    job_tries: Mapped[int] = mapped_column(default=0)
    job_error: Mapped[str | None] = mapped_column(sa.String(500))


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


@dataclass(frozen=True)
class Kind:
    """One table of jobs: who does it, in which queue, how often it may be started."""

    queue: str
    model: type[Any]
    run: Handler
    max_tries: int = 8
    on_failed: Callable[[Any], None] | None = None


@dataclass(frozen=True)
class Drain:
    """Work on rows that keep a state machine of their own instead of JobColumns. `work` does one piece and returns
    whether it did; `due` is a quick look whether there is any. Both may run on several machines at once."""

    queue: str
    work: Callable[[], bool]
    due: Callable[[], bool]


class Jobs:
    """The registry and the engine of one application."""

    def __init__(self, database_url: str, queue_url: str = "") -> None:
        self.kinds: dict[str, list[Kind]] = {name: [] for name in QUEUES}
        self.drains: dict[str, list[Drain]] = {name: [] for name in QUEUES}
        self.ticks: list[Callable[[], None]] = []
        self.stopping = threading.Event()
        self.queues: dict[str, Huey] = {name: _open_queue(name, database_url, queue_url) for name in QUEUES}
        self._wakers: dict[str, Callable[[], Any]] = {}
        self._running: dict[str, int] = dict.fromkeys(QUEUES, 0)

    def init_app(self, app: Flask) -> None:
        """Make the wake-up task of each queue; every one runs inside an application context."""
        app.extensions["jobs"] = self
        for name in QUEUES:
            self._wakers[name] = self._waker(name, app)

    def _waker(self, name: str, app: Flask) -> Callable[[], Any]:
        @self.queues[name].task(name=f"drain_{name}")  # type: ignore[untyped-decorator, unused-ignore]
        def drain() -> None:  # carries no id: any wake-up serves any due row
            while not self.stopping.is_set():
                with app.app_context():
                    if not self.run_one(name):
                        return

        waker: Callable[[], Any] = drain
        return waker

    def register(self, kind: Kind) -> None:
        """Add a table of jobs. Called by features when the application is made."""
        self.kinds[kind.queue].append(kind)

    def register_drain(self, drain: Drain) -> None:
        """Add work on rows with their own states. It runs when no job of the queue is due."""
        self.drains[drain.queue].append(drain)

    def every_second(self, tick: Callable[[], None]) -> None:
        """Add a piece of the clock's work; it must be quick and may run on several machines at once."""
        self.ticks.append(tick)

    def wake(self, queue: str) -> None:
        """Tell some worker that there may be work. Failing to is harmless: the clock looks again within a second."""
        try:
            self._wakers[queue]()
        except Exception as error:  # the row is already committed, so nothing is lost
            log.warning("wake failed", queue=queue, error=type(error).__name__)

    def run_one(self, queue: str) -> bool:
        """Claim one due row of the queue and run it here. False when nothing is due."""
        for kind in self.kinds[queue]:
            held = self._claim(kind)
            if held:
                _run(kind, held)
                return True
        return any(_work(drain) for drain in self.drains[queue])

    def _claim(self, kind: Kind) -> Held | None:
        now, owner, model = clock.now(), new_token(), kind.model
        with writing() as session:
            pick = (
                sa.select(model.id)
                .where(model.job_state == DUE, model.job_due_at <= now)
                .order_by(model.job_due_at, model.id)
                .limit(1)
                .with_for_update(skip_locked=True)
            )
            chosen = session.execute(pick).scalar_one_or_none()
            if chosen is None:
                return None
            tries = session.execute(
                sa.update(model)
                .where(model.id == chosen, model.job_state == DUE)
                .values(job_state=RUNNING, job_owner=owner, job_lease_until=now + LEASE, job_tries=model.job_tries + 1)
                .returning(model.job_tries)
            ).scalar_one_or_none()
        return Held(model, chosen, owner, tries, self.stopping) if tries is not None else None

    def sweep(self) -> None:
        """Make rows with a dead lease due again (or failed after too many starts) and wake queues with due rows.
        Cheap when nothing is due: partial indexes hold only due and running rows."""
        for queue, kinds in self.kinds.items():
            due = [_sweep_kind(kind) for kind in kinds]  # every one, not only up to the first that is due
            due += [drain.due() for drain in self.drains[queue]]
            if any(due) and self.queues[queue].pending_count() < 8:
                self.wake(queue)


def jobs() -> Jobs:
    """The registry of the current application."""
    found: Jobs = current_app.extensions["jobs"]
    return found


def due_now() -> dict[str, Any]:
    """Values that make a row due at once."""
    return {"job_state": DUE, "job_due_at": clock.now(), "job_tries": 0, "job_error": None}


def job_index(table: str) -> sa.Index:
    """The partial index that keeps scans small: only due and running rows are in it."""
    where = sa.text("job_state IN ('due', 'running')")
    return sa.Index(f"ix_{table}_job", "job_state", "job_due_at", postgresql_where=where, sqlite_where=where)


def _open_queue(name: str, database_url: str, queue_url: str) -> Huey:
    url, queue = queue_url or database_url, f"vidmsg-{name}"
    if url.startswith("redis"):
        return RedisHuey(queue, url=url, results=False)
    if url.startswith("postgres"):
        return PostgresHuey(queue, dsn=url.replace("+psycopg", ""), results=False)
    return SqliteHuey(queue, filename=url.removeprefix("sqlite:///") + ".queue", fsync=False, results=False, cache_mb=1)


def _work(drain: Drain) -> bool:
    try:
        return drain.work()
    except Exception:  # its row waits for the end of its lease; the others go on at the next wake-up
        log.exception("drain failed", queue=drain.queue, work=drain.work.__qualname__)
        return False


def _run(kind: Kind, held: Held) -> None:
    done = threading.Event()
    beat = threading.Thread(target=_heartbeat, args=(current_app._get_current_object(), held, done), daemon=True)  # type: ignore[attr-defined]
    beat.start()
    started = clock.now()
    try:
        kind.run(held)
    except HandBack:
        held.put(job_state=DUE, job_due_at=clock.now(), job_tries=max(0, held.tries - 1), job_owner=None)
    except GiveUp as error:
        _fail(kind, held, str(error))
    except Exception as error:
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
        db.session.rollback()


def _again(kind: Kind, held: Held, error: Exception) -> None:
    if held.tries >= kind.max_tries:
        _fail(kind, held, repr(error))
        return
    pause = min(FIRST_PAUSE * 2 ** (held.tries - 1), LONGEST_PAUSE)
    held.put(job_state=DUE, job_due_at=clock.now() + pause, job_owner=None, job_error=repr(error)[:500])


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


def _sweep_kind(kind: Kind) -> bool:
    """Take up rows whose owner is gone; whether anything of this table is due now."""
    model, now = kind.model, clock.now()
    dead = sa.and_(model.job_state == RUNNING, model.job_lease_until < now)
    if _exists(dead, model):
        with writing() as session:
            lost = session.execute(sa.select(model.id).where(dead, model.job_tries >= kind.max_tries)).scalars().all()
            session.execute(
                sa.update(model)
                .where(model.id.in_(lost), dead)
                .values(job_state=FAILED, job_owner=None, job_error="the worker ended each time")
            )
            session.execute(sa.update(model).where(dead).values(job_state=DUE, job_owner=None, job_due_at=now))
        for row in lost:
            if kind.on_failed:
                kind.on_failed(row)
    return _exists(sa.and_(model.job_state == DUE, model.job_due_at <= now), model)


def _exists(condition: sa.ColumnElement[bool], model: type[Any]) -> bool:
    from_session: orm.Session = db.sessionmaker(info={"vidmsg_readonly": True})
    with from_session as session:
        return session.execute(sa.select(model.id).where(condition).limit(1)).first() is not None


def _rowcount(result: Any) -> int:
    return int(result.rowcount)
