"""The one command: brings the database up to date, starts the worker as a child, replaces it when it dies, and
serves the web by waitress in this process. Ctrl-C ends everything; if this process is killed, the child notices that
its pipe closed and ends too."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import threading
import time

import click

from vidmsg import config, database, listening, logs, startup
from vidmsg.accounts import setup
from vidmsg.config import Settings

log = logs.get(__name__)

STOP_S = 1.8  # what the worker has after Ctrl-C before it is killed
LONGEST_BACKOFF_S = 30.0


@click.command()
@click.option("--web-only", is_flag=True, help="Without a worker; run `python -m vidmsg work` yourself.")
def serve(web_only: bool) -> None:
    """Serve web and worker together."""
    settings = config.load()
    app = startup.ready_app(settings)
    with app.app_context():
        link = _first_link(settings)
    server = listening.listen(app, settings)
    worker = None if web_only else Worker()
    _on_signal(worker)
    _greet(settings, link)
    with contextlib.suppress(KeyboardInterrupt):
        server.run()
    if worker:
        worker.end()
    server.close()
    logs.flush()
    os._exit(0)  # waitress's threads may still hold a slow phone


def _first_link(settings: Settings) -> str | None:
    """The address for the first manager, while there is none."""
    with database.writing() as session:
        token = setup.new_link(session)
    return f"{settings.address}/setup/{token}" if token else None


def _on_signal(worker: Worker | None) -> None:
    """At Ctrl-C or SIGTERM the worker is asked to stop at once, while the web still finishes what it is at; a second
    Ctrl-C must not interrupt the clean-up."""

    def interrupt(*_: object) -> None:
        for name in (signal.SIGINT, signal.SIGTERM):
            signal.signal(name, signal.SIG_IGN)
        if worker:
            worker.ask()
        raise KeyboardInterrupt

    for name in (signal.SIGINT, signal.SIGTERM):
        signal.signal(name, interrupt)


def _greet(settings: Settings, link: str | None) -> None:
    click.echo(f"\n  vidmsg is ready: {settings.address}")
    if link:
        click.echo(f"  Begin here, once: {link}")
    if settings.practice:
        click.echo("  Practice mode: no real texts are sent.")
    click.echo("  Ctrl-C ends it.\n")
    sys.stdout.flush()


class Worker:
    """The child worker: started at once, started anew when it dies, with a growing pause when it dies quickly."""

    def __init__(self) -> None:
        self._stopping = threading.Event()
        self._asked_at = time.monotonic()
        self._process = self._start()
        threading.Thread(target=self._watch, daemon=True).start()

    def _start(self) -> subprocess.Popen[bytes]:
        # A group of its own, so that Ctrl-C reaches only this process, which then stops the worker in order.
        return subprocess.Popen(
            [sys.executable, "-m", "vidmsg", "work", "--child"], stdin=subprocess.PIPE, start_new_session=True
        )

    def _watch(self) -> None:
        backoff = 1.0
        while not self._stopping.is_set():
            started = time.monotonic()
            code = self._process.wait()
            if self._stopping.is_set():
                return
            lived = time.monotonic() - started
            backoff = 1.0 if lived > LONGEST_BACKOFF_S else min(backoff * 2, LONGEST_BACKOFF_S)
            log.warning("worker ended, starting another", code=code, pause_s=backoff if lived < 5 else 0)
            if lived < 5:
                self._stopping.wait(backoff)
            if not self._stopping.is_set():
                self._process = self._start()

    def ask(self) -> None:
        """Close the pipe: the worker notices, hands back what it is at, and ends."""
        self._asked_at = time.monotonic()
        self._stopping.set()
        if self._process.stdin:
            self._process.stdin.close()

    def end(self) -> None:
        """Wait for the rest of its moment, then end it the hard way."""
        try:
            self._process.wait(max(0.0, self._asked_at + STOP_S - time.monotonic()))
        except subprocess.TimeoutExpired:
            self._process.kill()
