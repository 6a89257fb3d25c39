"""Ctrl-C while a video is encoded: how long until no process of ours lives any more."""

from __future__ import annotations

import time
from pathlib import Path

from tests.bench import clips
from tests.bench.people import Rep, patch, seed
from tests.bench.report import Row
from tests.server import alive, serving, wait_for

SECONDS = 25


def run(folder: Path, work: Path) -> list[Row]:
    """A picked file on its way through ffmpeg."""
    data = clips.phone_file(folder, 720, SECONDS).read_bytes()
    with serving(work / "ending") as server:
        server.wait_for_worker()
        people = seed(server)
        rep = Rep(server, people.bob.email)
        address, _ = rep.create(kind="file", person=people.maria.id, content_type="video/mp4", length=len(data))
        patch(address, data, 0)
        wait_for(lambda: any("ffmpeg" in member.name() for member in server.family()), "ffmpeg to run", 60)
        family = server.family()
        started = time.monotonic()
        server.stop()
        wait_for(lambda: not alive(family), "all to end")
    return [Row(f"Ctrl-C during an encode → all {len(family)} processes gone", time.monotonic() - started, "s", 2)]
