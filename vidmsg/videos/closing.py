"""Ends of uploads that are not completion: a client terminates one, a take falls silent, a picked file is never
finished. A take with any byte in it is never thrown away here, it is closed where it stands and offered to the rep;
nor is anything that she kept or that a message carries."""

from __future__ import annotations

import datetime as dt

import sqlalchemy as sa
from sqlalchemy.orm import Session

from vidmsg import clock, logs
from vidmsg.database import reading, writing
from vidmsg.storage import Storage
from vidmsg.videos import choosing, finishing, receiving
from vidmsg.videos.models import CLOSED, FILE, OPEN, TAKE, Chunk, Upload, Video
from vidmsg.videos.tus import TusError

log = logs.get(__name__)

SILENCE = dt.timedelta(minutes=30)
EMPTY_LIFE = dt.timedelta(hours=24)
BATCH = 50


def terminate(storage: Storage, upload_id: str, capability: str) -> None:
    """Forget an unfinished upload and its bytes. TusError 403 for a finished one: its video may be on its way; and
    for one whose video was kept or is carried by a message."""
    with reading() as session:
        upload = receiving.find(session, upload_id, capability)
        needed = session.execute(sa.select(Video.id).where(Video.id == upload.video_id, ~_unneeded())).first()
    if needed:
        raise TusError(403, "This video is kept, and a message may need it. It stays.")
    if upload.state != OPEN or not remove(storage, upload):
        raise TusError(403, "This upload is finished. Let the video go on its own page.")


def remove(storage: Storage, upload: Upload) -> bool:
    """Remove an open upload that still stands where `upload` saw it. False when it has moved on or is needed."""
    with writing() as session:
        keys = _remove_rows(session, upload)
    if keys is None:
        return False
    for key in keys:
        storage.delete(key)
    log.info("upload removed", upload=upload.id, kind=upload.kind, bytes=upload.offset)
    return True


def tick(storage: Storage) -> None:
    """The clock's part: close silent takes, remove what never came. Cheap while nothing is old."""
    now = clock.now()
    silent = sa.and_(Upload.kind == TAKE, Upload.offset > 0, Upload.moved_at < now - SILENCE)
    empty = sa.and_(Upload.kind == TAKE, Upload.offset == 0, Upload.moved_at < now - EMPTY_LIFE)
    expired = sa.and_(Upload.kind == FILE, Upload.expires_at < now, sa.or_(Upload.offset > 0, _unneeded()))
    ended = sa.or_(silent, expired, sa.and_(empty, _unneeded()))
    old = sa.select(Upload).join(Video, Video.id == Upload.video_id)
    old = old.where(Upload.state == OPEN, Upload.moved_at < now - SILENCE, ended)
    with reading() as session:
        rows = session.execute(old.order_by(Upload.moved_at).limit(BATCH)).scalars().all()
    for upload in rows:
        try:
            _end(storage, upload)
        except Exception:  # one that can't be ended shall not keep the others
            log.exception("upload not ended", upload=upload.id)


def _end(storage: Storage, upload: Upload) -> None:
    if upload.kind == TAKE and upload.offset:
        close(upload)
    elif not remove(storage, upload) and upload.offset:
        close(upload)  # somebody kept the picked file before it was whole: what came of it is looked at


def _unneeded() -> sa.ColumnElement[bool]:
    """Nobody kept this video, and no message carries it."""
    return sa.and_(Video.kept_at.is_(None), ~choosing.carried())


def close(upload: Upload) -> None:
    """End an upload at its offset, unless it has moved on."""
    with writing() as session:
        still = sa.select(Upload.id).where(Upload.id == upload.id, Upload.offset == upload.offset).with_for_update()
        woken = finishing.finish(session, upload.id, CLOSED) if session.execute(still).first() else set()
    finishing.wake(woken)
    log.info("silent upload closed", upload=upload.id, bytes=upload.offset)


def _remove_rows(session: Session, upload: Upload) -> list[str] | None:
    removable = sa.select(Video.id).where(Video.id == upload.video_id, _unneeded()).with_for_update()
    if session.execute(removable).first() is None:
        return None
    unmoved = (Upload.id == upload.id, Upload.state == OPEN, Upload.offset == upload.offset)
    ended = sa.update(Upload).where(*unmoved).values(state=CLOSED).returning(Upload.id)
    if session.execute(ended).first() is None:
        return None
    chunks = sa.delete(Chunk).where(Chunk.upload_id == upload.id).returning(Chunk.key)
    keys = list(session.execute(chunks).scalars())
    session.execute(sa.delete(Upload).where(Upload.id == upload.id))
    session.execute(sa.delete(Video).where(Video.id == upload.video_id))
    return keys
