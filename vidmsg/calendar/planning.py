"""Planning: the next sixty days of every date as rows, one a cycle. It looks at milestones whose `next_on` is within
the horizon: each night those whose day came into it, and at once those that an edit marked. Running twice changes
nothing, and two workers may run at the same time. What has left is never touched, a cycle is never planned again."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any, cast

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from vidmsg import clock, logs
from vidmsg.accounts.models import Organisation, User
from vidmsg.calendar import following, replanning
from vidmsg.calendar.following import Leaving
from vidmsg.database import reading, writing
from vidmsg.milestones import cycles
from vidmsg.milestones.cycles import Cycle, Pattern
from vidmsg.milestones.models import Milestone, Occurrence
from vidmsg.milestones.patterns import defaults_of, pattern_of, rules_of
from vidmsg.milestones.rules import Rules
from vidmsg.people.models import Person

log = logs.get(__name__)

HORIZON = dt.timedelta(days=60)
LATE = dt.timedelta(days=14)
"""After an outage, days that nobody planned are still planned this far back, so that a rep is asked about them."""
BATCH = 500


def horizon(organisation: Organisation) -> dt.date:
    """The last day that is planned now, by the organisation's clock."""
    return clock.local(clock.now(), organisation.time_zone).date() + HORIZON


def is_due() -> bool:
    """Whether there is anything to plan: one look into an index for each organisation."""
    with reading() as session:
        homes = session.scalars(sa.select(Organisation)).all()
        return any(session.execute(_due(home).limit(1)).first() is not None for home in homes)


def run() -> int:
    """Plan whatever is due, in short transactions. How many milestones were looked at."""
    with reading() as session:
        homes = list(session.scalars(sa.select(Organisation.id)))
    looked_at = 0
    for home_id in homes:
        while done := _plan_some(home_id):
            looked_at += done
    return looked_at


def _due(home: Organisation) -> sa.Select[Any]:
    return sa.select(Milestone.id).where(*_of(home))


def _of(home: Organisation) -> tuple[sa.ColumnElement[bool], ...]:
    """Due, and of this organisation; said so that the index by day is taken, and not one by organisation."""
    return Milestone.next_on <= horizon(home), Milestone.organisation_id + 0 == home.id


def _plan_some(home_id: int) -> int:
    with writing() as session:
        home = session.get_one(Organisation, home_id)
        rows = session.execute(_rows(home)).all()
        if rows:
            _plan(session, home, rows)
        return len(rows)


def _rows(home: Organisation) -> sa.Select[Any]:
    """Some due milestones with what planning needs of their people; locked, so that an edit waits or is seen."""
    owner = sa.select(User.id).where(User.id == Person.owner_id, User.active.is_(True)).scalar_subquery()
    columns = [column for column in Milestone.__table__.c if column.name not in {"title", "created_at", "no_video"}]
    return (
        sa.select(*columns, Person.time_zone, owner.label("owner_id"))
        .join(Person, Person.id == Milestone.person_id)
        .where(*_of(home))
        .order_by(Milestone.next_on, Milestone.id)
        .limit(BATCH)
        .with_for_update(of=Milestone, skip_locked=True)
    )


def _plan(session: Session, home: Organisation, rows: Sequence[Any]) -> None:
    defaults, last, now = defaults_of(home), horizon(home), clock.now()
    there = replanning.existing(session, [row.id for row in rows], now.date())
    made: list[dict[str, Any]] = []
    marks: list[dict[str, Any]] = []
    for row in rows:
        pattern, rules = pattern_of(row), rules_of(row, defaults)
        try:
            if row.id in there:
                replanning.replan(session, home, row, pattern, rules, there[row.id])
            if row.active:
                known = {occurrence.cycle for occurrence in there.get(row.id, ())}
                leaving = following.leaving(rules, home, row.time_zone)
                made += [_values(row, cycle, leaving, now) for cycle in _wanted(row, pattern, rules, now, last, known)]
            comes = cycles.following(pattern, rules, last) if row.active else None
        except (ValueError, OverflowError) as error:  # one row that cannot be shall not stop the others
            log.error("a date could not be planned", milestone=row.id, error=type(error).__name__)
            comes = last + dt.timedelta(days=1)
        marks.append({"b_id": row.id, "b_next": comes})
    if made:
        session.connection().execute(_insert(session), made)  # past the ORM: one statement for all
    table = cast(sa.Table, Milestone.__table__)
    update = sa.update(table).where(table.c.id == sa.bindparam("b_id")).values(next_on=sa.bindparam("b_next"))
    session.connection().execute(update, marks)


def _wanted(row: Any, pattern: Pattern, rules: Rules, now: dt.datetime, last: dt.date, known: set[str]) -> list[Cycle]:
    """The cycles up to the horizon that have no row yet, from today on where the person lives."""
    today = clock.local(now, row.time_zone).date()
    first = min(today, max(row.next_on, today - LATE))
    near = cycles.between(pattern, rules, first - cycles.SLACK, last + cycles.SLACK)
    return [
        cycle
        for cycle in near
        if cycle.natural <= last and max(cycle.natural, cycle.kept) >= first and cycle.key not in known
    ]


def _values(row: Any, cycle: Cycle, leaving: Leaving, now: dt.datetime) -> dict[str, Any]:
    return {
        "milestone_id": row.id,
        "organisation_id": row.organisation_id,
        "team_id": row.team_id,
        "person_id": row.person_id,
        "kind": row.kind,
        "cycle": cycle.key,
        "count": cycle.count,
        "natural_on": cycle.natural,
        "planned_on": cycle.kept,
        "moved": False,
        "send_at": leaving.at,
        "send_zone": leaving.zone,
        "assignee_id": row.owner_id,
        "created_at": now,
    }


def _insert(session: Session) -> Any:
    """Whoever comes second with a cycle inserts nothing."""
    dialect = postgresql if session.get_bind().dialect.name == "postgresql" else sqlite
    return dialect.insert(Occurrence.__table__).on_conflict_do_nothing(index_elements=["milestone_id", "cycle"])
