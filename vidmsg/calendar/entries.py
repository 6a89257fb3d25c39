"""What stands on the days of the calendar, as far as its reader may see it: the planned days from their rows, the
first few of each day and how many there are. A constant number of queries however many people there are."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from vidmsg.calendar import standing
from vidmsg.calendar.standing import STANDINGS, Standing
from vidmsg.milestones import kinds, words
from vidmsg.milestones.kinds import Kind
from vidmsg.milestones.models import Milestone, Occurrence
from vidmsg.people.models import Person

FEW = 3  # shown of one day
BUSY, FULL = 2, 3  # videos of one rep on one day


@dataclass(frozen=True)
class Sieve:
    """Whose, which and how far; None lets everything through. `inside` keeps to the reader's walls, for a model."""

    organisation_id: int
    team_id: int | None
    rep_id: int | None = None
    kind: str | None = None
    state: str | None = None

    def on(self, model: type[Any]) -> list[sa.ColumnElement[bool]]:
        """The walls, on the table of occurrences. A team is of one organisation; by it alone the index has all."""
        if self.team_id is not None:
            return [model.team_id == self.team_id]
        return [model.organisation_id == self.organisation_id]


@dataclass(frozen=True)
class Entry:
    """One line on a day. Without `occurrence_id` it is computed, and nobody planned it yet."""

    on: dt.date
    person_id: int
    name: str
    occasion: str
    kind: Kind
    standing: Standing
    occurrence_id: int | None = None
    assignee_id: int | None = None
    owner_id: int | None = None

    @property
    def can_move(self) -> bool:
        """Whether its text has not begun to leave."""
        return self.occurrence_id is not None and self.standing.key not in {standing.SENT, standing.WATCHED}


@dataclass
class Content:
    """What one day holds: a few of its entries, how many there are, and the most that one rep has on it."""

    entries: list[Entry] = field(default_factory=list)
    total: int = 0
    heaviest: tuple[int | None, int] = (None, 0)

    @property
    def more(self) -> int:
        """How many are not shown."""
        return max(0, self.total - len(self.entries))


def between(
    session: Session, sieve: Sieve, first: dt.date, last: dt.date, today: dt.date, few: int = FEW
) -> dict[dt.date, Content]:
    """Planned days from `first` to `last`, both included. Two queries."""
    found: dict[dt.date, Content] = defaultdict(Content)
    conditions = _conditions(sieve, first, last, today)
    counts = sa.select(Occurrence.planned_on, Occurrence.assignee_id, sa.func.count()).where(*conditions)
    for on, rep, number in session.execute(counts.group_by(Occurrence.planned_on, Occurrence.assignee_id)):
        found[on].total += number
        if rep is not None and number > found[on].heaviest[1]:
            found[on].heaviest = (rep, number)
    if found:
        of_days = [_first_of(sieve, on, today, few) for on in sorted(found)]
        query = lines(today).where(Occurrence.id.in_(sa.union_all(*of_days)))
        for row in session.execute(query.order_by(Occurrence.planned_on, Occurrence.id)):
            found[row.planned_on].entries.append(entry(row))
    return found


def _first_of(sieve: Sieve, on: dt.date, today: dt.date, few: int) -> sa.Select[Any]:
    """The first few of a day. A day at a time, because then the index ends the search after as many."""
    first = sa.select(Occurrence.id).where(*_conditions(sieve, on, on, today)).order_by(Occurrence.id).limit(few)
    return sa.select(first.subquery().c.id)


def coming(session: Session, sieve: Sieve, today: dt.date, last: dt.date, most: int) -> tuple[int, int, list[Entry]]:
    """How many days are planned from today to `last`, how many of them need a video, and the first of those."""
    conditions = _conditions(sieve, today, last, today)
    needs = sa.case((standing.expression(today) == standing.NEEDS, 1), else_=0)
    total, needing = session.execute(sa.select(sa.func.count(), sa.func.sum(needs)).where(*conditions)).one()
    query = lines(today).where(*conditions, standing.expression(today) == standing.NEEDS)
    rows = session.execute(query.order_by(Occurrence.planned_on, Occurrence.id).limit(most))
    return total, needing or 0, [entry(row) for row in rows]


def lines(today: dt.date) -> sa.Select[Any]:
    """What an Entry needs of an occurrence, to be narrowed by the caller."""
    columns: list[Any] = [
        Occurrence.id, Occurrence.planned_on, Occurrence.kind, Occurrence.count, Occurrence.assignee_id,
        Occurrence.person_id, Person.first_name, Person.last_name, Person.owner_id, Milestone.title,
        standing.expression(today).label("state"),
    ]  # fmt: skip
    people = sa.join(Occurrence, Person, Person.id == Occurrence.person_id)
    return sa.select(*columns).select_from(people.join(Milestone, Milestone.id == Occurrence.milestone_id))


def entry(row: Any) -> Entry:
    """One line of `lines`."""
    return Entry(
        on=row.planned_on,
        person_id=row.person_id,
        name=f"{row.first_name} {row.last_name}".strip(),
        occasion=words.occasion(row.kind, row.title, row.count),
        kind=kinds.of(row.kind),
        standing=STANDINGS[row.state],
        occurrence_id=row.id,
        assignee_id=row.assignee_id,
        owner_id=row.owner_id,
    )


def _conditions(sieve: Sieve, first: dt.date, last: dt.date, today: dt.date) -> list[sa.ColumnElement[bool]]:
    on = Occurrence.planned_on == first if first == last else Occurrence.planned_on.between(first, last)
    of_kind = Occurrence.kind.in_([sieve.kind] if sieve.kind else list(kinds.KINDS))
    conditions = [*sieve.on(Occurrence), on, Occurrence.skipped_at.is_(None), of_kind]
    if sieve.rep_id is not None:
        conditions.append(Occurrence.assignee_id == sieve.rep_id)
    if sieve.state is not None:
        conditions.append(standing.expression(today) == sieve.state)
    return conditions
