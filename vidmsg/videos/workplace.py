"""Folders for work in progress. They lie in the data folder, beside what they will become, and go with the work; what
a killed worker leaves is swept away after a day."""

from __future__ import annotations

import datetime as dt
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from flask import current_app

from vidmsg import clock

LEFT_AFTER = dt.timedelta(days=1)
SPARE_BYTES = 200 * 1024 * 1024
KEPT_FREE_BYTES = 500 * 1024 * 1024  # uploads leave this to the database and to the work on what is already here


class NoRoom(Exception):
    """The disk is nearly full; the job waits and tries again."""


@contextmanager
def folder(need_bytes: int = 0) -> Iterator[Path]:
    """A folder that is gone afterwards. Raises NoRoom unless `need_bytes` and some more are free."""
    root = _root()
    if shutil.disk_usage(root).free < need_bytes + SPARE_BYTES:
        raise NoRoom(f"{need_bytes} bytes are needed in the data folder, and a little more")
    with tempfile.TemporaryDirectory(dir=root, prefix="job-", ignore_cleanup_errors=True) as name:
        yield Path(name)


def is_full() -> bool:
    """Whether work fails here because of the disk, whatever else it says of itself."""
    return shutil.disk_usage(_root()).free < SPARE_BYTES


def may_take(more_bytes: int, *folders: Path) -> bool:
    """Whether the disks of the data folder and of `folders` take so many bytes from outside and keep enough free for
    our own work."""
    free = min(shutil.disk_usage(folder).free for folder in (_root(), *folders))
    return free >= more_bytes + KEPT_FREE_BYTES


def sweep() -> None:
    """Remove folders that nobody works in any more."""
    oldest = (clock.now() - LEFT_AFTER).timestamp()
    for left in _root().glob("job-*"):
        if left.stat().st_mtime < oldest:
            shutil.rmtree(left, ignore_errors=True)


def _root() -> Path:
    root: Path = current_app.config["SETTINGS"].data_dir / "work"
    root.mkdir(parents=True, exist_ok=True)
    return root
