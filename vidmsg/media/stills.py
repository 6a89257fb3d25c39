"""The picture that a link shows in a messages app: 1200 × 630, our own poster on a calm ground with a play mark. It
is composed by moviepy in a limited child (stills_child.py); untrusted bytes never come near it."""

import re
from pathlib import Path

from vidmsg.media import sandbox

CHILD = Path(__file__).with_name("stills_child.py")
LIMITS = sandbox.Limits(cpu_s=30, memory_mib=2048, file_mib=8, wall_s=120)
GROUND, ACCENT = "#fbe9dd", "#b4420f"
COLOUR = re.compile(r"#[0-9a-fA-F]{6}")


def preview(poster: Path, out: Path, *, ground: str = GROUND, accent: str = ACCENT) -> Path:
    """Write the preview picture (JPEG, below 300 kB) for one of our own posters. Colours as #rrggbb, else
    ValueError; ChildFailed when it could not be made (the link works without it)."""
    for colour in (ground, accent):
        if not COLOUR.fullmatch(colour):
            raise ValueError("a colour is written as #rrggbb")
    sandbox.start([f"@{CHILD}", str(poster.absolute()), str(out.absolute()), ground, accent], LIMITS).wait()
    return out
