"""The link in a text, apart from the message: its address, and taking it back, letting it run out or not. It may not
know what is shown behind it."""

from __future__ import annotations

import datetime as dt

import sqlalchemy as sa
from sqlalchemy.orm import Session

from vidmsg import clock
from vidmsg.messages.models import LAST_TOKEN, Link, Message


def address(base: str, token: str) -> str:
    """The address that stands at the end of the text; `base` is the public address without a slash at the end."""
    return f"{base}/v/{token}"


def current(session: Session, message_id: str) -> Link | None:
    """The link that the message points with now."""
    living = sa.select(Link).where(Link.message_id == message_id, Link.replaced_at.is_(None))
    return session.scalars(living.order_by(Link.id.desc()).limit(1)).one_or_none()


def full_body(base: str, message: Message, link: Link | None) -> str:
    """Exactly what leaves: the words, and the link last."""
    return f"{message.body} {address(base, link.token)}" if link else message.body


def token_in(body: str) -> str | None:
    """The token of the address that a text ends with, where it stands in the words themselves, as in those to a rep."""
    found = LAST_TOKEN.search(body)
    return found[1] if found else None


def revoke(link: Link) -> None:
    """Close the link for good; who opens it sees the same page as for one that never was."""
    link.revoked_at = link.revoked_at or clock.now()


def set_expiry(link: Link, expires_at: dt.datetime | None) -> None:
    """Let the link run out at a moment, or (None) never, which is the default."""
    link.expires_at = expires_at
