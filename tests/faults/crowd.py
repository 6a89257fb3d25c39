"""What the children of the soak do: write very many texts at once, work without end, be the web process that Twilio
calls."""

from __future__ import annotations

import time
from typing import Any

import sqlalchemy as sa
import waitress
from flask import current_app

from vidmsg import clock, jobs, tokens
from vidmsg.accounts.models import Organisation, User
from vidmsg.database import writing
from vidmsg.messages import states
from vidmsg.messages.models import Link, Message, StatusEvent
from vidmsg.people.models import GRANTED, Consent, Person
from vidmsg.videos.models import Video

BATCH = 1000
IDLE_S = 0.01


def number(index: int) -> str:
    """One number for each."""
    return f"+1206{2_000_000 + index}"


def write_many(count: int, body: str) -> None:
    """So many people who agreed, and a text with a link to each, due now. Past the verbs that write one: they would
    take minutes."""
    for first in range(0, count, BATCH):
        with writing() as session:
            bob = session.scalars(sa.select(User).where(User.name == "Bob Baker")).one()
            session.execute(sa.update(Organisation).values(opens=0, closes=24, opens_sunday=0))  # time flies here
            video = session.scalars(sa.select(Video.id).limit(1)).one()
            home = {"organisation_id": bob.organisation.id, "team_id": bob.team_id}
            rows = [_person(index, bob, home) for index in range(first, min(first + BATCH, count))]
            session.add_all(rows)
            session.flush()
            for person in rows:
                session.add_all(_written(person, bob, video, home, body))


def _person(index: int, bob: User, home: dict[str, Any]) -> Person:
    return Person(
        owner_id=bob.id,
        first_name="Maria",
        phone=number(index),
        time_zone="America/Los_Angeles",
        created_at=clock.now(),
        **home,
    )


def _written(person: Person, bob: User, video: str, home: dict[str, Any], body: str) -> list[Any]:
    now, message = clock.now(), tokens.new_token()
    said = {"words": "Yes.", "source": "in person", "phone": person.phone}
    agreed = Consent(organisation_id=home["organisation_id"], person_id=person.id, action=GRANTED, at=now, **said)
    written = Message(
        id=message,
        person_id=person.id,
        sender_id=bob.id,
        video_id=video,
        request_key=message,
        phone=person.phone,
        body=body,
        state=states.SCHEDULED,
        due_at=now,
        created_at=now,
        changed_at=now,
        **home,
    )
    event = StatusEvent(message_id=message, to_state=states.SCHEDULED, mover=states.PERSON, at=now)
    return [agreed, written, event, Link(message_id=message, video_id=video, created_at=now)]


def labour() -> None:
    """Work as a worker does, for ever."""
    while True:
        if not jobs.jobs().run_one("sms"):
            time.sleep(IDLE_S)


def serve(port: int) -> None:
    """Answer Twilio's callbacks, for ever."""
    waitress.serve(current_app._get_current_object(), host="127.0.0.1", port=port, threads=4, _quiet=True)  # type: ignore[attr-defined]
