"""Played parts of a video as sorted, separate pairs of seconds: put together and measured. Pure arithmetic; what
comes in may be forged, what comes out lies inside the video."""

from __future__ import annotations

from collections.abc import Iterable

Interval = list[float]

JOINED = 0.25  # s; players report a gap of a frame or two where there was none
MOST = 100  # separate parts that are kept; somebody who jumps about more often is counted up to here


def merge(parts: Iterable[Iterable[float]], length_s: float) -> list[Interval]:
    """All `parts` (begin, end; seconds) inside 0…`length_s`, sorted, overlapping ones joined."""
    inside = sorted([round(max(0.0, begin), 2), round(min(end, length_s), 2)] for begin, end in parts)
    merged: list[Interval] = []
    for begin, end in inside:
        if end <= begin:
            continue
        if merged and begin - merged[-1][1] <= JOINED:
            merged[-1][1] = max(merged[-1][1], end)
        else:
            merged.append([begin, end])
    return merged[:MOST]


def share(parts: Iterable[Interval], length_s: float) -> int:
    """How much of the video these separate parts are, in whole percent."""
    if length_s <= 0:
        return 0
    return min(100, int(100 * sum(end - begin for begin, end in parts) / length_s + 1e-9))
