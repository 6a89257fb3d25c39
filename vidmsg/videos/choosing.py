"""What a rep decides about her takes: keep one, let one go, or leave it for later. Letting go is undone by keeping
within seven days; after that the sweep removes rows and bytes."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence

import sqlalchemy as sa
from sqlalchemy.orm import Session

from vidmsg import clock
from vidmsg.database import Base
from vidmsg.errors import Sentence
from vidmsg.videos import finishing
from vidmsg.videos.models import BROKEN, PLAYABLE, PREPARING, REFUSED, TAKE, Chunk, Upload, Video

DISCARDED_LIFE = dt.timedelta(days=7)
MOST_SHOWN = 30


class NotNow(Sentence):
    """The choice does not fit the video's state."""


Listener = Callable[[Session, Video, int], None]
_listeners: list[Listener] = []


def on_choice(listener: Listener) -> None:
    """Let a feature above hear, in the same transaction, that a take was chosen for an occasion; its number."""
    if listener not in _listeners:
        _listeners.append(listener)


def choose(session: Session, video_id: str) -> None:
    """A person keeps this take: whoever waits for one on its occasion hears of it, the first time. Raises NotNow."""
    first = session.get_one(Video, video_id).kept_at is None
    keep(session, video_id)
    occurrence_id = session.scalars(sa.select(Upload.occurrence_id).where(Upload.video_id == video_id)).first()
    if first and occurrence_id is not None:
        for listener in _listeners:
            listener(session, session.get_one(Video, video_id), occurrence_id)


def keep(session: Session, video_id: str) -> None:
    """Keep a video. Raises NotNow for a file that was refused."""
    video = session.get_one(Video, video_id, with_for_update=True)
    if video.state == REFUSED:
        raise NotNow("This file was not taken, so it can't be kept. Pick another, or record one here.")
    if video.discarded_at and video.state in {PREPARING, PLAYABLE}:
        finishing.prepare(session, video_id)  # nobody prepared it while it was let go
    video.kept_at = video.kept_at or clock.now()
    video.discarded_at = None


def discard(session: Session, video_id: str) -> None:
    """Let a video go. Raises NotNow for one that was kept: a message may need it."""
    wanted = (Video.id == video_id, Video.kept_at.is_(None))
    gone = sa.update(Video).where(*wanted).values(discarded_at=sa.func.coalesce(Video.discarded_at, clock.now()))
    if session.execute(gone.returning(Video.id)).first() is None:
        raise NotNow("This video is kept, and a message may need it. It stays.")


def try_again(session: Session, video_id: str) -> set[str]:
    """Prepare a failed video once more from its bytes; the queues to wake after the commit. Raises NotNow for a video
    that did not fail, or whose bytes are not here."""
    wanted = (Video.id == video_id, Video.state == BROKEN, _has_bytes())
    again = sa.update(Video).where(*wanted).values(state=PREPARING, problem_code=None, problem=None)
    if session.execute(again.returning(Video.id)).first() is None:
        raise NotNow("There is nothing to try again here. Load the page again to see where this video is.")
    return finishing.prepare(session, video_id)


def triable(session: Session, video_ids: Sequence[str]) -> set[str]:
    """Those of these videos that failed and whose bytes are here."""
    failed = sa.select(Video.id).where(Video.id.in_(video_ids), Video.state == BROKEN, _has_bytes())
    return set(session.scalars(failed))


def _has_bytes() -> sa.ColumnElement[bool]:
    return sa.exists().where(Upload.video_id == Video.id, Chunk.upload_id == Upload.id)


def waiting(session: Session, user_id: int) -> Sequence[tuple[Video, Upload]]:
    """Takes and files of this user that wait for her choice, the newest first, each with its upload."""
    here = sa.or_(Upload.offset > 0, Video.kind == TAKE)
    return _mine(session, user_id, Video.kept_at.is_(None), here)


def unsent(session: Session, user_id: int) -> Sequence[tuple[Video, Upload]]:
    """Videos that she kept and that no message carries yet, the newest first."""
    return _mine(session, user_id, Video.kept_at.is_not(None), ~carried())


def carried() -> sa.ColumnElement[bool]:
    """A message carries this video."""
    message = Base.metadata.tables["message"]  # by its table: messages stand above videos in the house
    return sa.exists().where(message.c.video_id == Video.id)


def _mine(session: Session, user_id: int, *conditions: sa.ColumnElement[bool]) -> Sequence[tuple[Video, Upload]]:
    rows = (
        sa.select(Video, Upload)
        .join(Upload, Upload.video_id == Video.id)
        .where(Video.owner_id == user_id, Video.discarded_at.is_(None), *conditions)
        .order_by(Video.created_at.desc())
        .limit(MOST_SHOWN)
    )
    return [(video, upload) for video, upload in session.execute(rows)]
