"""A rep who chose texts hears by text when a customer watches her video for the first time, and what the customer wrote
back. Once a message, once a reply. It is never in the way of what it tells about: a mistake here is logged, and the
visit or the reply is kept all the same."""

from __future__ import annotations

from flask_babel import gettext as _
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from vidmsg import logs
from vidmsg.asking import texting
from vidmsg.asking.texting import Said
from vidmsg.messages import keywords
from vidmsg.messages.models import GREETING, Inbound, Link, Message

log = logs.get(__name__)

LONGEST = 200  # characters of a reply; the whole of it is in the app


def played(session: Session, link: Link) -> None:
    """Somebody pressed play."""
    message = session.get(Message, link.message_id)
    if message is not None:
        words = _("%(name)s watched your video.", name=message.person.first_name)
        _tell(session, message, Said(str(words)), f"played-{message.id}")


def replied(session: Session, kept: Inbound) -> None:
    """A text came in; it matters here when a customer answers a message."""
    message = session.get(Message, kept.message_id) if kept.message_id else None
    if message is None or kept.kind not in keywords.REPLIES:
        return
    said = kept.body if len(kept.body) <= LONGEST else kept.body[: LONGEST - 1].rstrip() + "…"
    words = _("%(name)s wrote: %(words)s", name=message.person.first_name, words=said)
    _tell(session, message, Said(str(words)), f"replied-{kept.id}")


def _tell(session: Session, message: Message, said: Said, key: str) -> None:
    if message.purpose != GREETING:
        return
    try:
        with session.begin_nested():
            texting.to_rep(session, message.sender, said, key=key, about=message.person)
    except SQLAlchemyError as error:
        log.error("a rep was not told", message=message.id, error=type(error).__name__)
