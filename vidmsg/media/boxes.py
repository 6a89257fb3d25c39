"""Walks the boxes of MP4 (ISO 14496-12) and the elements of Matroska and WebM (RFC 8794) in a buffer. It reads sizes
and names only, never allocates what a size claims, never recurses, and decodes nothing."""

from collections.abc import Iterator
from typing import NamedTuple

UNKNOWN_SIZE = -1


class Part(NamedTuple):
    """One box or element: its name (four bytes, or the element's number), and where its body lies."""

    name: bytes | int
    start: int
    end: int


def mp4_boxes(data: bytes, start: int = 0, end: int | None = None) -> Iterator[Part]:
    """The boxes between two offsets. An end may lie behind the data when the last box is cut."""
    end = len(data) if end is None else min(end, len(data))
    while start + 8 <= end:
        size, name, body = int.from_bytes(data[start : start + 4]), data[start + 4 : start + 8], start + 8
        if size == 1:
            size, body = int.from_bytes(data[start + 8 : start + 16]), start + 16
        elif size == 0:
            size = end - start
        if size < body - start:
            return
        yield Part(name, body, start + size)
        start += size


def mp4_inside(data: bytes, part: Part, *path: bytes) -> Iterator[Part]:
    """All boxes at a path below one box, as (b"trak", b"mdia")."""
    found = [part]
    for name in path:
        found = [box for outer in found for box in mp4_boxes(data, outer.start, outer.end) if box.name == name]
    yield from found


def ebml_elements(data: bytes, start: int = 0, end: int | None = None) -> Iterator[Part]:
    """The elements between two offsets. Of unknown size (live recordings): the end is where the buffer ends."""
    end = len(data) if end is None else min(end, len(data))
    while start < end:
        name, body = _vint(data, start, keep_marker=True)
        size, body = _vint(data, body, keep_marker=False)
        if name == 0 or body > end:
            return
        stop = end if size == UNKNOWN_SIZE else body + size
        yield Part(name, body, stop)
        start = stop


def ebml_inside(data: bytes, part: Part, *path: int) -> Iterator[Part]:
    """All elements at a path of element numbers below one element."""
    found = [part]
    for name in path:
        found = [one for outer in found for one in ebml_elements(data, outer.start, outer.end) if one.name == name]
    yield from found


def _vint(data: bytes, at: int, *, keep_marker: bool) -> tuple[int, int]:
    """A number of variable length (RFC 8794, section 4) and the offset behind it; 0 where there is none."""
    if at >= len(data) or data[at] == 0:
        return 0, len(data) + 1
    length = 9 - data[at].bit_length()
    value = int.from_bytes(data[at : at + length])
    if keep_marker:
        return value, at + length
    value &= (1 << (7 * length)) - 1
    return (UNKNOWN_SIZE if value == (1 << (7 * length)) - 1 else value), at + length
