"""The days that a list keeps, as rows: which one of a person a list means, and how it is written down so that the list
can be taken back. Contracts with a name of their own and counts of something else are left alone."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from vidmsg.importing import contacts
from vidmsg.importing.contacts import Contact
from vidmsg.milestones import keeping as dates
from vidmsg.milestones.keeping import Details
from vidmsg.milestones.models import Milestone
from vidmsg.people.models import Person

CONTRACT, COUNT = "contract", "count"


def details(contact: Contact, today: dt.date) -> Iterator[Details]:
    """Every day that this row says. A count is reached on the day on which the list is taken in."""
    for kind in contacts.KEPT_DAYS:
        if day := contact.days.get(kind):
            yield Details(kind, month=day.month, day=day.day, year=day.year)
    if contact.visits:
        yield Details(COUNT, target=contact.visits, on_date=today)


def plain(of: Any) -> list[int | None]:
    """What makes the day of a row or of its details this very one, for the ledger of what a list did."""
    return [of.target] if of.kind == COUNT else [of.month, of.day, of.year]


def there(session: Session, person_id: int, kind: str, said: list[Any]) -> Milestone | None:
    """The person's day that a list means by this kind, if she has one."""
    if kind in dates.SINGLE:
        return dates.single(session, person_id, kind)
    ours = [Milestone.person_id == person_id, Milestone.kind == kind, Milestone.active.is_(True), meant()]
    if kind == COUNT:
        ours.append(Milestone.target == said[0])
    return session.scalars(sa.select(Milestone).where(*ours).order_by(Milestone.id).limit(1)).one_or_none()


def meant() -> sa.ColumnElement[bool]:
    """Rows that a list may mean: what has a name of its own was added by hand, unless that says visits too."""
    visits = sa.and_(Milestone.kind == COUNT, sa.func.lower(Milestone.title).in_(("visit", "visits")))
    return sa.or_(Milestone.kind.not_in((CONTRACT, COUNT)), Milestone.title == "", visits)


def put(session: Session, person: Person, said: Details, user_id: int) -> list[int | None] | None:
    """Keep a day as the list says it; what it was before, None where there was none. Its own rules stay."""
    row = there(session, person.id, said.kind, plain(said))
    if row is None:
        dates.add(session, person, said, user_id)
        return None
    was = plain(row)
    _set(session, row, said.month, said.day, said.year, user_id)
    return was


def restore(session: Session, person: Person, kind: str, was: list[Any] | None, made: list[Any], user_id: int) -> bool:
    """Put a day back as it was before the list. False where somebody changed it since."""
    row = there(session, person.id, kind, made)
    if row is None or plain(row) != made:
        return False
    if was is None:
        dates.remove(session, row, user_id)
    elif kind != COUNT:
        month, day, year = was
        _set(session, row, month, day, year, user_id)
    return True


def _set(session: Session, row: Milestone, month: Any, day: Any, year: Any, user_id: int) -> None:
    dates.change(session, row, replace(dates.details_of(row), month=month, day=day, year=year), user_id)
