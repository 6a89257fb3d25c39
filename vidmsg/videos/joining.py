"""Reading an upload's bytes back from its recorded chunks: in order, without a gap, each by its hash. It may not know
what the bytes mean."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path

import sqlalchemy as sa

from vidmsg.database import reading
from vidmsg.storage import Storage
from vidmsg.videos.models import Chunk


class Torn(Exception):
    """A chunk is missing or is not what was recorded. Nothing may be made from the rest."""


def recorded(upload_id: str, after: int = 0) -> Sequence[Chunk]:
    """The chunks from byte `after` on, in order. Torn when there is a gap."""
    rows = sa.select(Chunk).where(Chunk.upload_id == upload_id, Chunk.offset >= after).order_by(Chunk.offset)
    with reading() as session:
        chunks = session.execute(rows).scalars().all()
    for chunk in chunks:
        if chunk.offset != after:
            raise Torn(f"byte {after} is missing")
        after += chunk.length
    return chunks


def fetch(storage: Storage, chunk: Chunk) -> bytes:
    """A chunk's bytes. Torn when they are not the recorded ones."""
    data = storage.get_bytes(chunk.key)
    if len(data) != chunk.length or hashlib.sha256(data).hexdigest() != chunk.sha256:
        raise Torn(f"the chunk at byte {chunk.offset} is damaged")
    return data


def join(storage: Storage, upload_id: str, path: Path) -> int:
    """Write the whole upload to `path`; its size in bytes."""
    with path.open("wb") as file:
        for chunk in recorded(upload_id):
            file.write(fetch(storage, chunk))
        return file.tell()
