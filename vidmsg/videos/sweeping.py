"""The clock's part in videos: each second close silent takes, each hour clear away what nobody needs any more. It may
run on several machines at once; rows go first and bytes afterwards, and bytes that no row names after a day."""

from __future__ import annotations

import datetime as dt
import threading
from collections.abc import Iterable, Iterator

import sqlalchemy as sa
from flask import Flask

from vidmsg import clock, logs
from vidmsg.accounts import installation
from vidmsg.database import reading, writing
from vidmsg.jobs import DONE, FAILED, IDLE
from vidmsg.jobs.pausing import Pause
from vidmsg.storage import StorageError, marker
from vidmsg.videos import closing, finishing, publishing, renditions, workplace
from vidmsg.videos.choosing import DISCARDED_LIFE
from vidmsg.videos.keys import POSTER, RAW, VIDEO, made_at
from vidmsg.videos.models import OPEN, PREPARING, RECORDING, REFUSED, Chunk, Rendition, Upload, Video

log = logs.get(__name__)

EVERY = dt.timedelta(hours=1)
UNRECORDED_LIFE = dt.timedelta(hours=24)
BATCH = 200


class Hourly:
    """Remembers when the last sweep began; the sweep itself runs beside the clock, because it walks the storage."""

    def __init__(self, app: Flask) -> None:
        self._app = app
        self._pause = Pause()
        self._running = threading.Lock()

    def tick(self) -> None:
        """Each second: the quick part here, and once an hour the long one in a thread of its own."""
        closing.tick(renditions.store())
        if self._pause.is_over and self._running.acquire(blocking=False):
            self._pause.begin(EVERY)
            threading.Thread(target=self._sweep, name="sweep", daemon=True).start()

    def _sweep(self) -> None:
        try:
            with self._app.app_context():
                sweep()
        finally:
            self._running.release()


def sweep() -> None:
    """Everything that is done once an hour. One part failing does not keep the others from their work. Nothing is done
    in a storage that is not this database's: there every object would look like one that no row names."""
    if not _storage_is_ours():
        return
    for part in (take_up_stranded, purge_discarded, drop_retired, drop_unrecorded, workplace.sweep):
        try:
            part()
        except Exception:
            log.exception("sweep failed", part=part.__name__)


def _storage_is_ours() -> bool:
    with reading() as session:
        row = installation.find(session)
    try:
        ours = row is not None and marker.read_marker(renditions.store()) == row.marker
    except StorageError as error:
        log.warning("not swept, the storage is away", error=type(error).__name__)
        return False
    if not ours:
        log.error("not swept, the storage belongs to another installation")
    return ours


def take_up_stranded() -> None:
    """A crash at the worst moment can leave a finished upload that no job is due for: make it due. One whose job
    was given up without a word becomes failed."""
    old = clock.now() - dt.timedelta(minutes=10)
    unprepared = (Upload.state != OPEN, Upload.completed_at < old, Video.state.in_((RECORDING, PREPARING)))
    ids = sa.select(Video.id).join(Upload, Upload.video_id == Video.id).where(*unprepared).limit(BATCH)
    with reading() as session:
        stranded = session.scalars(ids.where(Video.job_state == IDLE, Upload.job_state.in_((DONE, FAILED)))).all()
        given_up = session.scalars(ids.where(Video.job_state == FAILED)).all()
    for video_id in stranded:
        with writing() as session:
            woken = finishing.prepare(session, video_id)
        finishing.wake(woken)
    for video_id in given_up:
        publishing.broken(video_id, "not_prepared")


def purge_discarded() -> None:
    """Seven days after it was let go or refused, a video goes. One that a message carries stays: the database sees to
    it."""
    longest = clock.now() - DISCARDED_LIFE
    let_go = sa.and_(Video.discarded_at < longest, Video.kept_at.is_(None))
    refused = sa.and_(Video.state == REFUSED, Video.created_at < longest)
    old = sa.select(Video.id).where(sa.or_(let_go, refused))
    with reading() as session:
        ids = session.scalars(old.limit(BATCH)).all()
    for video_id in ids:
        try:
            with writing() as session:
                still = session.scalar(old.where(Video.id == video_id).with_for_update())  # not kept since
                keys = _remove(session, still) if still else []
        except sa.exc.IntegrityError:
            log.warning("a discarded video is in use", video=video_id)
        else:
            _delete(keys)


def drop_retired() -> None:
    """A rendition that was replaced a day ago is played by nobody any more."""
    old = sa.select(Rendition.id).where(Rendition.retired_at < clock.now() - renditions.RETIRED_LIFE).limit(BATCH)
    with writing() as session:
        ids = session.scalars(old).all()
        keys = list(session.scalars(sa.delete(Rendition).where(Rendition.id.in_(ids)).returning(Rendition.key)))
    _delete(keys)


def drop_unrecorded() -> None:
    """Objects that no row names: pieces that lost a race, results of a job that was killed before it recorded them."""
    before = clock.now() - UNRECORDED_LIFE
    for prefix, column in ((RAW, Chunk.key), (VIDEO, Rendition.key), (POSTER, Rendition.key)):
        old = (key for key in renditions.store().keys(prefix) if (made := made_at(key)) and made < before)
        for batch in _batches(old):
            with reading() as session:
                recorded = set(session.scalars(sa.select(column).where(column.in_(batch))))
            _delete(key for key in batch if key not in recorded)


def _remove(session: sa.orm.Session, video_id: str) -> list[str]:
    uploads = sa.select(Upload.id).where(Upload.video_id == video_id)
    keys = list(session.scalars(sa.delete(Chunk).where(Chunk.upload_id.in_(uploads)).returning(Chunk.key)))
    keys += session.scalars(sa.delete(Rendition).where(Rendition.video_id == video_id).returning(Rendition.key))
    session.execute(sa.delete(Upload).where(Upload.video_id == video_id))
    session.execute(sa.delete(Video).where(Video.id == video_id))
    return keys


def _delete(keys: Iterable[str]) -> None:
    for key in keys:
        renditions.store().delete(key)


def _batches(keys: Iterable[str]) -> Iterator[list[str]]:
    batch: list[str] = []
    for key in keys:
        batch.append(key)
        if len(batch) == BATCH:
            yield batch
            batch = []
    if batch:
        yield batch
