"""Links by which one rep records for one day without signing in: made, looked up, ended. Only the digest of a token is
kept. Looking at the page uses nothing up; a link ends when the take is kept, when the day goes to somebody else or is
over, or after three days. An ended link and one that never was are told apart by nobody outside."""

from __future__ import annotations

import datetime as dt

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload

from vidmsg import clock, tokens
from vidmsg.accounts.models import User
from vidmsg.asking.models import RecordLink
from vidmsg.calendar import moving
from vidmsg.messages import deciding
from vidmsg.messages.models import Message
from vidmsg.milestones.models import Occurrence
from vidmsg.videos.models import Upload, Video

LIFE = dt.timedelta(hours=72)
KEPT_SHOWN = dt.timedelta(hours=1)  # so long the page that says what became of the take opens with an ended link


class Ended(Exception):
    """There is nothing behind this address, for whatever reason."""


def make(session: Session, occurrence: Occurrence, user: User, upload: Upload | None = None) -> tuple[RecordLink, str]:
    """A fresh link for this rep and day, and its token. `upload`: the take that she is to finish with it."""
    token, now = tokens.new_token(), clock.now()
    link = RecordLink(
        token_digest=tokens.digest(token),
        occurrence_id=occurrence.id,
        user_id=user.id,
        upload_id=upload.id if upload else None,
        nudged_at=now if upload else None,
        created_at=now,
        expires_at=now + LIFE,
    )
    session.add(link)
    session.flush()
    return link, token


def find(session: Session, token: str) -> RecordLink:
    """The living link with this token. Raises Ended."""
    link = _known(session, token)
    if link is None or link.ended_at is not None or not _holds(link):
        raise Ended
    return link


def find_kept(session: Session, token: str) -> RecordLink:
    """The link, living or just ended, by which a take was kept. Raises Ended."""
    link = _known(session, token)
    if link is None or kept_by(link) is None or not link.user.active:
        raise Ended
    if not moving.may_look_after(link.user, link.occurrence):
        raise Ended
    if clock.now() > (link.ended_at or link.expires_at) + (KEPT_SHOWN if link.ended_at else dt.timedelta()):
        raise Ended
    return link


def end_all(session: Session, user_id: int) -> None:
    """Every link of somebody who leaves ends."""
    hers = sa.update(RecordLink).where(RecordLink.user_id == user_id, RecordLink.ended_at.is_(None))
    session.execute(hers.values(ended_at=clock.now()))


def kept_by(link: RecordLink) -> Video | None:
    """The take that was kept by this link."""
    video = link.upload.video if link.upload else None
    return video if video is not None and video.kept_at is not None else None


def own_upload(session: Session, link: RecordLink, video_id: str) -> Upload:
    """The upload of a video that this rep records for this very day. Raises Ended for any other."""
    mine = (Upload.user_id == link.user_id, Upload.occurrence_id == link.occurrence_id)
    upload = session.scalars(sa.select(Upload).where(Upload.video_id == video_id, *mine)).first()
    if upload is None:
        raise Ended
    return upload


def end(session: Session, occurrence_id: int, but: int | None = None) -> None:
    """End the links for this day, but for those of the user `but`, and take back the texts that hold them and have not
    left yet."""
    living = (RecordLink.occurrence_id == occurrence_id, RecordLink.ended_at.is_(None))
    for link in session.scalars(sa.select(RecordLink).where(*living, RecordLink.user_id != (but or 0))):
        link.ended_at = clock.now()
        message = session.get(Message, link.message_id) if link.message_id else None
        if message is not None:
            deciding.cancel(session, message)
    session.flush()


def day_is_kept(session: Session, _video: Video, occurrence_id: int) -> None:
    """A take was kept for this day, by whatever way: nobody is asked for one any more."""
    end(session, occurrence_id)


def is_hers(day: Occurrence, user: User) -> bool:
    """Whether the day is hers to record for, and to come where its person lives."""
    today = clock.local(clock.now(), day.person.time_zone).date()
    hers = user.active and day.assignee_id == user.id and moving.may_look_after(user, day)
    return hers and day.skipped_at is None and day.planned_on >= today


def _known(session: Session, token: str) -> RecordLink | None:
    query = sa.select(RecordLink).where(RecordLink.token_digest == tokens.digest(token))
    around = (joinedload(RecordLink.occurrence), joinedload(RecordLink.user), joinedload(RecordLink.upload))
    return session.scalars(query.options(*around)).one_or_none()


def _holds(link: RecordLink) -> bool:
    return is_hers(link.occurrence, link.user) and clock.now() < link.expires_at
