"""Reads what a customer's page reports of itself. Anybody with the link may send anything, so all is checked here:
size, types, ids, finite numbers; what does not fit is no report."""

from __future__ import annotations

import json
import math
import re
from typing import Any

from vidmsg.watching.visits import OPENED, PLAYED, PROGRESS, Report

LARGEST = 4096  # bytes of a report
MOST_PARTS = 60
_ID = re.compile(r"[A-Za-z0-9_-]{16,22}")


def parse(body: bytes) -> Report | None:
    """The report in `body` (JSON: page, visitor, event, intervals), or None where it is none."""
    try:
        said = json.loads(body, parse_int=float)  # so that no number is too large to compare
    except (ValueError, RecursionError):
        return None
    if not isinstance(said, dict) or said.get("event") not in {OPENED, PLAYED, PROGRESS}:
        return None
    page, parts = page_id(said.get("page")), _parts(said.get("intervals", []))
    if page is None or parts is None:
        return None
    return Report(page, page_id(said.get("visitor")), said["event"], parts)


def page_id(value: object) -> str | None:
    """The value where it looks like one of our random ids."""
    return value if isinstance(value, str) and _ID.fullmatch(value) else None


def _parts(value: Any) -> tuple[tuple[float, float], ...] | None:
    if not isinstance(value, list) or len(value) > MOST_PARTS:
        return None
    pairs = [_pair(part) for part in value]
    found = tuple(pair for pair in pairs if pair is not None)
    return found if len(found) == len(pairs) else None


def _pair(value: Any) -> tuple[float, float] | None:
    if not isinstance(value, list) or len(value) != 2:
        return None
    begin, end = value
    if not all(isinstance(number, float) and math.isfinite(number) for number in value):
        return None
    return begin, end
