"""The one door to everything under /v/…: a link by its token, or Gone. An expired, a revoked, a replaced and an
unknown link are told apart by nobody outside."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload

from vidmsg import clock
from vidmsg.database import UTCDateTime
from vidmsg.messages.models import Link


class Gone(Exception):
    """There is nothing behind this address, for whatever reason."""


_LIVING = (
    sa.select(Link)
    .where(
        Link.token == sa.bindparam("token"),
        Link.revoked_at.is_(None),
        Link.replaced_at.is_(None),
        sa.or_(Link.expires_at.is_(None), Link.expires_at > sa.bindparam("now", type_=UTCDateTime)),
    )
    .options(joinedload(Link.video))
)  # built once: every request of every phone that watches asks it


def find(session: Session, token: str) -> Link:
    """The living link with this token, its video with it. Raises Gone."""
    link = session.execute(_LIVING, {"token": token, "now": clock.now()}).scalar_one_or_none()
    if link is None or link.video.discarded_at is not None:
        raise Gone
    return link
