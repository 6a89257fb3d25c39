"""Adding a date to a person, changing it, removing it. Each verb writes in the caller's transaction and marks the row,
so that planning looks at it again; what hangs on it (occurrences, messages) is planning's business."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import asdict, dataclass, fields

import sqlalchemy as sa
from sqlalchemy.orm import Session

from vidmsg import clock
from vidmsg.accounts import audit
from vidmsg.milestones import kinds
from vidmsg.milestones.models import Milestone
from vidmsg.people.models import Person

SINGLE = frozenset({"birthday", "customer_since", "work_anniversary"})
"""Kinds of which a person has one at most."""


class AlreadyThere(Exception):
    """The person has a date of this kind, and can have only one."""


@dataclass(frozen=True)
class Details:
    """What is kept of a date. Yearly kinds: `month`, `day`, perhaps `year`. The others: `on_date`; check-ins `step`
    and `unit` too, a count its `target`. The rest are rules of its own; None follows the organisation."""

    kind: str
    title: str = ""
    month: int | None = None
    day: int | None = None
    year: int | None = None
    on_date: dt.date | None = None
    step: int | None = None
    unit: str | None = None
    target: int | None = None
    company_id: int | None = None
    leap: str | None = None
    weekend: str | None = None
    lead_days: int | None = None
    send_at: dt.time | None = None
    send_zone: str | None = None
    no_video: str | None = None


def add(session: Session, person: Person, details: Details, user_id: int | None) -> Milestone:
    """A new date of this person. Raises AlreadyThere for a second birthday and the like."""
    session.execute(sa.select(Person.id).where(Person.id == person.id).with_for_update())  # one at a time
    if details.kind in SINGLE and single(session, person.id, details.kind):
        raise AlreadyThere
    made = Milestone(
        organisation_id=person.organisation_id,
        team_id=person.team_id,
        person_id=person.id,
        next_on=_today(person),
        created_at=clock.now(),
        **asdict(details),
    )
    session.add(made)
    session.flush()
    _record(session, user_id, made, "add")
    return made


def add_to_new(session: Session, days: Iterable[tuple[Person, Details]], user_id: int | None) -> None:
    """Dates of persons who were added in this very transaction and have none yet, many at once."""
    made = [
        Milestone(
            organisation_id=person.organisation_id,
            team_id=person.team_id,
            person_id=person.id,
            next_on=_today(person),
            created_at=clock.now(),
            **asdict(details),
        )
        for person, details in days
    ]
    session.add_all(made)
    session.flush()
    for milestone in made:
        _record(session, user_id, milestone, "add")


def details_of(milestone: Milestone) -> Details:
    """What is kept of a date, its own rules too, to change a part of it."""
    return Details(**{field.name: getattr(milestone, field.name) for field in fields(Details)})


def put(session: Session, person: Person, details: Details, user_id: int | None) -> tuple[Milestone, bool]:
    """The person's date of this kind, changed to `details` where there is one already; whether it is new. For lists
    that are taken in twice. Only for kinds of which there is one."""
    there = single(session, person.id, details.kind) if details.kind in SINGLE else None
    if there is None:
        return add(session, person, details, user_id), True
    change(session, there, details, user_id)
    return there, False


def single(session: Session, person_id: int, kind: str) -> Milestone | None:
    """The person's date of this kind, if she has one."""
    query = sa.select(Milestone).where(
        Milestone.person_id == person_id, Milestone.kind == kind, Milestone.active.is_(True)
    )
    return session.execute(query.order_by(Milestone.id).limit(1)).scalar_one_or_none()


def change(session: Session, milestone: Milestone, details: Details, user_id: int | None) -> bool:
    """New details; the kind stays. Whether anything changed. A check-in with another start or step begins a new
    series: its cycles are other ones than those that were texted."""
    session.refresh(milestone, with_for_update=True)
    values = {name: value for name, value in asdict(details).items() if name != "kind"}
    changed = [name for name, value in values.items() if getattr(milestone, name) != value]
    if not changed:
        return False
    for name in changed:
        setattr(milestone, name, values[name])
    if kinds.of(milestone.kind).comes == kinds.EVERY and {"on_date", "step", "unit"} & set(changed):
        milestone.series += 1
    milestone.next_on = _today(milestone.person)
    _record(session, user_id, milestone, "change", changed)
    return True


def remove(session: Session, milestone: Milestone, user_id: int | None) -> None:
    """No more of this date. What was said on it stays told; what is still open goes at the next planning."""
    session.refresh(milestone, with_for_update=True)
    milestone.active = False
    milestone.next_on = _today(milestone.person)
    _record(session, user_id, milestone, "remove")


def _today(person: Person) -> dt.date:
    """Planning looks at whatever has a next day up to its horizon, and today is."""
    return clock.local(clock.now(), person.time_zone).date()


def _record(
    session: Session, user_id: int | None, milestone: Milestone, verb: str, changed: list[str] | None = None
) -> None:
    detail = {"fields": changed} if changed else None
    subject = f"milestone:{milestone.id}"
    audit.record(session, user_id, milestone.organisation_id, f"milestone.{verb}", subject, detail)
