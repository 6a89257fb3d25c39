"""Small films as a recorder makes them: written live, piece by piece, without a length in the header."""

from __future__ import annotations

import subprocess
from functools import cache

from vidmsg.media import sandbox

H264 = ("-c:v", "libx264", "-preset", "ultrafast", "-profile:v", "baseline", "-g", "30", "-pix_fmt", "yuv420p")
VP8 = ("-c:v", "libvpx", "-deadline", "realtime", "-cpu-used", "8", "-b:v", "400k", "-g", "30")


@cache
def take(codec: str = "h264", seconds: int = 3, tone: str = "sine=frequency=440") -> bytes:
    """A live Matroska (h264) or WebM (vp8) with Opus sound, 320 × 240."""
    container = "matroska" if codec == "h264" else "webm"
    made = subprocess.run(
        [
            sandbox.ffmpeg_binary(), "-nostdin", "-loglevel", "error",
            "-f", "lavfi", "-i", f"testsrc2=size=320x240:rate=30:duration={seconds}",
            "-f", "lavfi", "-i", f"{tone}:duration={seconds}",
            *(H264 if codec == "h264" else VP8), "-c:a", "libopus", "-b:a", "48k", "-shortest",
            "-live", "1", "-cluster_time_limit", "1000", "-f", container, "pipe:1",
        ],
        stdout=subprocess.PIPE, check=True,
    )  # fmt: skip
    return made.stdout


def slices(data: bytes, count: int) -> list[bytes]:
    """The film in so many pieces, the last one shorter."""
    size = -(-len(data) // count)
    return [data[at : at + size] for at in range(0, len(data), size)]
