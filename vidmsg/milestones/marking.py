"""Marking dates so that planning looks at them again: those of a person who moved, those of an organisation whose
rules or clock changed. A mark is a `next_on` of today; setting it twice is once."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from vidmsg import clock
from vidmsg.database import reading, writing
from vidmsg.milestones.cycles import SLACK
from vidmsg.milestones.models import Milestone, Occurrence
from vidmsg.people.models import Person

BATCH = 500


def person_changed(session: Session, person: Person, was: dict[str, Any]) -> None:
    """A new zone is another day, perhaps; in the transaction that changes the person."""
    if "time_zone" in was:
        mark = sa.update(Milestone).where(Milestone.person_id == person.id, Milestone.active.is_(True))
        session.execute(mark.values(next_on=clock.local(clock.now(), person.time_zone).date()))


def organisation_changed(organisation_id: int, fields: Collection[str]) -> None:
    """Its clock is another one, and some texts leave by that."""
    if "time_zone" in fields:
        rules_changed(organisation_id)


def rules_changed(organisation_id: int) -> None:
    """Mark every date that has a day planned from now on, and every 29 February, in short transactions."""
    today, after = clock.now().date(), 0
    while batch := _batch(organisation_id, after, today):
        with writing() as session:
            rows = sa.update(Milestone).where(Milestone.id.in_(batch), Milestone.active.is_(True))
            session.execute(rows.values(next_on=today))
        after = batch[-1]


def _batch(organisation_id: int, after: int, today: dt.date) -> list[int]:
    planned = sa.select(Occurrence.milestone_id).where(
        Occurrence.organisation_id == organisation_id, Occurrence.planned_on >= today - SLACK
    )
    leap = sa.and_(Milestone.month == 2, Milestone.day == 29)
    query = sa.select(Milestone.id).where(
        Milestone.organisation_id == organisation_id, Milestone.id > after, sa.or_(Milestone.id.in_(planned), leap)
    )
    with reading() as session:
        return list(session.scalars(query.order_by(Milestone.id).limit(BATCH)))
