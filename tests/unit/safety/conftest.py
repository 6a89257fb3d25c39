"""The messages' world (its cast, its made-up network) for the proofs of this folder, with a clock that stands still
until it is moved, so that a slow machine changes nothing."""

from __future__ import annotations

import datetime as dt

import pytest

from tests.unit.messages.conftest import NOON, gateway, home, look, video, write, written
from vidmsg import clock

__all__ = ["Standing", "gateway", "home", "look", "time", "video", "write", "written"]


class Standing:
    """What `clock.now()` says."""

    def __init__(self) -> None:
        self.moment = NOON

    def at(self, moment: dt.datetime) -> None:
        """It is `moment` now."""
        self.moment = moment.astimezone(dt.UTC)

    def forward(self, **passed: float) -> None:
        """Time passes; it may pass backwards, as after a correction of the clock."""
        self.moment += dt.timedelta(**passed)


@pytest.fixture(autouse=True)
def time(monkeypatch: pytest.MonkeyPatch) -> Standing:
    """The clock of this test; at noon in Seattle, a Wednesday."""
    made = Standing()
    monkeypatch.setattr(clock, "now", lambda: made.moment)
    return made
