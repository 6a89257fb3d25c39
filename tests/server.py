"""vidmsg as real processes for journeys, faults and benches: started by its one command on a free port, with its own
data folder; web and worker can be killed apart, restarted, and are surely ended."""

from __future__ import annotations

import contextlib
import datetime as dt
import os
import signal
import socket
import subprocess
import sys
import time
import zoneinfo
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

import psutil
import requests
from flask import Flask

from vidmsg import create_app
from vidmsg.config import Settings

ROOT = Path(__file__).resolve().parent.parent
T = TypeVar("T")


def free_port() -> int:
    """A port that nobody listens on just now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def wait_for(condition: Callable[[], T | None], what: str, seconds: float = 30.0) -> T:
    """Wait until the condition gives something true; fails with `what` after `seconds`."""
    deadline = time.monotonic() + seconds
    while True:
        found = condition()
        if found:
            return found
        if time.monotonic() > deadline:
            raise AssertionError(f"waited {seconds:.0f} s in vain: {what}")
        time.sleep(0.05)


def decent_hour() -> dt.datetime:
    """Ten past ten on the coming Wednesday in Seattle: nobody is woken, whenever the tests run."""
    here = dt.datetime.now(zoneinfo.ZoneInfo("America/Los_Angeles"))
    day = here.date() + dt.timedelta(days=(2 - here.weekday()) % 7 or 7)
    return dt.datetime.combine(day, dt.time(10, 10), tzinfo=here.tzinfo)


class Server:
    """One installation in a folder. `environment` adds settings (storage, database, …)."""

    def __init__(self, data: Path, environment: dict[str, str] | None = None) -> None:
        self.data = data
        self.port = free_port()
        self.url = f"http://localhost:{self.port}"
        self.log = data / "server.log"
        data.mkdir(parents=True, exist_ok=True)
        clean = {k: v for k, v in os.environ.items() if not k.startswith(("VIDMSG_", "TWILIO_", "AWS_"))}
        self.environment = {
            **clean,
            "VIDMSG_DATA": str(data),
            "PORT": str(self.port),
            "VIDMSG_LOG_FORMAT": "json",
            "VIDMSG_SECRET_KEY": "a secret for tests only, long enough",
            "VIDMSG_CLOCK_FILE": str(data / "clock"),
            "PYTHONPATH": str(ROOT),
            **(environment or {}),
        }
        self.process: subprocess.Popen[bytes] | None = None
        self._app: Flask | None = None
        self.set_clock(decent_hour())

    def set_clock(self, moment: dt.datetime) -> None:
        """Move this installation's clock, web and worker at once; it runs on from there."""
        (self.data / "clock").write_text(str((moment - dt.datetime.now(dt.UTC)).total_seconds()))

    def move_clock(self, seconds: float) -> None:
        """Let time jump on by so many seconds."""
        path = self.data / "clock"
        path.write_text(str(float(path.read_text()) + seconds))

    def start(self, *arguments: str) -> Server:
        """Start web and worker; returns when the web answers."""
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "vidmsg", "serve", *arguments],
                cwd=self.data,
                env={**self.environment, "VIDMSG_DATA": "."},  # a folder below where it is started, as by default
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        wait_for(self.answers, f"the server at {self.url}; its log: {self.log.read_text()[-2000:]}")
        return self

    def answers(self) -> bool:
        """Whether the web answers; fails when it has ended."""
        if self.process and self.process.poll() is not None:
            raise AssertionError(f"the server ended: {self.log.read_text()[-3000:]}")
        with contextlib.suppress(requests.RequestException):
            return requests.get(f"{self.url}/health", timeout=2).text == "vidmsg"
        return False

    def worker(self) -> psutil.Process | None:
        """The running worker, if there is one."""
        if self.process is None or self.process.poll() is not None:
            return None
        for child in psutil.Process(self.process.pid).children(recursive=True):
            with contextlib.suppress(psutil.Error):
                if child.cmdline()[-3:] == ["vidmsg", "work", "--child"]:
                    return child
        return None

    def wait_for_worker(self) -> psutil.Process:
        """Wait until a worker has said that it is ready, and return it."""
        process = wait_for(self.worker, "a worker")
        wait_for(lambda: f'"pid": {process.pid}' in self.log.read_text(), "the worker to be ready")
        return process

    def family(self) -> list[psutil.Process]:
        """Web, worker, and every child of theirs, ffmpeg too."""
        assert self.process
        parent = psutil.Process(self.process.pid)
        return [parent, *parent.children(recursive=True)]

    def kill_worker(self) -> None:
        """SIGKILL the worker; the server replaces it."""
        wait_for(self.worker, "a worker to kill").kill()

    def kill_web(self) -> None:
        """SIGKILL the web process; the worker notices and ends."""
        assert self.process
        self.process.kill()
        self.process.wait()

    def kill_all(self) -> None:
        """SIGKILL everything at once, as when the power goes."""
        if self.process is None or self.process.poll() is not None:
            return
        family = self.family()
        for member in family:
            with contextlib.suppress(psutil.NoSuchProcess):
                member.kill()
        self.process.wait()
        psutil.wait_procs(family, timeout=5)

    def stop(self) -> None:
        """Ctrl-C, and wait for the end."""
        if self.process is None or self.process.poll() is not None:
            return
        self.process.send_signal(signal.SIGINT)
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.kill_all()

    def settings(self) -> Settings:
        """The settings of this server, for an application in the test's own process."""
        aliases = {field.alias for field in Settings.model_fields.values()}
        return Settings(_env_file=None, **{k: v for k, v in self.environment.items() if k in aliases})  # type: ignore[arg-type]

    def app(self) -> Flask:
        """An application on the same database and storage, in the test's own process, to look in and to seed. Always
        the same one: tests ask many times a second while they wait."""
        self._app = self._app or create_app(self.settings())
        return self._app


def alive(processes: list[psutil.Process]) -> list[str]:
    """Those of them that still run."""
    found = []
    for process in processes:
        with contextlib.suppress(psutil.Error):
            if process.is_running() and process.status() != psutil.STATUS_ZOMBIE:
                found.append(" ".join(process.cmdline())[:80])
    return found


@contextmanager
def serving(data: Path, environment: dict[str, str] | None = None) -> Iterator[Server]:
    """A started server that surely ends."""
    server = Server(data, environment)
    try:
        yield server.start()
    finally:
        server.stop()
        server.kill_all()
