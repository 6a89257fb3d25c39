"""Taking a piece of an upload in. Each body is kept under keys of its own first, then one compare-and-set records
keys, lengths and hashes and moves the offset; of two racing bodies one is recorded and the other's keys are deleted,
so only recorded bytes are ever joined. No transaction is open while bytes travel. It may not know HTTP."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from typing import IO, Any

import sqlalchemy as sa
from sqlalchemy.orm import Session
from werkzeug.exceptions import ClientDisconnected

from vidmsg import clock, logs
from vidmsg.database import reading, writing
from vidmsg.storage import Storage, StorageError
from vidmsg.storage.directory import Directory
from vidmsg.tokens import matches
from vidmsg.videos import finishing, workplace
from vidmsg.videos.creating import FILE_LIFE
from vidmsg.videos.keys import raw_key
from vidmsg.videos.models import COMPLETE, FILE, OPEN, TAKE, Chunk, Upload
from vidmsg.videos.tus import CHECKSUM_MISMATCH, MAX_FILE_BYTES, Checksum, TusError

log = logs.get(__name__)

PIECE_BYTES = 2 * 1024 * 1024
TOO_LARGE = "This file is too large. Up to 500 MB fit; save it in a smaller size, or record it here."
NO_ROOM = (
    "Our disk is nearly full, so this waits. It is safe where it is; tell your manager that the server needs room."
)
MOVED_ON = "The upload stands at another place. Ask for its offset and go on from there."


@dataclass(frozen=True)
class Body:
    """What one request brings: bytes for `offset`, perhaps the `length` of the whole, perhaps a checksum.
    `announced` is the number of bytes that the request said it has, if it said so."""

    offset: int
    length: int | None
    checksum: Checksum | None
    stream: IO[bytes]
    announced: int | None


@dataclass
class _Kept:
    """Pieces that are in storage but not yet recorded."""

    pieces: list[Chunk] = field(default_factory=list)
    cut_short: bool = False

    @property
    def arrived(self) -> int:
        return sum(piece.length for piece in self.pieces)


def find(session: Session, upload_id: str, capability: str) -> Upload:
    """The upload behind an address. TusError 404 when there is none, 403 when the address was renewed since."""
    upload = session.get(Upload, upload_id)
    if upload is None:
        raise TusError(404, "This upload is not here any more. Begin a new one.")
    if not matches(capability, upload.capability_digest):
        raise TusError(403, "This address has been renewed. Sign in, and the upload goes on.")
    return upload


def receive(storage: Storage, upload_id: str, capability: str, body: Body) -> Upload:
    """Keep a body and move the offset; the upload as it stands then. TusError when the body does not fit, and then
    nothing has changed. What arrived of a body that broke off is kept, unless a checksum speaks for the whole."""
    with reading() as session:
        upload = find(session, upload_id, capability)
    if _is_repeated_end(upload, body):
        return upload
    _check(upload, body)
    _check_disk(storage, body.announced or 0)
    kept = _Kept()
    try:
        _store(storage, upload, body, kept)
    except BaseException as error:
        _forget(storage, kept)
        if isinstance(error, StorageError):
            raise TusError(503, str(error)) from error
        raise
    try:
        woken = _record(upload, body, kept)
    except TusError:  # after any other error the commit may have been carried out, and rows name these bytes
        _forget(storage, kept)
        raise
    finishing.wake(woken)
    return upload


def _is_repeated_end(upload: Upload, body: Body) -> bool:
    """The last request of a take again, because its answer was lost: nothing to do, and nothing wrong."""
    whole = upload.state == COMPLETE and body.offset == upload.offset and body.announced == 0
    return whole and body.length in {None, upload.length}


def _check(upload: Upload, body: Body) -> None:
    if upload.state != OPEN or body.offset != upload.offset:
        raise TusError(409, MOVED_ON)
    if body.length is not None and (upload.length not in {None, body.length} or body.length < upload.offset):
        raise TusError(409, "The length of this upload is known, and it is another one.")
    if upload.kind == FILE and (body.length or 0) > MAX_FILE_BYTES:
        raise TusError(413, TOO_LARGE)
    _check_room(upload, body, body.announced or 0)


def _check_room(upload: Upload, body: Body, arrived: int) -> None:
    length = body.length if body.length is not None else upload.length
    end = upload.offset + arrived
    if length is not None and end > length:
        raise TusError(413, "More came than this upload said it would have. Begin a new one.")
    if upload.kind == FILE and end > MAX_FILE_BYTES:
        raise TusError(413, TOO_LARGE)


def _check_disk(storage: Storage, more: int) -> None:
    """A bucket has room; a folder shares its disk with the database."""
    if more and isinstance(storage, Directory) and not workplace.may_take(more, storage.root):
        log.error("an upload waits, the disk is nearly full")
        raise TusError(507, NO_ROOM)


def _store(storage: Storage, upload: Upload, body: Body, kept: _Kept) -> None:
    whole = body.checksum.hasher() if body.checksum else None
    for data in _pieces(body.stream, kept):
        _check_room(upload, body, kept.arrived + len(data))
        _check_disk(storage, len(data))
        if whole:
            whole.update(data)
        offset = upload.offset + kept.arrived
        key = raw_key(upload.id, offset)
        kept.pieces.append(
            Chunk(
                upload_id=upload.id, offset=offset, length=len(data), key=key, sha256=hashlib.sha256(data).hexdigest()
            )
        )
        storage.put_bytes(data, key, "application/octet-stream")
    kept.cut_short |= body.announced is not None and kept.arrived < body.announced
    if whole and body.checksum and whole.digest() != body.checksum.digest:
        raise TusError(CHECKSUM_MISMATCH, "What arrived is not what was sent. Send this piece again.")
    if kept.cut_short:
        log.info("body broke off", upload=upload.id, arrived=kept.arrived)


def _pieces(stream: IO[bytes], kept: _Kept) -> Iterator[bytes]:
    """The body in pieces. A connection that breaks ends it; what came until then counts."""
    while not kept.cut_short:
        piece = bytearray()
        try:
            while len(piece) < PIECE_BYTES and (block := stream.read(min(PIECE_BYTES - len(piece), 1 << 18))):
                piece += block
        except (ClientDisconnected, OSError):
            kept.cut_short = True
        if not piece:
            return
        yield bytes(piece)


def _record(upload: Upload, body: Body, kept: _Kept) -> set[str]:
    """One transaction: chunk rows, offset, and what is to do next. The queues to wake after it."""
    length = upload.length if upload.length is not None else None if kept.cut_short else body.length
    offset, now = upload.offset + kept.arrived, clock.now()
    values: dict[str, Any] = {"offset": offset, "length": length, "moved_at": now}
    if upload.kind == FILE:
        values["expires_at"] = now + FILE_LIFE
    unmoved = (
        Upload.id == upload.id,
        Upload.state == OPEN,
        Upload.offset == upload.offset,
        Upload.length.is_(None) if upload.length is None else Upload.length == upload.length,
    )
    with writing() as session:
        moved = session.execute(sa.update(Upload).where(*unmoved).values(**values).returning(Upload.id)).first()
        if moved is None:
            raise TusError(409, MOVED_ON)
        session.add_all(kept.pieces)
        woken = _next(session, upload, offset, length)
    upload.offset, upload.length = offset, length
    return woken


def _next(session: Session, upload: Upload, offset: int, length: int | None) -> set[str]:
    if offset == length:
        return finishing.finish(session, upload.id, COMPLETE)
    if upload.kind == TAKE and offset:
        return finishing.follow(session, upload.id)
    return set()


def _forget(storage: Storage, kept: _Kept) -> None:
    """Delete what was surely not recorded; the sweep finds what a crash or a lost connection leaves."""
    for piece in kept.pieces:
        with suppress(StorageError):
            storage.delete(piece.key)
