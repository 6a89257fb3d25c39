"""Beginning an upload, and giving its owner a fresh address. The address carries a capability, bound to this one
upload: whoever holds it may send bytes, without a cookie. It may not know HTTP."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import Session

from vidmsg import clock
from vidmsg.tokens import digest, new_token
from vidmsg.videos.models import FILE, Upload, Video

FILE_LIFE = dt.timedelta(hours=24)


@dataclass(frozen=True)
class Wish:
    """What shall be uploaded, by whom, for whom and for which of her days. `length` in bytes, None while unknown;
    `client_id` is the recorder's own id of the take, None where a client has no such thing."""

    organisation_id: int
    team_id: int
    user_id: int
    person_id: int | None
    kind: str
    length: int | None
    content_type: str
    client_id: str | None
    client_metadata: str
    occurrence_id: int | None = None


def create(session: Session, wish: Wish) -> tuple[Upload, str]:
    """The upload and the capability for its address. The same user asking again with the same client id gets the
    same upload, so that an answer lost on the way costs nothing; its older address ends."""
    found = _find(session, wish)
    if found is not None:
        return found, renew(found)
    now, capability = clock.now(), new_token()
    video = Video(
        organisation_id=wish.organisation_id,
        team_id=wish.team_id,
        owner_id=wish.user_id,
        person_id=wish.person_id,
        kind=wish.kind,
        created_at=now,
    )
    session.add(video)
    session.flush()
    upload = Upload(
        video_id=video.id,
        user_id=wish.user_id,
        occurrence_id=wish.occurrence_id,
        client_id=wish.client_id or new_token(),
        capability_digest=digest(capability),
        kind=wish.kind,
        content_type=wish.content_type[:100],
        client_metadata=wish.client_metadata,
        length=wish.length,
        created_at=now,
        moved_at=now,
        expires_at=now + FILE_LIFE if wish.kind == FILE else None,
    )
    session.add(upload)
    session.flush()
    return upload, capability


def renew(upload: Upload) -> str:
    """A fresh capability for this upload; the one before ends."""
    capability = new_token()
    upload.capability_digest = digest(capability)
    return capability


def _find(session: Session, wish: Wish) -> Upload | None:
    if wish.client_id is None:
        return None
    mine = (Upload.user_id == wish.user_id, Upload.client_id == wish.client_id)
    return session.execute(sa.select(Upload).where(*mine)).scalar_one_or_none()
