"""Which files a customer's page shows: the video, its poster, its preview for chats. A page names the revision that
it plays, so that bytes never change under a player; a revision that was replaced lives a day longer for open pages."""

from __future__ import annotations

import datetime as dt
import re

import sqlalchemy as sa
from sqlalchemy.orm import Session

from vidmsg import clock
from vidmsg.messages.models import Link
from vidmsg.videos.models import POSTER, PREVIEW, QUICK, STANDARD, Rendition

RETIRED_LIFE = dt.timedelta(hours=24)
_REVISION = re.compile(rf"({QUICK}|{STANDARD})-([1-9][0-9]{{0,5}})")


def playing(session: Session, link: Link) -> Rendition | None:
    """What a new visit plays: the standard rendition where there is one, else the quick one, else None."""
    return _newest(session, link, STANDARD) or _newest(session, link, QUICK)


def revision(rendition: Rendition) -> str:
    """The name of these bytes, for the page: kind and number."""
    return f"{rendition.kind}-{rendition.number}"


def by_revision(session: Session, link: Link, name: str) -> Rendition | None:
    """The rendition with this name, also for a day after it was replaced."""
    match = _REVISION.fullmatch(name)
    if match is None:
        return None
    kind, number = match.groups()
    alive = sa.or_(Rendition.retired_at.is_(None), Rendition.retired_at > clock.now() - RETIRED_LIFE)
    return session.execute(
        _of(link).where(Rendition.kind == kind, Rendition.number == int(number), alive)
    ).scalar_one_or_none()


def poster(session: Session, link: Link) -> Rendition | None:
    """The sharp still before the video plays."""
    return _newest(session, link, POSTER)


def preview(session: Session, link: Link) -> Rendition | None:
    """The picture for chats, 1200×630; where there is none, the poster."""
    return _newest(session, link, PREVIEW) or poster(session, link)


def _newest(session: Session, link: Link, kind: str) -> Rendition | None:
    return session.execute(
        _of(link)
        .where(Rendition.kind == kind, Rendition.retired_at.is_(None))
        .order_by(Rendition.message_id.is_(None), Rendition.number.desc())
        .limit(1)
    ).scalar_one_or_none()


def _of(link: Link) -> sa.Select[tuple[Rendition]]:
    """Renditions of this link's video that are everybody's, or were made for this very message."""
    return sa.select(Rendition).where(
        Rendition.video_id == link.video_id,
        sa.or_(Rendition.message_id.is_(None), Rendition.message_id == link.message_id),
    )
