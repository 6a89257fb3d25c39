"""A backup is restored beside the installation that it was made of, and both run, as real processes: nobody gets a text
twice, and nobody goes without who is not asked about."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from tests import postgres
from tests.faults.children import Mother, Place
from tests.faults.conftest import NUMBERS, Twilio
from tests.faults.jobs import LEFT, NOON, set_clock
from tests.server import wait_for
from vidmsg import migrations
from vidmsg.messages import frozen, states

DUE = (10, 60, 120)  # minutes after noon
EACH = 3


class Copies:
    """The installation at work and the one that is made of its backup, with two workers each."""

    def __init__(self, stack: ExitStack, kind: str, folder: Path, twilio: Twilio, clock: Path) -> None:
        self._stack, self._kind, self._folder, self._clock = stack, kind, folder, clock
        self.twilio, self.archive = twilio, str(folder / "backup.tar")
        self.first = self._mother("first", "warm_up")
        self.at(0)
        self.numbers = {due: [f"+1206555{next(NUMBERS)}" for _ in range(EACH)] for due in DUE}
        due_in = {number: due * 60 for due, numbers in self.numbers.items() for number in numbers}
        self.first.bear("write_each", due_in=due_in).result()
        self.first.bear("back_up", archive=self.archive).result()
        self.workers = [self.first.bear("labour") for _ in range(2)]

    def restored(self) -> Mother:
        """The copy, at work."""
        made = self._mother("second", "restore", archive=self.archive)
        for _ in range(2):
            made.bear("labour")
        return made

    def at(self, minute: float) -> None:
        """So many minutes after noon, for all of them and for Twilio."""
        set_clock(self._clock, NOON + dt.timedelta(minutes=minute))

    def texts(self, due: int) -> list[int]:
        """How many texts each of those got who are due then."""
        return [len(self.twilio.texts(number)) for number in self.numbers[due]]

    def _mother(self, name: str, job: str, **arguments: Any) -> Mother:
        folder = self._folder / name
        folder.mkdir()
        url = postgres.empty_database() if self._kind == "postgres" else f"sqlite:///{folder / 'vidmsg.db'}"
        if job == "warm_up":
            migrations.upgrade(url)
        made = Mother(Place(url, str(folder), str(self._clock), self.twilio.url), job, **arguments)
        self._stack.callback(made.end)
        return made


@pytest.fixture
def copies(request: pytest.FixtureRequest, tmp_path: Path, twilio: Twilio, judge_clock: Path) -> Iterator[Copies]:
    twilio.goes_wrong()
    with ExitStack() as stack:
        yield Copies(stack, request.param, tmp_path, twilio, judge_clock)


@pytest.mark.parametrize(("copies", "lifted_at"), [("sqlite", 121), ("postgres", 137)], indirect=["copies"])
def test_a_restored_backup_and_a_running_copy_double_nothing(copies: Copies, lifted_at: int) -> None:
    copies.at(10.5)
    wait_for(lambda: copies.texts(10) == [1] * EACH, "the first ones to leave")
    second = copies.restored()
    copies.at(60.5)
    wait_for(lambda: copies.texts(60) == [1] * EACH, "the next ones to leave, from the running copy")
    copies.at(120.5)
    wait_for(lambda: any(copies.texts(120)), "one of the last to leave")
    for worker in copies.workers:  # it is stopped in the middle of its work
        worker.kill()
    copies.at(lifted_at)
    wait_for(lambda: second.bear("lift").result(), "all to be looked up")
    told = {due: second.bear("rows_of", phones=copies.numbers[due]).result() for due in DUE}
    if lifted_at < 120 + frozen.SETTLED.total_seconds() / 60:
        assert [(row["state"], row["reason"]) for row in told[120]] == [(states.HELD, frozen.JUST_DUE)] * EACH
    else:
        wait_for(lambda: copies.texts(120) == [1] * EACH, "those that had not left to leave")
    assert {row["state"] for row in [*told[10], *told[60]]} <= LEFT
    assert [*copies.texts(10), *copies.texts(60)] == [1] * 2 * EACH
    assert max(copies.texts(120)) == 1
