"""The dates of a person, or of a company, as their page shows them: each with its words and the next day on which it
is kept."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import Session

from vidmsg import clock
from vidmsg.accounts.models import Organisation
from vidmsg.milestones import cycles, kinds, words
from vidmsg.milestones.kinds import Kind
from vidmsg.milestones.models import Milestone
from vidmsg.milestones.patterns import defaults_of, pattern_of, rules_of
from vidmsg.people.models import Company, Person

FAR = dt.timedelta(days=366 * 8)  # 29 February may be eight years away


@dataclass(frozen=True)
class Shown:
    """One date. `next_on` is the next day on which it is kept, None when it is over; `occasion` what that will be."""

    milestone: Milestone
    kind: Kind
    occasion: str
    rhythm: str
    next_on: dt.date | None


def of_person(session: Session, person: Person) -> list[Shown]:
    """The person's dates, the next one first, those that are over last."""
    organisation = session.get_one(Organisation, person.organisation_id)
    today = clock.local(clock.now(), person.time_zone).date()
    return _sorted(session, Milestone.person_id == person.id, organisation, today)


def of_company(session: Session, company: Company) -> list[Shown]:
    """The company's own dates, whoever stands for it."""
    organisation = session.get_one(Organisation, company.organisation_id)
    today = clock.local(clock.now(), organisation.time_zone).date()
    return _sorted(session, Milestone.company_id == company.id, organisation, today)


def _sorted(session: Session, whose: sa.ColumnElement[bool], organisation: Organisation, today: dt.date) -> list[Shown]:
    ours = (whose, Milestone.active.is_(True), Milestone.kind.in_(kinds.KINDS))
    query = sa.select(Milestone).where(*ours)
    found = [_shown(row, organisation, today) for row in session.scalars(query.order_by(Milestone.id))]
    return sorted(found, key=lambda one: (one.next_on is None, one.next_on or today))


def _shown(milestone: Milestone, organisation: Organisation, today: dt.date) -> Shown:
    rules = rules_of(milestone, defaults_of(organisation))
    coming = next(cycles.between(pattern_of(milestone), rules, today, today + FAR), None)
    count = coming.count if coming else milestone.target
    return Shown(
        milestone,
        kinds.of(milestone.kind),
        words.occasion(milestone.kind, milestone.title, count),
        words.rhythm(milestone),
        coming.kept if coming else None,
    )
