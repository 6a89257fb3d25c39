"""Workers say that they live: each in a row of its own, seldom, gone when they end and forgotten when they are dead."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest
import sqlalchemy as sa
from flask import Flask

from tests.postgres import both_databases
from tests.unit.messages.conftest import Clock
from vidmsg import clock
from vidmsg.database import db, reading
from vidmsg.jobs import beats
from vidmsg.jobs.beats import Pulse, WorkerBeat

pytestmark = both_databases


@pytest.fixture(autouse=True)
def _inside(app: Flask) -> Iterator[None]:
    with app.app_context():
        yield


def seen() -> list[WorkerBeat]:
    with reading() as session:
        return list(beats.seen(session))


def test_a_worker_has_one_row_and_keeps_it_fresh(time: Clock) -> None:
    pulse = Pulse()
    pulse.tick()
    (first,) = seen()
    assert (first.pid, first.is_alive(clock.now())) == (os.getpid(), True)
    time.forward(seconds=19)
    pulse.tick()
    (again,) = seen()
    assert again.seen_at > first.seen_at
    assert again.started_at == first.started_at


def test_a_worker_writes_seldom(time: Clock) -> None:
    pulse = Pulse()
    pulse.tick()
    written: list[str] = []
    sa.event.listen(db.engine, "before_cursor_execute", lambda _c, _k, statement, *_: written.append(statement))
    for _ in range(4):
        pulse.tick()
    assert written == []


def test_a_silent_worker_is_shown_as_such_and_forgotten_in_a_while(time: Clock) -> None:
    dead, living = Pulse(), Pulse()
    dead.tick()
    time.forward(minutes=1)
    living.tick()
    now = clock.now()
    assert [worker.is_alive(now) for worker in seen()] == [True, False]
    time.forward(minutes=10)
    living.tick()
    assert [worker.id for worker in seen()] == [living.id]


def test_a_worker_that_ends_takes_its_row_along(time: Clock) -> None:
    pulse, other = Pulse(), Pulse()
    pulse.tick()
    other.tick()
    pulse.end()
    assert [worker.id for worker in seen()] == [other.id]


def test_a_row_that_was_taken_away_is_written_anew(time: Clock) -> None:
    pulse = Pulse()
    pulse.tick()
    pulse.end()
    time.forward(seconds=6)
    pulse.tick()
    assert [worker.id for worker in seen()] == [pulse.id]


def test_a_clock_that_was_put_back_hides_nobody(time: Clock) -> None:
    pulse, before = Pulse(), Pulse()
    before.tick()
    pulse.tick()
    time.forward(hours=-1)
    pulse.tick()
    assert [worker.id for worker in seen()] == [pulse.id]
    assert seen()[0].is_alive(clock.now())
