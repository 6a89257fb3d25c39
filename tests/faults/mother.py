"""The warm process from which children are forked. It has imported everything, made the application and sent one text
with it, so that whatever loads or compiles itself at first use is there; then it lets go of its database. It has no
thread and no connection when it forks, and every child opens its own."""

from __future__ import annotations

import ctypes
import json
import os
import signal
import sys
import threading
import traceback
from contextlib import suppress
from multiprocessing.connection import Client
from pathlib import Path
from typing import Any

from flask import Flask

from tests import alike
from tests.faults import jobs
from tests.faults.children import DONE, HERE, Place
from tests.faults.points import POINTS
from vidmsg import create_app, logs
from vidmsg.config import Settings
from vidmsg.database import db

FAILED = "failed"
PR_SET_PDEATHSIG = 1


def main() -> None:
    """Until standard input closes: for each line a child."""
    told = json.loads(sys.argv[1])
    logs.configure("CRITICAL", "json")  # what fails here is meant to
    alike.compile_addresses_once()
    app = create_app(settings_of(Place(**told["place"])))
    _work(app, told["address"], told["first"])
    with app.app_context():
        db.engine.dispose()
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # children that ended are forgotten
    for line in sys.stdin:
        _nothing_is_open()
        mother = os.getpid()
        if os.fork() == 0:
            _die_with(mother)
            _work(app, told["address"], json.loads(line))
            os._exit(0)  # nothing is tidied up: these processes are for being killed


def _die_with(mother: int) -> None:
    """A child of a test run that was killed must not work on for ever (Linux; elsewhere it may)."""
    with suppress(OSError, AttributeError):
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    if os.getppid() != mother:
        os._exit(1)


def settings_of(place: Place) -> Settings:
    return Settings(
        _env_file=None,
        data_dir=Path(place.folder),
        database_url=place.database_url,
        queue_url=f"sqlite:///{place.folder}/queue",
        secret_key="a secret for tests only, long enough",
        public_url=place.public_url,
        simulator_url=place.simulator_url,
        log_level="ERROR",
    )


def _nothing_is_open() -> None:
    assert threading.active_count() == 1, threading.enumerate()
    opened = [str(path.readlink()) for path in Path("/proc/self/fd").glob("*") if path.exists()]
    assert not [name for name in opened if name.endswith(".db") or name.startswith("socket")], opened


def _work(app: Flask, address: str, order: dict[str, Any]) -> None:
    with Client(address) as words:
        words.send(os.getpid())

        reached: list[bool] = []

        def stop() -> None:
            if reached:  # it was let go on
                return
            reached.append(True)
            words.send((HERE, None))
            try:
                words.recv()
            except EOFError:  # the test is over
                os._exit(1)

        if order["point"]:
            POINTS[order["point"]](app, stop)
        try:
            with app.app_context():
                words.send((DONE, jobs.JOBS[order["job"]](**order["arguments"])))
        except Exception:
            words.send((FAILED, traceback.format_exc()))


if __name__ == "__main__":
    main()
