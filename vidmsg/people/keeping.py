"""Adding a person and changing her; notes; and the pause that holds everything to her. Each verb writes in the
caller's transaction."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sqlalchemy.orm import Session

from vidmsg import clock
from vidmsg.accounts import audit
from vidmsg.accounts.models import User
from vidmsg.people.models import CUSTOMER, Note, Person

TOPICS = ("family", "occupation", "recreation", "dreams")
FOREVER = dt.datetime(9999, 1, 1, tzinfo=dt.UTC)
"""The end of a pause without an end."""


Listener = Callable[[Session, Person, dict[str, Any]], None]
_listeners: list[Listener] = []


def on_change(listener: Listener) -> None:
    """Let a feature above hear, in the same transaction, which fields of a person were changed, and what they were."""
    if listener not in _listeners:
        _listeners.append(listener)


@dataclass(frozen=True)
class Details:
    """What is known of a person. `phone` is E.164 or None, `time_zone` an IANA name; whether that is a guess."""

    first_name: str
    last_name: str
    phone: str | None
    time_zone: str
    zone_is_guess: bool = False


def add(session: Session, user: User, details: Details, *, team_id: int | None = None) -> Person:
    """A new person of this user's team; she is the one who looks after her."""
    person = Person(
        organisation_id=user.organisation_id,
        team_id=team_id or user.team_id,
        owner_id=user.id,
        kind=CUSTOMER,
        first_name=details.first_name,
        last_name=details.last_name,
        phone=details.phone,
        time_zone=details.time_zone,
        created_at=clock.now(),
    )
    session.add(person)
    session.flush()
    audit.record(session, user.id, user.organisation_id, "person.add", f"person:{person.id}")
    return person


def change(session: Session, person: Person, details: Details, user_id: int) -> None:
    """New details. A new number has no consent until somebody records it: the ledger is kept by number."""
    names = ("first_name", "last_name", "phone", "time_zone")
    was = {name: getattr(person, name) for name in names if getattr(person, name) != getattr(details, name)}
    for name in was:
        setattr(person, name, getattr(details, name))
    person.zone_is_guess = details.zone_is_guess
    if was:
        audit.record(
            session, user_id, person.organisation_id, "person.change", f"person:{person.id}", {"fields": list(was)}
        )
    for listener in _listeners if was else ():
        listener(session, person, was)


def note(session: Session, person: Person, user_id: int, text: str, topic: str | None) -> Note:
    """Something the person told us."""
    made = Note(
        person_id=person.id, author_id=user_id, topic=topic if topic in TOPICS else None, text=text, at=clock.now()
    )
    session.add(made)
    session.flush()
    return made


def pause(session: Session, person: Person, user_id: int, *, until: dt.datetime | None, reason: str) -> None:
    """Hold everything to this person until a moment, or until somebody lifts it (None)."""
    person.hold_until = until or FOREVER
    person.hold_reason = reason or None
    audit.record(session, user_id, person.organisation_id, "person.pause", f"person:{person.id}")


def resume(session: Session, person: Person, user_id: int) -> None:
    """Lift the pause."""
    person.hold_until = None
    person.hold_reason = None
    audit.record(session, user_id, person.organisation_id, "person.resume", f"person:{person.id}")


def is_paused(person: Person) -> bool:
    """Whether everything to this person is held now."""
    return person.hold_until is not None and person.hold_until > clock.now()
