"""Calendar feeds: a rep's own plan, or for managers everybody's, at a secret address that can be taken back. Only the
digest of the secret is kept. A feed shows no more than its owner may see at the moment it is fetched."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.orm import Session

from vidmsg import clock, tokens
from vidmsg.accounts import audit
from vidmsg.accounts.models import User
from vidmsg.calendar.models import Feed


class NotAllowed(ValueError):
    """Only managers may have everybody's plan."""


def make(session: Session, user: User, *, everybody: bool) -> str:
    """A fresh secret for this feed; an older one of the same kind ends, so that a lost address can be replaced. Raises
    NotAllowed."""
    if everybody and not user.is_manager:
        raise NotAllowed
    revoke(session, user, everybody=everybody)
    token = tokens.new_token()
    session.add(
        Feed(
            token_digest=tokens.digest(token),
            organisation_id=user.organisation_id,
            user_id=user.id,
            everybody=everybody,
            created_at=clock.now(),
        )
    )
    audit.record(session, user.id, user.organisation_id, "feed.make", f"user:{user.id}", {"everybody": everybody})
    return token


def revoke(session: Session, user: User, *, everybody: bool) -> bool:
    """End the user's feed of this kind; whether there was one."""
    living = (Feed.user_id == user.id, Feed.everybody == everybody, Feed.revoked_at.is_(None))
    ended = session.execute(sa.update(Feed).where(*living).values(revoked_at=clock.now()).returning(Feed.id)).all()
    return bool(ended)


def of_user(session: Session, user: User) -> dict[bool, Feed]:
    """The user's living feeds, by whether they show everybody."""
    rows = session.scalars(sa.select(Feed).where(Feed.user_id == user.id, Feed.revoked_at.is_(None)))
    return {feed.everybody: feed for feed in rows}


def find(session: Session, token: str) -> tuple[Feed, User] | None:
    """The living feed behind this secret with its owner, or None: revoked, unknown, its owner gone or no manager any
    more."""
    query = sa.select(Feed, User).join(User, User.id == Feed.user_id)
    row = session.execute(
        query.where(Feed.token_digest == tokens.digest(token), Feed.revoked_at.is_(None))
    ).one_or_none()
    if row is None or not row.User.active or (row.Feed.everybody and not row.User.is_manager):
        return None
    return row.Feed, row.User
