"""Videos that speak to anybody: kept, playable and recorded for nobody in particular. One of them may go where a plan
says so and no other came in time. It may not know messages."""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy.orm import Session

from vidmsg.videos.choosing import NotNow, carried
from vidmsg.videos.models import PLAYABLE, READY, Upload, Video

MOST_OFFERED = 24


def of_team(session: Session, team_id: int) -> Sequence[Video]:
    """What this team may choose from, the newest first."""
    query = sa.select(Video).where(Video.team_id == team_id, Video.person_id.is_(None), *_usable())
    return session.scalars(query.order_by(Video.created_at.desc()).limit(MOST_OFFERED)).all()


def fitting(session: Session, team_id: int, person_id: int) -> Sequence[Video]:
    """What may go to this person: what was kept for her and no message carries yet, then what speaks to anybody."""
    hers = sa.and_(Video.person_id == person_id, ~carried())
    query = sa.select(Video).where(Video.team_id == team_id, sa.or_(Video.person_id.is_(None), hers), *_usable())
    query = query.order_by(Video.person_id.is_(None), Video.created_at.desc())
    return session.scalars(query.limit(MOST_OFFERED)).all()


def put_in(session: Session, video: Video) -> None:
    """It speaks to anybody from now on, and to no occasion. Raises NotNow for one that was not kept."""
    if video.kept_at is None or video.discarded_at is not None:
        raise NotNow("Keep this video first, then it can speak to anybody.")
    video.person_id = None
    session.execute(sa.update(Upload).where(Upload.video_id == video.id).values(occurrence_id=None))


def for_occasion(session: Session, occurrence_id: int) -> Video | None:
    """The newest take that was kept for this occasion and can be sent."""
    query = sa.select(Video).join(Upload, Upload.video_id == Video.id).where(Upload.occurrence_id == occurrence_id)
    return session.scalars(query.where(*_usable()).order_by(Video.kept_at.desc()).limit(1)).one_or_none()


def _usable() -> tuple[sa.ColumnElement[bool], ...]:
    return Video.kept_at.is_not(None), Video.discarded_at.is_(None), Video.state.in_((PLAYABLE, READY))
