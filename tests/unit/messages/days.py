"""A day of Maria's for tests: five years with us on Thursday 12 March 2026, a week after the clock's noon."""

from __future__ import annotations

import datetime as dt
from typing import Any

from sqlalchemy.orm import Session

from vidmsg import clock
from vidmsg.milestones.models import Milestone, Occurrence
from vidmsg.people.models import Person
from vidmsg.videos.models import TAKE, Upload, Video

THE_DAY = dt.date(2026, 3, 12)
TEN_PAST_NINE = dt.datetime(2026, 3, 12, 16, 10, tzinfo=dt.UTC)  # in Seattle, where the clocks changed on the 8th


def add(session: Session, person: Person, on: dt.date = THE_DAY, assignee_id: int | None = None, **rules: Any) -> int:
    """Her milestone and its occurrence on that day; the occurrence's number."""
    now = clock.now()
    milestone = Milestone(
        organisation_id=person.organisation_id, team_id=person.team_id, person_id=person.id, kind="customer_since",
        month=on.month, day=on.day, year=on.year - 5, created_at=now, **rules,
    )  # fmt: skip
    session.add(milestone)
    session.flush()
    day = Occurrence(
        organisation_id=person.organisation_id, team_id=person.team_id, milestone_id=milestone.id, person_id=person.id,
        kind=milestone.kind, cycle=str(on.year), count=5, natural_on=on, planned_on=on, assignee_id=assignee_id,
        created_at=now,
    )  # fmt: skip
    session.add(day)
    session.flush()
    return day.id


def take(session: Session, video: Video, occurrence_id: int) -> None:
    """Say that this video was recorded for that day."""
    now = clock.now()
    session.add(
        Upload(
            video_id=video.id,
            user_id=video.owner_id,
            occurrence_id=occurrence_id,
            capability_digest="x",
            kind=TAKE,
            state="complete",
            created_at=now,
            moved_at=now,
        )
    )
