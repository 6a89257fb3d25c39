"""What tests of Today need: days of people, and texts and takes for them."""

from __future__ import annotations

import datetime as dt
from typing import Any

from flask import Flask
from sqlalchemy.orm import Session

from tests import cast
from vidmsg import clock
from vidmsg.accounts.models import User
from vidmsg.database import writing
from vidmsg.messages.models import Inbound, Message
from vidmsg.milestones import keeping
from vidmsg.milestones.keeping import Details
from vidmsg.milestones.models import Occurrence
from vidmsg.people.models import Person
from vidmsg.tokens import new_token
from vidmsg.videos.models import READY, TAKE, Upload, Video

NOW = dt.datetime(2026, 11, 24, 18, 0, tzinfo=dt.UTC)  # Tuesday, ten in the morning in Seattle
TODAY = dt.date(2026, 11, 24)


def day(
    session: Session, person: Person, assignee: User | None, away: int, *, kind: str = "birthday", **values: Any
) -> Occurrence:
    """A day of this person, `away` days from `today` (else TODAY), that is the assignee's to record for."""
    on = values.pop("today", TODAY) + dt.timedelta(days=away)
    details = Details(kind, month=on.month, day=on.day, lead_days=values.pop("lead_days", None))
    milestone = keeping.add(session, person, details, None)
    made = Occurrence(
        milestone_id=milestone.id, organisation_id=person.organisation_id, team_id=person.team_id, person_id=person.id,
        kind=kind, cycle=str(on.year), planned_on=on, assignee_id=assignee.id if assignee else None,
        created_at=clock.now(), **{"natural_on": on, **values},
    )  # fmt: skip
    session.add(made)
    session.flush()
    return made


def given(app: Flask, people: cast.Cast, away: int, **values: Any) -> int:
    """Maria's day, so many days from TODAY, Bob's to record for; its number."""
    with app.app_context(), writing() as session:
        return day(session, session.get_one(Person, people.maria.id), people.bob, away, **values).id


def message(session: Session, person: Person, sender: User, state: str, **values: Any) -> Message:
    """A message to this person in that state."""
    now = clock.now()
    made = Message(
        id=new_token(), organisation_id=person.organisation_id, team_id=person.team_id, person_id=person.id,
        sender_id=sender.id, request_key=new_token(), phone=person.phone, state=state,
        **{"body": "Hi", "created_at": now, "changed_at": now, "due_at": now, **values},
    )  # fmt: skip
    session.add(made)
    session.flush()
    return made


def take(session: Session, occurrence: Occurrence, owner: User, **values: Any) -> Video:
    """A take for this day."""
    now = clock.now()
    made = Video(
        organisation_id=occurrence.organisation_id, team_id=occurrence.team_id, owner_id=owner.id,
        person_id=occurrence.person_id, created_at=now, **{"state": READY, **values},
    )  # fmt: skip
    session.add(made)
    session.flush()
    upload = Upload(
        video_id=made.id, user_id=owner.id, occurrence_id=occurrence.id, kind=TAKE, capability_digest=new_token(),
        created_at=now, moved_at=now,
    )  # fmt: skip
    session.add(upload)
    session.flush()
    return made


def reply(session: Session, person: Person, body: str, kind: str = "text", **values: Any) -> Inbound:
    """A text that came back from this person."""
    made = Inbound(
        sid=f"SM{new_token()}", organisation_id=person.organisation_id, person_id=person.id,
        from_number=str(person.phone), to_number="+12065550199", body=body, kind=kind, at=clock.now(), **values,
    )  # fmt: skip
    session.add(made)
    session.flush()
    return made
