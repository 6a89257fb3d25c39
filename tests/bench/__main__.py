"""`make bench`: measures, prints figures and limits side by side, asserts nothing. `python -m tests.bench NAME…` runs
only those."""

from __future__ import annotations

import platform
import sys
import tempfile
from pathlib import Path

import psutil

from tests.bench import (
    ending,
    engine,
    lateness,
    night,
    pages,
    phones,
    prepare_cost,
    scans,
    slow_uploads,
    start,
    stop_to_play,
    watch_page,
)

BENCHES = {
    "start": start.run,
    "prepare": prepare_cost.run,
    "stop": stop_to_play.run,
    "uploads": slow_uploads.run,
    "phones": phones.run,
    "watch": watch_page.run,
    "scans": scans.run,
    "engine": engine.run,
    "night": night.run,
    "lateness": lateness.run,
    "pages": pages.run,
    "ending": ending.run,
}


def main(names: list[str]) -> int:
    """Run the named benches, or all."""
    clips = Path(".bench").resolve()
    clips.mkdir(exist_ok=True)
    print(
        f"{psutil.cpu_count()} processors, {psutil.virtual_memory().total / 1e9:.0f} GB, {platform.python_version()}\n",
        flush=True,
    )
    with tempfile.TemporaryDirectory(prefix="vidmsg-bench-") as work:
        for name in names or list(BENCHES):
            for row in BENCHES[name](clips, Path(work)):
                print(row.line(), flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
