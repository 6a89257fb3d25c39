"""How long after Stop the link plays: the time from the moment the last slice begins to leave until the state says
playable, on the local network. Takes are replayed slice by slice; H.264 at four times real time (it is only copied),
VP8 and VP9 at real time (they are encoded while they come)."""

from __future__ import annotations

import time
from pathlib import Path

from tests.bench import clips
from tests.bench.people import Rep, replay, seed
from tests.bench.report import Row
from tests.server import serving

CASES = (
    ("h264", "video/x-matroska;codecs=avc1,opus", (30, 120), 4.0, 0.5),
    ("vp8", "video/webm;codecs=vp8,opus", (30, 120), 1.0, 1.5),
    ("vp9", "video/webm;codecs=vp9,opus", (30,), 1.0, 1.5),
)


def run(folder: Path, work: Path) -> list[Row]:
    """Every codec, 30 seconds and 120."""
    rows = []
    with serving(work / "stop-to-play") as server:
        people = seed(server)
        rep = Rep(server, people.bob.email)
        server.wait_for_worker()
        for codec, content_type, lengths, pace, reach in CASES:
            for seconds in lengths:
                data = clips.take(folder, codec, seconds).read_bytes()
                video, stop = replay(rep, people.maria.id, content_type, data, seconds, pace)
                rows.append(Row(f"Stop → the link plays, {codec}, {seconds} s", _wait(rep, video, stop), "s", reach))
                _until_ready(rep, video)
    return rows


def _wait(rep: Rep, video: str, stop: float) -> float:
    while rep.state(video)["state"] not in {"playable", "ready"}:
        if time.monotonic() - stop > 120:
            return float("inf")
        time.sleep(0.01)
    return time.monotonic() - stop


def _until_ready(rep: Rep, video: str) -> None:
    """Let the standard rendition end, so that it does not take the core from the next case."""
    deadline = time.monotonic() + 240
    while rep.state(video)["state"] != "ready" and time.monotonic() < deadline:
        time.sleep(0.2)
