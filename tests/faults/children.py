"""Real processes that are quick to make: children forked from one warm mother (see mother.py). Each opens its own
database, does one job, and may be killed at a named point on its way."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
from dataclasses import asdict, dataclass
from multiprocessing.connection import Connection, Listener
from typing import Any

from tests.server import ROOT
from vidmsg.clock import OFFSET_FILE

PATIENCE_S = 60.0
HERE, DONE = "here", "done"


@dataclass(frozen=True)
class Place:
    """One installation, as every process of it is told: where its rows are, its files, its clock, its Twilio."""

    database_url: str
    folder: str
    clock: str
    simulator_url: str
    public_url: str = "http://127.0.0.1:9"  # nobody listens there


class Child:
    """A process that does one job of tests.faults.jobs. At its `point` it stops, says so and waits for its end."""

    def __init__(self, words: Connection) -> None:
        self._words = words
        self.pid: int = self._hear()

    def reach(self) -> None:
        """Wait until it stands at its point."""
        word, told = self._hear()
        assert word == HERE, f"it never came to its point: {word} {told}"

    def go_on(self) -> None:
        """Let it go on from its point."""
        self._words.send(None)

    def kill(self) -> None:
        """End it as a power cut would: SIGKILL; returns when nothing of it is left."""
        os.kill(self.pid, signal.SIGKILL)
        with contextlib.suppress(EOFError, ConnectionError):
            while True:
                self._hear()

    def result(self) -> Any:
        """Wait until it is done; what its job gave back."""
        word, told = self._hear()
        assert word == DONE, told
        return told

    def _hear(self) -> Any:
        assert self._words.poll(PATIENCE_S), "a child said nothing for a minute"
        return self._words.recv()


class Mother:
    """The warm process of one installation, which `job` makes first. It ends when we do, and so do its children."""

    def __init__(self, place: Place, job: str = "warm_up", **arguments: Any) -> None:
        self._listener = Listener(family="AF_UNIX")
        environment = {**os.environ, "PYTHONPATH": str(ROOT), OFFSET_FILE: place.clock}
        first = {"job": job, "point": None, "arguments": arguments}
        told = json.dumps({"place": asdict(place), "address": self._listener.address, "first": first})
        command = [sys.executable, "-m", "tests.faults.mother", told]
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, text=True, env=environment)
        Child(self._listener.accept()).result()

    def bear(self, job: str, point: str | None = None, **arguments: Any) -> Child:
        """A child that does this job, perhaps up to a point only."""
        assert self._process.stdin
        self._process.stdin.write(json.dumps({"job": job, "point": point, "arguments": arguments}) + "\n")
        self._process.stdin.flush()
        return Child(self._listener.accept())

    def end(self) -> None:
        """End it; every child was killed or is done."""
        self._process.kill()
        self._process.wait()
        self._listener.close()
