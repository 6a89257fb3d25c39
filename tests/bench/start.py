"""How soon the one command is ready once installed, and what web and worker hold in memory when idle (proportional
set size of the whole tree)."""

from __future__ import annotations

import time
from pathlib import Path

import psutil

from tests.bench.report import Row, median
from tests.server import Server


def run(_folder: Path, work: Path) -> list[Row]:
    """A first start on an empty folder, then three on the same one; memory after the last."""
    server = Server(work / "start")
    first = _timed(server)
    later = []
    for _ in range(3):
        server.stop()
        later.append(_timed(server))
    server.wait_for_worker()
    time.sleep(5)
    assert server.process
    tree = [psutil.Process(server.process.pid), *psutil.Process(server.process.pid).children(recursive=True)]
    held = sum(member.memory_full_info().pss for member in tree)
    server.stop()
    return [
        Row("ready after the command, empty folder", first, "s", 3),
        Row("ready after the command, later", median(later), "s", 3),
        Row(f"idle memory, whole tree ({len(tree)} processes), PSS", held / 1e6, "MB", 300),
    ]


def _timed(server: Server) -> float:
    started = time.monotonic()
    server.start()
    return time.monotonic() - started
