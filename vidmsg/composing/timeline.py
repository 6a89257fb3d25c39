"""What messages have to tell about a person, for her page: each video or text that went or will go, and what she
wrote back. It only reads; stop and start are told by the ledger of consent."""

from __future__ import annotations

from collections.abc import Iterator

import sqlalchemy as sa
from flask_babel import gettext as _
from flask_babel import ngettext
from sqlalchemy.orm import Session

from vidmsg.composing import story
from vidmsg.messages import keywords, progress, states
from vidmsg.messages.models import Inbound, Message
from vidmsg.people import timeline
from vidmsg.people.models import Person
from vidmsg.people.timeline import TimelineEntry

PLANS = frozenset({states.PLANNED, states.SCHEDULED, states.HELD})


def init_app() -> None:
    """Let a person's page tell of messages."""
    timeline.register(entries)


def entries(session: Session, person: Person) -> Iterator[TimelineEntry]:
    """Messages that were not canceled, and replies."""
    query = sa.select(Message).where(Message.person_id == person.id, Message.state != states.CANCELED)
    for message in session.execute(query.order_by(Message.created_at.desc()).limit(timeline.LONGEST)).scalars():
        yield _message(session, message)
    texts = sa.select(Inbound).where(Inbound.person_id == person.id, Inbound.kind.in_(keywords.REPLIES))
    for reply in session.execute(texts.order_by(Inbound.id.desc()).limit(timeline.LONGEST)).scalars():
        yield TimelineEntry(reply.at, _("%(name)s wrote back", name=person.first_name), said=reply.body, kind="reply")


def _message(session: Session, message: Message) -> TimelineEntry:
    if message.state in PLANS:
        detail = message.reason or (story.leaves(message) if message.state == states.SCHEDULED else "")
        return TimelineEntry(message.due_at or message.created_at, _what(message), detail, kind="plan")
    return TimelineEntry(message.created_at, _title(session, message), message.reason or "", kind="message")


def _what(message: Message) -> str:
    name = message.sender.first_name
    return str(_("A video from %(name)s", name=name) if message.video_id else _("A text from %(name)s", name=name))


def _title(session: Session, message: Message) -> str:
    seen = progress.of(session, message)
    if seen["plays"] > 1:
        return _what(message) + str(ngettext(", watched %(num)s time", ", watched %(num)s times", seen["plays"]))
    word, _tint, _ring = story.chip(message, seen)
    return f"{_what(message)}: {word[:1].lower()}{word[1:]}"
