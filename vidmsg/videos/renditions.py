"""What was made of a video, and where it can be fetched. A rendition's bytes never change; a better one gets a new
row, and the older one is retired and lives a day longer for whoever plays it just now."""

from __future__ import annotations

import datetime as dt

import sqlalchemy as sa
from flask import current_app
from sqlalchemy.orm import Session

from vidmsg import clock
from vidmsg.storage import Storage
from vidmsg.videos.models import QUICK, STANDARD, Rendition, Video

ADDRESS_LIFE = dt.timedelta(hours=6)
RETIRED_LIFE = dt.timedelta(hours=24)


_BEST = (
    sa.select(Rendition)
    .where(
        Rendition.video_id == sa.bindparam("video"),
        Rendition.kind.in_((STANDARD, QUICK)),
        Rendition.retired_at.is_(None),
    )
    .order_by((Rendition.kind == STANDARD).desc(), Rendition.number.desc())
    .limit(1)
)  # built once: every request of every phone that watches asks it


def store() -> Storage:
    """The storage of the current application."""
    found: Storage = current_app.extensions["storage"]
    return found


def find(session: Session, video_id: str, kind: str) -> Rendition | None:
    """The newest rendition of this kind that is not retired."""
    living = (Rendition.video_id == video_id, Rendition.kind == kind, Rendition.retired_at.is_(None))
    newest = sa.select(Rendition).where(*living).order_by(Rendition.number.desc()).limit(1)
    return session.execute(newest).scalar_one_or_none()


def playable(session: Session, video: Video) -> Rendition | None:
    """What a visitor who comes now shall play: the standard rendition, else the quick one, else nothing yet."""
    return session.execute(_BEST, {"video": video.id}).scalar_one_or_none()


def address(rendition: Rendition, ttl: dt.timedelta = ADDRESS_LIFE) -> str:
    """Where a browser gets the bytes, for `ttl`. May be relative to our own origin."""
    return store().url(rendition.key, ttl, rendition.content_type)


def add(session: Session, rendition: Rendition) -> None:
    """Record stored bytes as the next of their kind."""
    newest = sa.select(sa.func.max(Rendition.number)).where(
        Rendition.video_id == rendition.video_id, Rendition.kind == rendition.kind
    )
    rendition.number = (session.execute(newest).scalar() or 0) + 1
    rendition.created_at = clock.now()
    session.add(rendition)


def retire(session: Session, video_id: str, kind: str) -> None:
    """New visitors get something else from now on; who plays it already goes on."""
    living = (Rendition.video_id == video_id, Rendition.kind == kind, Rendition.retired_at.is_(None))
    session.execute(sa.update(Rendition).where(*living).values(retired_at=clock.now()))
