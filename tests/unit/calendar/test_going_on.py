"""The clock's work goes on after a pause of just its length, however the clock was set meanwhile."""

from __future__ import annotations

import datetime as dt
import threading
from typing import Any

import pytest
from flask import Flask

from vidmsg import clock
from vidmsg.asking import asking
from vidmsg.asking.asking import Asking
from vidmsg.calendar import nightly, planning
from vidmsg.calendar.nightly import Nightly
from vidmsg.jobs.pausing import Pause

NOON = dt.datetime(2026, 11, 1, 20, tzinfo=dt.UTC)
MINUTE = dt.timedelta(minutes=1)
HOUR = dt.timedelta(hours=1)


class Wall:
    """A clock on the wall that anybody may set."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.shows = NOON
        monkeypatch.setattr(clock, "now", lambda: self.shows)


@pytest.fixture
def wall(monkeypatch: pytest.MonkeyPatch) -> Wall:
    return Wall(monkeypatch)


@pytest.mark.parametrize(
    ("later", "over"),
    [(dt.timedelta(), False), (MINUTE - dt.timedelta(seconds=1), False), (MINUTE, True), (HOUR, True)],
)
def test_a_pause_lasts_as_long_as_was_said(wall: Wall, later: dt.timedelta, over: bool) -> None:
    pause = Pause()
    assert pause.is_over
    pause.begin(MINUTE)
    wall.shows += later
    assert pause.is_over is over


@pytest.mark.parametrize("by", [dt.timedelta(seconds=1), dt.timedelta(seconds=50), HOUR, dt.timedelta(days=400)])
def test_a_clock_that_is_put_back_makes_no_pause_longer(wall: Wall, by: dt.timedelta) -> None:
    pause = Pause()
    pause.begin(MINUTE)
    wall.shows -= by
    assert pause.is_over


def ticked(worker: Any, name: str) -> None:
    worker.tick()
    for thread in threading.enumerate():
        if thread.name == name:
            thread.join(30)


@pytest.mark.parametrize("back", [dt.timedelta(seconds=20), HOUR])
@pytest.mark.parametrize(("work", "name", "run"), [(Asking, "asking", asking), (Nightly, "planning", planning)])
def test_after_a_failure_and_a_clock_put_back_asking_and_planning_go_on_at_once(
    app: Flask, wall: Wall, monkeypatch: pytest.MonkeyPatch, work: Any, name: str, run: Any, back: dt.timedelta
) -> None:
    looked: list[dt.datetime] = []

    def fails() -> int:
        looked.append(wall.shows)
        raise RuntimeError("the disk is full")

    monkeypatch.setattr(run, "run", fails)
    monkeypatch.setattr(nightly.planning, "is_due", lambda: True)
    worker = work(app)
    for later in (dt.timedelta(), dt.timedelta(seconds=30)):
        wall.shows = NOON + later
        ticked(worker, name)
    assert looked == [NOON]  # it waits a little after a failure
    wall.shows = NOON - back
    ticked(worker, name)
    assert looked == [NOON, NOON - back]


def test_asking_looks_each_second(app: Flask, wall: Wall, monkeypatch: pytest.MonkeyPatch) -> None:
    looked: list[dt.datetime] = []
    monkeypatch.setattr(asking, "run", lambda: looked.append(wall.shows) or 0)
    worker = Asking(app)
    for _ in range(3):
        ticked(worker, "asking")
        wall.shows += dt.timedelta(seconds=1)
    assert len(looked) == 3
