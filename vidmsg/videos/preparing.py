"""The prepare job: makes the standard rendition of a video from its bytes, and for what was not playable live the
quick one before it. A picked file is examined first and refused with a reason when it can't be used; a recorder's take
is never refused. The bytes as they came go only when the result was read back."""

from __future__ import annotations

import signal
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from vidmsg import logs
from vidmsg.database import reading
from vidmsg.jobs import HandBack, Held
from vidmsg.media import prepare as standard
from vidmsg.media import quick
from vidmsg.media.probe import probe
from vidmsg.media.refusals import Refused
from vidmsg.media.sandbox import ChildFailed
from vidmsg.videos import joining, picturing, publishing, renditions, workplace
from vidmsg.videos.models import FILE, PLAYABLE, PREPARING, Upload, Video
from vidmsg.videos.publishing import LostRow

log = logs.get(__name__)

MOST_ATTEMPTS = 2
ROOM = 3  # the bytes themselves, and what is made of them


def run(held: Held) -> None:
    """Prepare one video as far as it is not."""
    with reading() as session:
        found = session.execute(
            sa.select(Video, Upload).join(Upload, Upload.video_id == Video.id).where(Video.id == held.id)
        ).first()
    if found is None or found.Video.state not in {PREPARING, PLAYABLE} or found.Video.discarded_at:
        return
    try:
        with workplace.folder(ROOM * found.Upload.offset) as folder:
            _prepare(held, found.Video, found.Upload, folder)
    except LostRow:
        log.info("video went on elsewhere", video=held.id)


def failed(video_id: str) -> None:
    """Preparing was tried too often. A quick rendition stays in use; without one the rep is told."""
    publishing.broken(video_id, "not_prepared")


def _prepare(held: Held, video: Video, upload: Upload, folder: Path) -> None:
    raw = folder / "raw"
    joining.join(renditions.store(), upload.id, raw)
    try:
        _examine(video, raw)
        if video.state == PREPARING:
            _make_quick(held, video, raw, folder)
        _make_standard(held, video, raw, folder)
    except Refused as refusal:
        _leave_if_stopping(held)  # a child that we ended looks like a damaged file
        if workplace.is_full():  # so does one that found no room
            raise workplace.NoRoom("the disk filled up during the work") from refusal
        if held.tries < MOST_ATTEMPTS and not isinstance(refusal, _Examined):
            raise  # so does one that found the memory full: once more, a little later
        _end(held, video, refusal)


class _Examined(Refused):
    """Refused for what the file is, before any work on it."""


def _examine(video: Video, raw: Path) -> None:
    limits = {} if video.kind == FILE else {"max_bytes": None, "max_seconds": None}
    try:
        probe(raw, **limits)
    except Refused as refusal:
        if isinstance(refusal.__cause__, ChildFailed) and _may_be_the_machine(refusal.__cause__):
            raise
        raise _Examined(refusal.code, refusal.message) from refusal


def _may_be_the_machine(failure: ChildFailed) -> bool:
    """Whether the file may be good all the same: this machine was too busy to finish the child, or short of memory and
    killed it."""
    return failure.timed_out or failure.code == -signal.SIGKILL


def _make_quick(held: Held, video: Video, raw: Path, folder: Path) -> None:
    result = quick.copy_quick(raw, folder / "quick.mp4")
    _leave_if_stopping(held)
    if result.path is None or result.probe is None or result.take is None:
        return
    facts = publishing.facts(video.kind, result.take, result.probe, result.loudness)
    publishing.playable(held, video.id, result.path, facts, result.probe, prepare_in=None)
    picturing.make_poster(video.id, result.path, result.probe)


def _make_standard(held: Held, video: Video, raw: Path, folder: Path) -> None:
    made = standard.prepare(raw, folder / "out", picked=video.kind == FILE)
    _leave_if_stopping(held)
    facts: dict[str, Any] = publishing.facts(video.kind, made.source, made.probe, made.loudness)
    picturing.keep_poster(video.id, made.poster)
    publishing.ready(held, video.id, made.video, facts, made.probe)
    picturing.make_preview(video.id, folder)


def _end(held: Held, video: Video, refusal: Refused) -> None:
    """For good: a file goes, a take stays as it came."""
    with reading() as session:
        state = session.get_one(Video, video.id).state
    if state == PLAYABLE:
        log.warning("no standard rendition", video=video.id, code=refusal.code)
    elif video.kind == FILE:
        publishing.refused(held, video.id, refusal.code, refusal.message)
    else:
        publishing.broken(video.id, refusal.code)


def _leave_if_stopping(held: Held) -> None:
    if held.should_stop:
        raise HandBack
