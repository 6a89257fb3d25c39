"""Where tests keep their files: in memory, where the machine has room for that. Every commit waits for its disk, as it
should, and thousands of tests would wait with it; what must survive the end of a process survives there too."""

from __future__ import annotations

import os
import shutil
import tempfile
from pathlib import Path

MEMORY = Path("/dev/shm")
ROOM_BYTES = 6 * 1024**3


def use() -> None:
    """Make it the place of temporary files in this process and its children, unless TMPDIR names one."""
    if "TMPDIR" in os.environ or not os.access(MEMORY, os.W_OK) or shutil.disk_usage(MEMORY).free < ROOM_BYTES:
        return
    os.environ["TMPDIR"] = str(MEMORY)
    tempfile.tempdir = None
