"""What stands against a message in the moment before it leaves, asked inside the transaction that lets it go. Quiet
hours are not here: they only put it off."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy.orm import Session

from vidmsg import clock
from vidmsg.messages import states
from vidmsg.messages.compose import is_usable
from vidmsg.messages.models import Message
from vidmsg.people import consent
from vidmsg.people.models import GRANTED, Person


@dataclass(frozen=True)
class Obstacle:
    """Where the message goes instead, and why, as a sentence for the rep."""

    state: str
    reason: str


def find(session: Session, message: Message) -> Obstacle | None:
    """The first thing that forbids sending now, or None."""
    person = message.person
    latest = consent.current(session, message.organisation_id, message.phone)
    if latest is None or latest.action != GRANTED:
        why = "has not agreed to texts" if latest is None else "asked us to stop"
        return Obstacle(states.SUPPRESSED, f"{person.first_name} {why}, so it was not sent.")
    if person.phone != message.phone:
        return Obstacle(states.HELD, f"{person.first_name}'s number has changed since. Look, then send it or not.")
    if on_hold(person):
        return Obstacle(states.HELD, f"Everything to {person.first_name} is paused. Look, then send it or not.")
    if not message.sender.active:
        return Obstacle(states.HELD, f"{message.sender.first_name} no longer works here. Look, then send it or not.")
    video = message.video
    if video and not is_usable(video):
        return Obstacle(states.HELD, "The video can't be played. Record another.")
    return None


def on_hold(person: Person) -> bool:
    """Whether everything to this person is paused: until a moment, or with a reason and no end."""
    if person.hold_until is None:
        return bool(person.hold_reason)
    return person.hold_until > clock.now()
