"""Making results of a job visible: the bytes go to storage first, then one fenced compare-and-set records the
rendition and moves the video. Whoever lost the row meanwhile records nothing. A state only ever goes forward."""

from __future__ import annotations

import datetime as dt
import filecmp
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from vidmsg import clock, logs
from vidmsg.database import writing
from vidmsg.jobs import Held
from vidmsg.media.loudness import Loudness
from vidmsg.media.probe import MOST_SECONDS, SLACK_S, Probe
from vidmsg.storage import StorageError
from vidmsg.videos import finishing, renditions
from vidmsg.videos.keys import video_key
from vidmsg.videos.models import (
    BROKEN,
    CLOSED,
    FILE,
    PLAYABLE,
    PREPARING,
    QUICK,
    READY,
    RECORDING,
    REFUSED,
    STANDARD,
    TAKE,
    Chunk,
    Rendition,
    Upload,
    Video,
)

log = logs.get(__name__)

MP4 = "video/mp4"
CUT = "This take is longer than 3 minutes. The first 3 minutes are sent, all of it is kept."
UNREADABLE = "We could not make this playable. It is kept as it came. Please record it once more."


class LostRow(Exception):
    """The row is somebody else's by now, or it moved on without us."""


def playable(
    held: Held, video_id: str, path: Path, facts: dict[str, Any], made: Probe, prepare_in: dt.timedelta | None
) -> None:
    """Let the quick rendition be seen. With `prepare_in` the standard one is due that much later."""
    key = video_key(video_id)
    renditions.store().put(path, key, MP4)
    woken: set[str] = set()
    with recording(key), writing() as session:
        _move(session, held, video_id, (RECORDING, PREPARING), state=PLAYABLE, playable_at=clock.now(), **facts)
        renditions.add(session, _rendition(video_id, QUICK, key, path, made))
        if prepare_in is not None:
            woken = finishing.prepare(session, video_id, prepare_in)
    finishing.wake(woken)
    log.info("video playable", video=video_id, seconds=made.duration_s, bytes=made.bytes)


def ready(held: Held, video_id: str, path: Path, facts: dict[str, Any], made: Probe) -> None:
    """Let the standard rendition take over, once it has been read back as it was written."""
    key, now = video_key(video_id), clock.now()
    renditions.store().put(path, key, MP4)
    _read_back(key, path)
    with recording(key), writing() as session:
        _move(
            session,
            held,
            video_id,
            (PREPARING, PLAYABLE),
            state=READY,
            ready_at=now,
            playable_at=sa.func.coalesce(Video.playable_at, now),
            **facts,
        )
        renditions.retire(session, video_id, QUICK)
        renditions.add(session, _rendition(video_id, STANDARD, key, path, made))
    log.info("video ready", video=video_id, seconds=made.duration_s, bytes=made.bytes)
    if facts["problem_code"] is None:
        forget_raw(video_id)  # of a take that was cut, the rest stays


def refused(held: Held, video_id: str, code: str, sentence: str) -> None:
    """A picked file that can't be used: say why, and keep nothing of it."""
    with writing() as session:
        _move(session, held, video_id, (PREPARING,), state=REFUSED, problem_code=code, problem=sentence)
    forget_raw(video_id)
    log.info("file refused", video=video_id, code=code)


def broken(video_id: str, code: str) -> None:
    """Nothing playable can be made of it: say so, and keep every byte."""
    unplayable = (Video.id == video_id, Video.state.in_((RECORDING, PREPARING)))
    with writing() as session:
        session.execute(sa.update(Video).where(*unplayable).values(state=BROKEN, problem_code=code, problem=UNREADABLE))
    log.warning("video failed", video=video_id, code=code)


def facts(kind: str, take: Probe, made: Probe, sound: Loudness | None) -> dict[str, Any]:
    """What is remembered of a video: measures of what is sent, and what its rep shall be told. A take's last piece is
    cut wherever its page was closed, and nothing is missing for that: only its upload knows whether all came."""
    cut = kind == TAKE and take.duration_s > MOST_SECONDS + SLACK_S
    return {
        "duration_s": made.duration_s,
        "width": made.width,
        "height": made.height,
        "has_audio": made.has_audio,
        "silent": made.has_audio and (sound is None or sound.silent),
        "loudness": sound.lufs if sound else None,
        "truncated": True if kind == FILE and take.truncated else _only_a_part(),
        "problem_code": "too_long" if cut else None,
        "problem": CUT if cut else None,
    }


def _only_a_part() -> sa.ColumnElement[bool]:
    """Its upload was closed where it stood: what came plays well, and is not all."""
    return sa.exists().where(Upload.video_id == Video.id, Upload.state == CLOSED)


def forget_raw(video_id: str) -> None:
    """Delete the bytes as they came. Called when something better is safe, or when they are of no use."""
    uploads = sa.select(Upload.id).where(Upload.video_id == video_id)
    with writing() as session:
        gone = sa.delete(Chunk).where(Chunk.upload_id.in_(uploads)).returning(Chunk.key)
        keys = list(session.execute(gone).scalars())
    for key in keys:
        renditions.store().delete(key)


def _move(session: Session, held: Held, video_id: str, states: tuple[str, ...], **values: Any) -> None:
    """Raises LostRow unless the job's row is still ours and the video still in one of `states`."""
    mine = sa.select(held.model.id).where(held.fence()).with_for_update()
    if session.execute(mine).first() is None:
        held.lost.set()
        raise LostRow(video_id)
    moved: Any = session.execute(sa.update(Video).where(Video.id == video_id, Video.state.in_(states)).values(**values))
    if moved.rowcount != 1:
        raise LostRow(video_id)


@contextmanager
def recording(key: str) -> Iterator[None]:
    """Deletes what was put under `key` when the row is somebody else's. Any other error may come from a commit that
    was carried out although nobody heard of it: then a row names these bytes, so the sweep decides a day later."""
    try:
        yield
    except LostRow:
        with suppress(StorageError):
            renditions.store().delete(key)
        raise


def _rendition(video_id: str, kind: str, key: str, path: Path, made: Probe) -> Rendition:
    return Rendition(
        video_id=video_id,
        kind=kind,
        key=key,
        content_type=MP4,
        bytes=path.stat().st_size,
        width=made.width,
        height=made.height,
        duration_s=made.duration_s,
    )


def _read_back(key: str, path: Path) -> None:
    again = path.with_name("read-back.mp4")
    renditions.store().fetch(key, again)
    if not filecmp.cmp(path, again, shallow=False):
        raise OSError("storage gave other bytes back than it was given")
    again.unlink()
