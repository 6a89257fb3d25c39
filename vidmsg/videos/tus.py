"""The wire of tus 1.0.0 (https://tus.io/protocols/resumable-upload): reading its request headers, writing its answer
headers, and the codes of its refusals. It may not know the database, storage or who is asking."""

from __future__ import annotations

import base64
import binascii
import datetime as dt
import hashlib
from dataclasses import dataclass
from typing import Any

from werkzeug.datastructures import Headers
from werkzeug.http import http_date

VERSION = "1.0.0"
EXTENSIONS = "creation,creation-with-upload,creation-defer-length,checksum,termination,expiration"
ALGORITHMS = ("sha1", "sha256")
BODY_TYPE = "application/offset+octet-stream"
MAX_FILE_BYTES = 500 * 1024 * 1024
CHECKSUM_MISMATCH = 460
MOST_METADATA = 4096
MOST_LENGTH = 2**53


class TusError(Exception):
    """An upload request that is not followed. `status` is the HTTP status, the message a sentence for the rep."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.message = message


@dataclass(frozen=True)
class Checksum:
    """What the body of a request shall hash to."""

    algorithm: str
    digest: bytes

    def hasher(self) -> Any:
        """A fresh hash object of this algorithm."""
        return hashlib.new(self.algorithm, usedforsecurity=False)


def check_version(headers: Headers) -> None:
    """Raises TusError 412 unless the client speaks our version."""
    if headers.get("Tus-Resumable") != VERSION:
        raise TusError(412, "This upload speaks another version of tus. We speak 1.0.0.")


def number(headers: Headers, name: str) -> int | None:
    """A header that is a non-negative integer, or None when it is absent. TusError 400 when it is something else."""
    text = headers.get(name)
    if text is None:
        return None
    if not (text.isascii() and text.isdigit()) or int(text) > MOST_LENGTH:
        raise TusError(400, f"The header {name} is not a number of bytes.")
    return int(text)


def declared_length(headers: Headers) -> int | None:
    """The length a creation declares, None when it defers it. TusError 400 when it says neither or both."""
    deferred, length = headers.get("Upload-Defer-Length"), number(headers, "Upload-Length")
    if deferred not in {None, "1"}:
        raise TusError(400, "The header Upload-Defer-Length can only be 1.")
    if (deferred is None) == (length is None):
        raise TusError(400, "An upload begins with either Upload-Length or Upload-Defer-Length.")
    return length


def metadata(headers: Headers) -> dict[str, str]:
    """Upload-Metadata as text by key. TusError 400 when it is not as the protocol says."""
    given = headers.get("Upload-Metadata", "")
    if len(given) > MOST_METADATA:
        raise TusError(400, "The header Upload-Metadata is too long.")
    values: dict[str, str] = {}
    for pair in filter(None, (part.strip() for part in given.split(","))):
        key, _, encoded = pair.partition(" ")
        try:
            value = base64.b64decode(encoded, validate=True).decode("utf-8")
        except (binascii.Error, UnicodeDecodeError):
            raise TusError(400, "A value in Upload-Metadata is not Base64 of UTF-8 text.") from None
        if key in values or not key.isascii():
            raise TusError(400, "A key in Upload-Metadata is given twice, or is not plain ASCII.")
        values[key] = value
    return values


def checksum(headers: Headers) -> Checksum | None:
    """The checksum of the body, if one is given. TusError 400 for an algorithm that we don't have."""
    given = headers.get("Upload-Checksum")
    if given is None:
        return None
    algorithm, _, encoded = given.partition(" ")
    try:
        digest = base64.b64decode(encoded, validate=True)
    except binascii.Error:
        digest = b""
    if algorithm not in ALGORITHMS or len(digest) != hashlib.new(algorithm, usedforsecurity=False).digest_size:
        raise TusError(400, "The header Upload-Checksum needs sha1 or sha256, a space, and the hash in Base64.")
    return Checksum(algorithm, digest)


def check_body_type(content_type: str | None) -> None:
    """Raises TusError 415 unless the body is declared as a piece of an upload."""
    if (content_type or "").split(";")[0].strip().lower() != BODY_TYPE:
        raise TusError(415, f"A piece of an upload is sent as {BODY_TYPE}.")


def abilities() -> dict[str, str]:
    """What OPTIONS answers. The largest size is for picked files; a recorder's take is never refused."""
    return {
        "Tus-Version": VERSION,
        "Tus-Extension": EXTENSIONS,
        "Tus-Max-Size": str(MAX_FILE_BYTES),
        "Tus-Checksum-Algorithm": ",".join(ALGORITHMS),
    }


def position(offset: int, length: int | None) -> dict[str, str]:
    """Headers that say how far an upload has come."""
    end = {"Upload-Defer-Length": "1"} if length is None else {"Upload-Length": str(length)}
    return {"Upload-Offset": str(offset), **end}


def expiry(expires_at: dt.datetime | None) -> dict[str, str]:
    """The header that says until when an unfinished upload is kept, if it does not stay."""
    return {} if expires_at is None else {"Upload-Expires": http_date(expires_at)}
