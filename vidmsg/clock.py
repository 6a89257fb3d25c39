"""The only source of now. Everything that compares moments asks here, and passes the answer on to SQL as a
parameter, so that a test can move time for every process at once: VIDMSG_CLOCK_FILE names a file that holds an
offset in seconds. Knows nothing of zones, rules or tables."""

from __future__ import annotations

import datetime as dt
import os
import zoneinfo
from functools import cache
from pathlib import Path

UTC = dt.UTC
OFFSET_FILE = "VIDMSG_CLOCK_FILE"


def now() -> dt.datetime:
    """The present moment, aware, in UTC."""
    moment = dt.datetime.now(UTC)
    offset_file = os.environ.get(OFFSET_FILE)
    if offset_file:
        moment += dt.timedelta(seconds=_offset(Path(offset_file)))
    return moment


def local(moment: dt.datetime, zone: str) -> dt.datetime:
    """The same moment as a wall clock in `zone` (an IANA name) shows it."""
    return moment.astimezone(zoneinfo.ZoneInfo(zone))


def is_zone(name: str) -> bool:
    """Whether `name` is an IANA time zone that this machine knows."""
    return name in _zones()


@cache
def _zones() -> set[str]:
    return zoneinfo.available_timezones()  # walks through hundreds of files at each call


def _offset(path: Path) -> float:
    try:
        return float(path.read_text(encoding="ascii"))
    except (OSError, ValueError):
        return 0.0
