"""A simulated Twilio as a process of its own, surely ended; and what tests need around it."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path

import requests

from tests.server import ROOT, free_port, wait_for
from vidmsg.clock import OFFSET_FILE


class SimulatorProcess:
    """`with SimulatorProcess(file) as process:` runs one on a free port, by the clock in the file `clock`."""

    def __init__(self, database: Path, *options: str, clock: Path | None = None) -> None:
        self.database, self.port, self.clock = database, free_port(), clock
        self.url = f"http://127.0.0.1:{self.port}"
        self.options = ("--pace", "0.05", *options)
        self._keeper: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> SimulatorProcess:
        command = [
            sys.executable,
            "-m",
            "vidmsg.sms.simulator_server",
            "--database",
            str(self.database),
            "--port",
            str(self.port),
            *self.options,
        ]
        folder = tempfile.mkdtemp(prefix="vidmsg-twilio-")
        keeper = [sys.executable, str(ROOT / "tests" / "keeper.py"), folder, *command]
        moved = {OFFSET_FILE: str(self.clock)} if self.clock else {}
        environment = {**os.environ, "PYTHONPATH": str(ROOT), **moved}
        self._keeper = subprocess.Popen(keeper, stdin=subprocess.PIPE, env=environment)
        wait_for(self._answers, "the simulator's first answer")
        return self

    def __exit__(self, *_: object) -> None:
        assert self._keeper is not None
        assert self._keeper.stdin is not None
        self._keeper.stdin.close()
        self._keeper.wait()

    def _answers(self) -> bool:
        assert self._keeper is not None
        assert self._keeper.poll() is None, "the simulator ended at once"
        try:
            return requests.get(self.url, timeout=1).status_code in {401, 404}
        except requests.ConnectionError:
            return False
