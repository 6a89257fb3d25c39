"""What the customer's page says: who it is from, for whom, the words, how to answer, why it came. Gathered in one
short look at the database, so that no transaction is open while the page is rendered. Knows no HTTP."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import Session

from vidmsg import clock
from vidmsg.accounts.models import Organisation, User
from vidmsg.messages.models import Attempt, Link, Message
from vidmsg.people.models import GRANTED, Consent
from vidmsg.videos.models import BROKEN, REFUSED, Rendition
from vidmsg.watching import shown


@dataclass(frozen=True)
class Clip:
    """The video as the page shows it; sizes in pixels, length in seconds."""

    revision: str
    width: int
    height: int
    length_s: float

    @property
    def clock(self) -> str:
        """The length as a player writes it, 0:31."""
        seconds = max(1, round(self.length_s))
        return f"{seconds // 60}:{seconds % 60:02d}"


@dataclass(frozen=True)
class Picture:
    """The size of the preview in pixels, where it is known."""

    width: int | None
    height: int | None


@dataclass(frozen=True)
class Letter:
    """Everything on the page. Numbers are E.164; `agreed_on` is the day of the consent on the organisation's wall.
    Without a `clip` the video is either still on its way or, with `failed`, will not come by itself."""

    token: str
    link_id: int
    sender: str
    sender_first: str
    initials: str
    has_face: bool
    organisation: str
    accent: str
    country: str
    phone: str
    answer_to: str
    person_first: str
    words: tuple[str, ...]
    agreed_on: dt.date | None
    clip: Clip | None
    failed: bool
    has_poster: bool
    preview: Picture | None


def compose(session: Session, link: Link) -> Letter:
    """The letter behind a living link."""
    message = link.message
    sender, organisation = message.sender, session.get_one(Organisation, message.organisation_id)
    picture = shown.preview(session, link)
    return Letter(
        token=link.token,
        link_id=link.id,
        sender=sender.name or organisation.name,
        sender_first=sender.first_name if sender.name else organisation.name,
        initials=_initials(sender.name or organisation.name),
        has_face=bool(sender.face_key),
        organisation=organisation.name,
        accent=organisation.accent,
        country=organisation.country,
        phone=organisation.phone,
        answer_to=_answer_to(session, message) or organisation.phone,
        person_first=message.person.first_name,
        words=_paragraphs(message.words),
        agreed_on=_agreed_on(session, message, organisation),
        clip=_clip(shown.playing(session, link)),
        failed=link.video.state in {BROKEN, REFUSED},
        has_poster=shown.poster(session, link) is not None,
        preview=Picture(picture.width, picture.height) if picture else None,
    )


def face_key(session: Session, link: Link) -> str | None:
    """Where the sender's picture is kept, if she has one."""
    return session.execute(
        sa.select(User.face_key).join(Message, Message.sender_id == User.id).where(Message.id == link.message_id)
    ).scalar_one_or_none()


def _clip(rendition: Rendition | None) -> Clip | None:
    if rendition is None:
        return None
    return Clip(
        shown.revision(rendition), rendition.width or 720, rendition.height or 1280, rendition.duration_s or 0.0
    )


def _initials(name: str) -> str:
    parts = name.split()
    return (parts[0][:1] + (parts[-1][:1] if len(parts) > 1 else "")).upper() if parts else ""


def _paragraphs(words: str) -> tuple[str, ...]:
    return tuple(line.strip() for line in words.splitlines() if line.strip())


def _answer_to(session: Session, message: Message) -> str | None:
    """The number that this text came from, where it is a number and not the name of a service."""
    number = session.execute(
        sa.select(Attempt.sender_number)
        .where(Attempt.message_id == message.id)
        .order_by(Attempt.number.desc())
        .limit(1)
    ).scalar_one_or_none()
    return number if number and number.startswith("+") else None


def _agreed_on(session: Session, message: Message, organisation: Organisation) -> dt.date | None:
    """The day of the latest yes of this number in the ledger."""
    moment = session.execute(
        sa.select(Consent.at)
        .where(
            Consent.organisation_id == message.organisation_id,
            Consent.phone == message.phone,
            Consent.action == GRANTED,
        )
        .order_by(Consent.id.desc())
        .limit(1)
    ).scalar_one_or_none()
    return clock.local(moment, organisation.time_zone).date() if moment else None
