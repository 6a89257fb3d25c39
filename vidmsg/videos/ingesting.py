"""The live job: follows one take while it is recorded and feeds its pieces, as they are recorded, to one ffmpeg, so
that at Stop only the tail is left. It begins from the first byte again after a crash; nothing depends on what it held
in memory. Whatever it can't do live is left to preparing.py."""

from __future__ import annotations

import datetime as dt
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from flask import Flask, current_app

from vidmsg import logs
from vidmsg.database import reading, writing
from vidmsg.jobs import DONE, IDLE, HandBack, Held
from vidmsg.media import quick
from vidmsg.media.live import LiveTake
from vidmsg.media.loudness import Loudness
from vidmsg.media.quick import LiveResult
from vidmsg.media.refusals import Refused
from vidmsg.videos import finishing, joining, picturing, publishing, renditions, workplace
from vidmsg.videos.models import OPEN, PREPARING, RECORDING, TAKE, Upload, Video
from vidmsg.videos.publishing import LostRow

log = logs.get(__name__)

POLL_S = 0.05
PARK_S = 60.0
UNLESS_LEVELLED = dt.timedelta(seconds=30)


def init_app(app: Flask) -> None:
    """Make the permits for live encodes, one for each processor that may be spent on them."""
    app.extensions["live_encodes"] = threading.Semaphore(app.config["SETTINGS"].live_encodes)


def run(held: Held) -> None:
    """Follow the take, publish what came of it."""
    with reading() as session:
        found = session.execute(
            sa.select(Upload.video_id, Video.state).join(Video, Video.id == Upload.video_id).where(Upload.id == held.id)
        ).one_or_none()
    if found is None or found.state not in {RECORDING, PREPARING}:
        return
    with workplace.folder() as folder, _permit() as may_encode:
        take = LiveTake(folder, may_encode=may_encode)
        try:
            if not _follow(held, take):
                return
            result = take.finish()
            if held.should_stop:
                raise HandBack
            _publish(held, found.video_id, result, folder)
        except LostRow:
            log.info("take went on elsewhere", upload=held.id)
        finally:
            take.abort()


def failed(upload_id: str) -> None:
    """Following was tried too often: prepare the take from its bytes."""
    with writing() as session:
        woken = finishing.live_ended(session, upload_id)
    finishing.wake(woken)


def _follow(held: Held, take: LiveTake) -> bool:
    """Feed the take up to its end. False when there is nothing more to do here: it is gone, or parked."""
    fed, moved = 0, time.monotonic()
    while True:
        _leave_if_stopping(held)
        position = _position(held.id)
        if position is None:
            return False
        offset, state = position
        if offset > fed:
            fed, moved = _feed(held, take, fed), time.monotonic()
        elif state != OPEN:
            return True
        elif time.monotonic() - moved > PARK_S and _park(held, fed):
            return False
        else:
            held.stopping.wait(POLL_S)


def _feed(held: Held, take: LiveTake, fed: int) -> int:
    for chunk in joining.recorded(held.id, fed):
        _leave_if_stopping(held)
        take.feed(joining.fetch(renditions.store(), chunk))
        fed += chunk.length
    return fed


def _leave_if_stopping(held: Held) -> None:
    if held.should_stop:
        raise HandBack


def _position(upload_id: str) -> tuple[int, str] | None:
    with reading() as session:
        row = session.execute(sa.select(Upload.offset, Upload.state).where(Upload.id == upload_id)).one_or_none()
    return (row.offset, row.state) if row else None


def _park(held: Held, fed: int) -> bool:
    """Free the worker from a take that pauses; its next piece makes it due again. False when one just came."""
    unmoved = (held.fence(), Upload.offset == fed, Upload.state == OPEN)
    with writing() as session:
        parked = sa.update(Upload).where(*unmoved).values(job_state=IDLE, job_owner=None).returning(Upload.id)
        return session.execute(parked).first() is not None


def _publish(held: Held, video_id: str, result: LiveResult, folder: Path) -> None:
    if result.path is None or result.probe is None or result.take is None:
        _leave_to_preparing(held, result)
        return
    facts = publishing.facts(TAKE, result.take, result.probe, result.loudness)
    playable_in = UNLESS_LEVELLED if result.whole else finishing.AT_ONCE
    publishing.playable(held, video_id, result.path, facts, result.probe, playable_in)
    picturing.make_poster(video_id, result.path, result.probe)
    if result.whole:
        _level(held, video_id, result.path, facts, result.loudness)
    picturing.make_preview(video_id, folder)


def _level(held: Held, video_id: str, film: Path, facts: dict[str, Any], sound: Loudness | None) -> None:
    """Bring the sound of a live encode to its level: then it is the standard rendition."""
    standard = film.with_name("standard.mp4")
    try:
        made = quick.level(film, standard, sound)
    except Refused as refusal:  # it is playable; preparing makes the better one
        log.info("left to preparing", video=video_id, code=refusal.code)
    else:
        publishing.ready(held, video_id, standard, facts, made)


def _leave_to_preparing(held: Held, result: LiveResult) -> None:
    log.info("not playable live", upload=held.id, reason=result.reason)
    with writing() as session:
        session.execute(sa.update(Upload).where(held.fence()).values(job_state=DONE, job_owner=None))
        woken = finishing.live_ended(session, held.id)
    finishing.wake(woken)


@contextmanager
def _permit() -> Iterator[_Permit]:
    permit = _Permit(current_app.extensions["live_encodes"])
    try:
        yield permit
    finally:
        permit.give_back()


class _Permit:
    """Leave to encode live, taken when asked and given back with the take."""

    def __init__(self, free: threading.Semaphore) -> None:
        self._free = free
        self._taken = False

    def __call__(self) -> bool:
        self._taken = self._free.acquire(blocking=False)
        return self._taken

    def give_back(self) -> None:
        if self._taken:
            self._free.release()
            self._taken = False
