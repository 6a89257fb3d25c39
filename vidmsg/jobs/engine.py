"""Claiming and waking: the registry of what there is to do, the queues that wake workers, and the sweep that takes up
what a dead worker left."""

from __future__ import annotations

import itertools
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any

import sqlalchemy as sa
from flask import Flask, current_app
from huey import Huey, PostgresHuey, SqliteHuey
from sqlalchemy import orm

from vidmsg import clock, logs
from vidmsg.database import db, writing
from vidmsg.jobs import running
from vidmsg.jobs.rows import DUE, FAILED, QUEUES, RUNNING, in_line
from vidmsg.jobs.running import LEASE, Held, Kind
from vidmsg.tokens import new_token

log = logs.get(__name__)


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
        self._turns: dict[str, Iterator[int]] = {name: itertools.count() for name in QUEUES}

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
        """Add work on rows with their own states. All of a queue take turns with its jobs."""
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

    def call_another(self, queue: str) -> None:
        """There is more than one thread should do: an idle one, of this worker or another, looks too."""
        try:
            if self.queues[queue].pending_count() == 0:
                self.wake(queue)
        except Exception as error:  # whoever asks holds work already, and shall go on with it
            log.warning("no other called", queue=queue, error=type(error).__name__)

    def run_one(self, queue: str) -> bool:
        """Do one piece of the queue's work here. False when nothing is due. What is registered is asked in its order,
        each time beginning with the next of them: however much of one sort waits, none of the others waits for it."""
        sorts = [*(partial(_work, drain) for drain in self.drains[queue]), partial(self._run_job, queue)]
        begin = next(self._turns[queue]) % len(sorts)
        return any(work() for work in sorts[begin:] + sorts[:begin])

    def _run_job(self, queue: str) -> bool:
        for kind in self.kinds[queue]:
            held = self._claim(kind)
            if held:
                running.run(kind, held)
                return True
        return False

    def _claim(self, kind: Kind) -> Held | None:
        now, owner, model = clock.now(), new_token(), kind.model
        with writing() as session:
            pick = (
                sa.select(model.id)
                .where(in_line(), model.job_state == DUE, model.job_due_at <= now)
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


def _open_queue(name: str, database_url: str, queue_url: str) -> Huey:
    url, queue = queue_url or database_url, f"vidmsg-{name}"
    if url.startswith("postgres"):
        return PostgresHuey(queue, dsn=url.replace("+psycopg", ""), results=False)
    return SqliteHuey(queue, filename=url.removeprefix("sqlite:///") + ".queue", fsync=False, results=False, cache_mb=1)


def _work(drain: Drain) -> bool:
    try:
        return drain.work()
    except Exception:  # its row waits for the end of its lease; the others go on at the next wake-up
        log.exception("drain failed", queue=drain.queue, work=drain.work.__qualname__)
        return False


def _sweep_kind(kind: Kind) -> bool:
    """Take up rows whose owner is gone; whether anything of this table is due now."""
    model, now = kind.model, clock.now()
    dead = sa.and_(in_line(), model.job_state == RUNNING, model.job_lease_until < now)
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
    return _exists(sa.and_(in_line(), model.job_state == DUE, model.job_due_at <= now), model)


def _exists(condition: sa.ColumnElement[bool], model: type[Any]) -> bool:
    from_session: orm.Session = db.sessionmaker(info={"vidmsg_readonly": True})
    with from_session as session:
        return session.execute(sa.select(model.id).where(condition).limit(1)).first() is not None
