"""How often the installation was counted on, as its storage knows it: one small object whose key ends with the number.
The database has the same number; one that is behind its storage is an old one that was put back (messages/copies.py).
A key is written once, so each number is a new object, and those before it go."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress

from vidmsg.storage.port import KeyExists, Storage

PREFIX = "generation/"


def newest(storage: Storage) -> int:
    """The highest number that was noted here; 0 where there is none."""
    return max(_noted(storage), default=0)


def note(storage: Storage, number: int) -> None:
    """Note this number. Only one that the database has for sure: else a healthy database would look like an old one."""
    with suppress(KeyExists):
        storage.put_bytes(str(number).encode(), f"{PREFIX}{number}", "text/plain")
    for earlier in [one for one in _noted(storage) if one < number]:
        storage.delete(f"{PREFIX}{earlier}")


def _noted(storage: Storage) -> Iterator[int]:
    for key in storage.keys(PREFIX):
        number = key.removeprefix(PREFIX)
        if number.isdecimal():
            yield int(number)
