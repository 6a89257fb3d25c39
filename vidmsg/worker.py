"""One worker process: thread consumers for the three queues, and the clock that looks for due rows each second. It
ends on Ctrl-C, on SIGTERM, and when the pipe to its parent closes; what runs is handed back at once, and every child
process ends with it. It knows no feature: what there is to do, they have registered in `jobs`."""

from __future__ import annotations

import os
import signal
import sys
import threading
from typing import Any

import click
from flask import Flask

from vidmsg import config, logs, startup
from vidmsg.jobs import Jobs
from vidmsg.jobs.beats import Pulse
from vidmsg.jobs.running import hand_back_all
from vidmsg.media import sandbox

log = logs.get(__name__)

THREADS = {"live": 12, "prepare": max(1, (os.cpu_count() or 2) - 1), "sms": 8}
GRACE_S = 1.5  # what a running job has to finish or hand back
TICK_S = 1.0


@click.command()
@click.option("--child", is_flag=True, hidden=True, help="End when standard input closes.")
def work(child: bool) -> None:
    """Run a worker until it is told to stop."""
    run(startup.ready_app(config.load()), child=child)


def run(app: Flask, *, child: bool) -> None:
    """Work until a signal, or as a child until the parent is gone."""
    registry: Jobs = app.extensions["jobs"]
    stop = registry.stopping
    consumers = [_consumer(registry, name) for name in registry.queues]
    for consumer in consumers:
        consumer.start()
    for name in (signal.SIGINT, signal.SIGTERM):  # after start(), which sets Huey's own
        signal.signal(name, lambda *_: stop.set())
    if child:
        threading.Thread(target=_watch_parent, args=(stop,), daemon=True).start()
    log.info("worker ready", pid=os.getpid())
    pulse = Pulse()
    _tick_until(stop, app, registry, pulse)
    _finish(app, consumers, pulse)


def _consumer(registry: Jobs, name: str) -> Any:
    return registry.queues[name].create_consumer(
        workers=THREADS[name],
        worker_type="thread",
        periodic=False,
        initial_delay=0.05,
        backoff=1.2,
        max_delay=0.4,
        scheduler_interval=60,
        shutdown_timeout=GRACE_S,
    )


def _watch_parent(stop: threading.Event) -> None:
    sys.stdin.buffer.read()  # returns when the parent closed its end, by dying too
    stop.set()


def _tick_until(stop: threading.Event, app: Flask, registry: Jobs, pulse: Pulse) -> None:
    while not stop.is_set():
        with app.app_context():
            for tick in (pulse.tick, registry.sweep, *registry.ticks):
                try:
                    tick()
                except Exception:
                    log.exception("tick failed", tick=getattr(tick, "__qualname__", "?"))
        stop.wait(TICK_S)


def _finish(app: Flask, consumers: list[Any], pulse: Pulse) -> None:
    """Ask every thread to stop, end every child process, wait a moment, and hand back what is not done by then."""
    for consumer in consumers:
        consumer.stop_flag.set()
    sandbox.stop_all()
    deadline = threading.Event()
    timer = threading.Timer(GRACE_S, deadline.set)
    timer.daemon = True
    timer.start()
    for consumer in consumers:
        for _, thread in consumer.worker_threads:
            while thread.is_alive() and not deadline.is_set():
                thread.join(0.02)
    with app.app_context():
        hand_back_all()
        _say_goodbye(pulse)
    log.info("worker stopped", pid=os.getpid())
    logs.flush()
    os._exit(0)  # threads that are still inside a call must not keep the process


def _say_goodbye(pulse: Pulse) -> None:
    try:
        pulse.end()
    except Exception as error:  # the database may be gone too; the row is forgotten in a while
        log.warning("goodbye failed", error=type(error).__name__)
