"""What an upload sets going, inside the transaction that moves it: a growing take is followed live, a finished one is
prepared. It only makes rows due; the caller wakes the returned queues after its commit."""

from __future__ import annotations

import datetime as dt
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from vidmsg import clock
from vidmsg.jobs import DUE, IDLE, RUNNING, due_now, jobs
from vidmsg.videos.models import CLOSED, OPEN, PREPARING, RECORDING, TAKE, Upload, Video

LIVE, PREPARE = "live", "prepare"
AT_ONCE = dt.timedelta()


def follow(session: Session, upload_id: str) -> set[str]:
    """A take grows: let a worker follow it, unless one does or has tried."""
    begun = sa.update(Upload).where(Upload.id == upload_id, Upload.job_state == IDLE).values(**due_now())
    return {LIVE} if _changed(session, begun) else set()


def finish(session: Session, upload_id: str, state: str) -> set[str]:
    """All of an upload is here (`state` complete), or all that will come (closed)."""
    ended = (
        sa.update(Upload)
        .where(Upload.id == upload_id, Upload.state == OPEN)
        .values(
            state=state,
            completed_at=clock.now(),
            length=Upload.offset,
            expires_at=None,
        )
        .returning(Upload.video_id, Upload.kind, Upload.offset, Upload.job_state)
    )
    row = session.execute(ended).one_or_none()
    if row is None:
        return set()
    session.execute(sa.update(Video).where(Video.id == row.video_id, Video.state == RECORDING).values(state=PREPARING))
    if state == CLOSED:
        session.execute(sa.update(Video).where(Video.id == row.video_id).values(truncated=True))
    if row.kind == TAKE and row.offset and row.job_state in {IDLE, DUE, RUNNING}:
        return follow(session, upload_id)
    return prepare(session, row.video_id)


def prepare(session: Session, video_id: str, after: dt.timedelta = AT_ONCE) -> set[str]:
    """Let a worker prepare a video whose bytes are all here; `after` gives somebody else time to make it needless."""
    due = {**due_now(), "job_due_at": clock.now() + after}
    session.execute(sa.update(Video).where(Video.id == video_id, Video.job_state != RUNNING).values(**due))
    return {PREPARE} if after == AT_ONCE else set()


def live_ended(session: Session, upload_id: str) -> set[str]:
    """Following a take came to its end without a playable video: prepare it from its bytes, once all are here."""
    upload = session.execute(
        sa.select(Upload.video_id).where(Upload.id == upload_id, Upload.state != OPEN).with_for_update()
    ).one_or_none()
    return prepare(session, upload.video_id) if upload else set()


def wake(queues: set[str]) -> None:
    """Tell the workers, after the commit."""
    for queue in queues:
        jobs().wake(queue)


def _changed(session: Session, statement: Any) -> bool:
    result: Any = session.execute(statement)
    return bool(result.rowcount)
