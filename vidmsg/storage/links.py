"""Signed, expiring leave to read or to write one object of Directory storage. The kind is part of the
signature's salt, so leave to read is never leave to write. Expiry follows the application's clock. Knows no
files and no HTTP."""

from __future__ import annotations

import hashlib
from dataclasses import asdict, dataclass
from datetime import timedelta
from typing import Any

from itsdangerous import BadData, URLSafeSerializer

from vidmsg import clock
from vidmsg.storage.port import StorageError


class LinkRefused(StorageError):
    """The link is forged, of another kind, or too old."""


@dataclass(frozen=True)
class Reading:
    """Leave to read `key`, told to the browser as `content_type`, to be saved if there is a `disposition`."""

    key: str
    content_type: str
    disposition: str | None


@dataclass(frozen=True)
class Writing:
    """Leave to write `key` once: `size` bytes sent as exactly `content_type`."""

    key: str
    content_type: str
    size: int


class Links:
    """Signs and reads links. Two hosts with one secret understand each other's."""

    def __init__(self, secret: bytes | str) -> None:
        if not secret:
            raise ValueError("links need a secret")
        self._secret = secret

    def sign(self, grant: Reading | Writing, ttl: timedelta) -> str:
        """The link's text, safe in a URL; good until `ttl` from now."""
        until = (clock.now() + ttl).timestamp()
        return str(self._serializer(type(grant)).dumps([until, asdict(grant)]))

    def reading(self, token: str) -> Reading:
        """What this link allows to read; raises LinkRefused."""
        return Reading(**self._fields(Reading, token))

    def writing(self, token: str) -> Writing:
        """What this link allows to write; raises LinkRefused."""
        return Writing(**self._fields(Writing, token))

    def _fields(self, kind: type[Reading] | type[Writing], token: str) -> dict[str, Any]:
        try:
            until, fields = self._serializer(kind).loads(token)
        except BadData:
            raise LinkRefused("This address is not one of ours. Load the page again for a new one.") from None
        if clock.now().timestamp() >= until:
            raise LinkRefused("This address has run out. Load the page again for a new one.")
        return dict(fields)

    def _serializer(self, kind: type[Reading] | type[Writing]) -> URLSafeSerializer:
        salt = f"vidmsg.storage.{kind.__name__.lower()}"
        return URLSafeSerializer(self._secret, salt=salt, signer_kwargs={"digest_method": hashlib.sha256})
