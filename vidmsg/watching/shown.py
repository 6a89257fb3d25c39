"""Which files a customer's page shows: the video, its poster, its preview for chats. A page names the revision that
it plays, so that bytes never change under a player; a revision that was replaced lives a day longer for open pages."""

from __future__ import annotations

import re

import sqlalchemy as sa
from sqlalchemy.orm import Session

from vidmsg import clock
from vidmsg.messages.models import Link
from vidmsg.videos import renditions
from vidmsg.videos.models import POSTER, PREVIEW, QUICK, STANDARD, Rendition

_REVISION = re.compile(rf"({QUICK}|{STANDARD})-([1-9][0-9]{{0,5}})")


def playing(session: Session, link: Link) -> Rendition | None:
    """What a new visit plays: the standard rendition where there is one, else the quick one, else None."""
    return renditions.playable(session, link.video)


def revision(rendition: Rendition) -> str:
    """The name of these bytes, for the page: kind and number."""
    return f"{rendition.kind}-{rendition.number}"


def by_revision(session: Session, link: Link, name: str) -> Rendition | None:
    """The rendition with this name, also for a day after it was replaced."""
    match = _REVISION.fullmatch(name)
    if match is None:
        return None
    kind, number = match.groups()
    longest = clock.now() - renditions.RETIRED_LIFE
    return session.execute(
        sa.select(Rendition).where(
            Rendition.video_id == link.video_id,
            Rendition.kind == kind,
            Rendition.number == int(number),
            sa.or_(Rendition.retired_at.is_(None), Rendition.retired_at > longest),
        )
    ).scalar_one_or_none()


def poster(session: Session, link: Link) -> Rendition | None:
    """The sharp still before the video plays."""
    return renditions.find(session, link.video_id, POSTER)


def preview(session: Session, link: Link) -> Rendition | None:
    """The picture for chats, 1200×630; where there is none, the poster."""
    return renditions.find(session, link.video_id, PREVIEW) or poster(session, link)
