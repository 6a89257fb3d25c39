"""What stands against a message in the moment before it leaves, asked inside the transaction that lets it go. Quiet
hours and the day's number of texts are not here: they put it off while its day lasts (sending.py)."""

from __future__ import annotations

from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import Session

from vidmsg.accounts.models import Organisation
from vidmsg.messages import approval, caps, hours, leavers, states, unclear
from vidmsg.messages.compose import is_usable
from vidmsg.messages.models import CONFIRM, Message, StatusEvent
from vidmsg.people import confirming, consent, keeping
from vidmsg.people.models import GRANTED
from vidmsg.videos.models import CLOSED, Upload, Video


@dataclass(frozen=True)
class Obstacle:
    """Where the message goes instead, and why, as a sentence for the rep."""

    state: str
    reason: str


def find(session: Session, message: Message) -> Obstacle | None:
    """The first thing that forbids sending now, or None."""
    person = message.person
    unwanted = no_consent(session, message)
    if unwanted:
        return Obstacle(states.SUPPRESSED, unwanted)
    if person.phone != message.phone:
        return Obstacle(states.HELD, f"{person.first_name}'s number has changed since. Look, then send it or not.")
    if _is_held(session, message):
        return Obstacle(states.HELD, f"Everything to {person.first_name} is paused. Look, then send it or not.")
    if message.purpose != CONFIRM and confirming.waits(session, message.organisation_id, message.phone):
        return Obstacle(states.HELD, f"{person.first_name} has not answered YES yet. Ask her, or let it be.")
    reason = _rules(session, message)
    if reason:
        return Obstacle(states.HELD, reason)
    video = message.video
    if video and not is_usable(video):
        return Obstacle(states.HELD, "The video can't be played. Record another.")
    surprise = _surprise(session, message, video) if video else None
    for reason in (leavers.reason(session, message), surprise, _too_many(session, message)):
        if reason and not _was_asked(session, message, reason):
            return Obstacle(states.HELD, reason)
    return None


def _is_held(session: Session, message: Message) -> bool:
    if message.purpose == CONFIRM:  # to a number that anybody may have typed in: a pause of whoever has it counts
        return confirming.is_held(session, message.organisation_id, message.phone)
    return keeping.is_paused(message.person)


def no_consent(session: Session, message: Message) -> str | None:
    """Why she may not be texted at all, as a sentence; None where the last word of her number is a yes."""
    latest = consent.current(session, message.organisation_id, message.phone)
    if latest is not None and latest.action == GRANTED:
        return None
    why = "has not agreed to texts" if latest is None else "asked us to stop"
    return f"{message.person.first_name} {why}, so it was not sent."


def _rules(session: Session, message: Message) -> str | None:
    """What nobody can let pass but by changing it: the yes, the reply, the list of countries, the clock."""
    if approval.is_missing(message):
        return approval.WAITS
    home = session.get_one(Organisation, message.organisation_id)
    return unclear.holds(session, message) or caps.country(home, message.phone) or hours.never(home, message.person)


def _too_many(session: Session, message: Message) -> str | None:
    return caps.person(session, session.get_one(Organisation, message.organisation_id), message)


def _surprise(session: Session, message: Message, video: Video) -> str | None:
    """What the rep could not know of her video when she wrote, because it was measured later."""
    if video.playable_at is None or message.created_at >= video.playable_at:
        return None
    if video.silent:
        return "We hear almost nothing in this video. Listen once, then decide."
    if video.has_audio is False:
        return "This video has no sound. Watch it once, then decide."
    ended = sa.select(Upload.id).where(Upload.video_id == video.id, Upload.state == CLOSED)
    if video.truncated or session.execute(ended.limit(1)).first():
        return "Only a part of this video arrived. Watch it once, then decide."
    return None


def _was_asked(session: Session, message: Message, reason: str) -> bool:
    """Whether it was held for this already: then somebody let it go, and it goes."""
    held = (StatusEvent.message_id == message.id, StatusEvent.to_state == states.HELD, StatusEvent.detail == reason)
    return session.execute(sa.select(StatusEvent.id).where(*held).limit(1)).first() is not None
