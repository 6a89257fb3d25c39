"""What the application may ask of the place where videos, posters and chunks are kept, whoever keeps them.
Objects are immutable: a key is written once and never again. Knows no feature, no HTTP framework and no
settings."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Protocol, runtime_checkable

from vidmsg.errors import Sentence

CACHE_CONTROL = "private, max-age=31536000, immutable"
"""Told to browsers with every object: bytes under a key never change, and they are nobody else's business."""

TICKET_LIFE = timedelta(minutes=15)
"""How long an upload ticket is good for, if the deployment does not say otherwise."""

LONGEST_LIFE = timedelta(days=7)
"""No link lives longer; the most that S3's signature version 4 allows."""


class StorageError(Sentence):
    """Storage did not do what was asked. The message is a sentence for a person, with what to do next."""


class NotFound(StorageError):
    """There is no object under this key."""


class KeyExists(StorageError):
    """There is an object under this key already; it stays as it is."""


class BadKey(StorageError):
    """The key is not one that storage takes; nothing was touched."""


@dataclass(frozen=True)
class Ticket:
    """Leave to send one object straight to storage: `method` to `url` with exactly these `headers`, and a
    body of exactly the size that was asked for."""

    url: str
    method: str
    headers: Mapping[str, str]


@runtime_checkable
class Storage(Protocol):
    """Keeps objects by key (see keys.py for what a key looks like). Every method may raise StorageError."""

    def put(self, path: Path, key: str, content_type: str) -> None:
        """Keep a copy of the file; whole or not at all. Raises KeyExists when the key is taken."""

    def put_bytes(self, data: bytes, key: str, content_type: str) -> None:
        """Keep these bytes; whole or not at all. Raises KeyExists when the key is taken."""

    def get_bytes(self, key: str) -> bytes:
        """The whole object in memory. Raises NotFound."""
        ...

    def fetch(self, key: str, path: Path) -> None:
        """Write a copy of the object to `path`, which appears whole or not at all. Raises NotFound."""

    def size(self, key: str) -> int | None:
        """Bytes of the object, or None when there is none."""

    def delete(self, key: str) -> None:
        """Remove the object; quiet when there is none."""

    def keys(self, prefix: str = "") -> Iterator[str]:
        """Every key that begins with `prefix` (plain text, not a folder), in no particular order."""
        ...

    def url(self, key: str, ttl: timedelta, content_type: str, download: str | None = None) -> str:
        """An address that gives the object to whoever holds it, for `ttl` (1 s to 7 days), as `content_type`.
        With `download` the browser saves it under that name. May be relative to the application's origin."""
        ...

    def ticket(self, key: str, content_type: str, size: int) -> Ticket:
        """Leave to send one object of exactly this type and size (in bytes) past the application."""
        ...

    def origins(self) -> tuple[str, ...]:
        """Origins outside the application that a page must allow (CSP) so that a browser can load `url`s."""
        ...

    def check(self) -> None:
        """Really write, read, list and delete a probe object; quiet when all is well."""
