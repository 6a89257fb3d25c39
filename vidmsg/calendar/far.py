"""Days beyond the horizon, for any future year: computed from the dates by the same rules as planning, never stored.
Dates that fall on the same day by the same rules are counted together, from the index alone, and only the first few
are fetched, so that the work grows with the days shown and hardly with the people."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from vidmsg.calendar import standing
from vidmsg.calendar.entries import FEW, Content, Entry, Sieve
from vidmsg.calendar.standing import STANDINGS
from vidmsg.milestones import cycles, kinds, words
from vidmsg.milestones.cycles import Cycle
from vidmsg.milestones.models import Milestone
from vidmsg.milestones.patterns import pattern_of, rules_of
from vidmsg.milestones.rules import Rules
from vidmsg.people.models import Person

Span = tuple[dt.date, dt.date]
Fall = tuple[int, int] | dt.date | tuple[dt.date, int, str]
"""What dates that fall together have in common: month and day; a date; of check-ins beginning, step and unit."""
SHIFT = dt.timedelta(days=10)  # how far weekends and holidays in a row may carry a day
YEARLY = [key for key, kind in kinds.KINDS.items() if kind.comes == kinds.YEARLY]
CHECK_INS = [key for key, kind in kinds.KINDS.items() if kind.comes == kinds.EVERY]
ONCE = [key for key in kinds.KINDS if key not in {*YEARLY, *CHECK_INS}]


def add(
    session: Session,
    sieve: Sieve,
    defaults: Rules,
    span: Span,
    planned_to: dt.date,
    found: dict[dt.date, Content],
    few: int = FEW,
) -> None:
    """Put what is kept on the days of `span` (first, last), and is not planned because its natural day is later than
    `planned_to`, beside what is planned; the first `few` of each day. Of check-ins that fall together many days show
    one, a day alone shows each. Two queries at most."""
    first, last = max(span[0], planned_to - SHIFT), span[1]
    if sieve.state not in {None, standing.PLANNED} or last < first:
        return
    near = [first - SHIFT + dt.timedelta(days=number) for number in range((last - first + 2 * SHIFT).days + 1)]
    wanted = set[Fall | int]()
    for group in session.execute(_groups(sieve, near)):
        for cycle in _cycles(group, defaults, first, last, planned_to):
            content = found.setdefault(cycle.kept, Content())
            content.total += group.together
            if group.step is None or content.total - group.together < few:
                wanted.add(_wanted(group, alone=span[0] == span[1]))
    for row in session.execute(_rows(sieve, wanted, few)) if wanted else ():
        for cycle in _cycles(row, defaults, first, last, planned_to):
            content = found.setdefault(cycle.kept, Content())
            if len(content.entries) < few:
                content.entries.append(_entry(row, cycle))


def _wanted(group: Any, *, alone: bool) -> Fall | int:
    """What is fetched of dates that fall together: all, but of check-ins the first where many days are shown."""
    if group.step is None:
        return group.on_date or (group.month, group.day)
    return (group.on_date, group.step, group.unit) if alone else group.first


def _cycles(row: Any, defaults: Rules, first: dt.date, last: dt.date, planned_to: dt.date) -> list[Cycle]:
    found = cycles.between(pattern_of(row), rules_of(row, defaults), first, last)
    return [cycle for cycle in found if cycle.natural > planned_to]


def _groups(sieve: Sieve, near: list[dt.date]) -> sa.Select[Any]:
    """How many dates fall together: yearly ones by month and day, others by date, check-ins by beginning and step."""
    m = Milestone
    rules = (m.leap, m.weekend)
    yearly = _counted(sieve, YEARLY, (m.month, m.day, None, None, None), (m.month, m.day), rules)
    once = _counted(sieve, ONCE, (None, None, m.on_date, None, None), (m.on_date,), rules)
    every = (m.on_date, m.step, m.unit)
    check_ins = _counted(sieve, CHECK_INS, (None, None, *every), every, rules)
    parts = [
        *(yearly.where(m.month == month, m.day.between(first, last)) for month, first, last in _months(near)),
        once.where(m.on_date.between(near[0], near[-1])),
        check_ins.where(m.on_date <= near[-1]),
    ]
    return sa.select(sa.union_all(*parts).subquery())


def _counted(sieve: Sieve, of_kinds: list[str], shown: Iterable[Any], grouped: Any, rules: Any) -> sa.Select[Any]:
    names = ("month", "day", "on_date", "step", "unit")
    columns = [
        (sa.cast(sa.null(), _TYPES[name]) if column is None else column).label(name)
        for name, column in zip(names, shown, strict=True)
    ]
    some_kind = sa.func.min(Milestone.kind).label("kind")
    rest = [sa.null().label(name) for name in ("lead_days", "send_at", "send_zone", "year", "target")]
    together, first = sa.func.count().label("together"), sa.func.min(Milestone.id).label("first")
    query = sa.select(*columns, *rules, some_kind, sa.literal(1).label("series"), *rest, together, first)
    return _inside(query, sieve, of_kinds).group_by(*grouped, *rules)


_TYPES: dict[str, Any] = {
    "month": sa.Integer, "day": sa.Integer, "on_date": sa.Date, "step": sa.Integer, "unit": sa.String
}  # fmt: skip


def _rows(sieve: Sieve, wanted: set[Fall | int], few: int) -> sa.Select[Any]:
    """The first few of each of these, and those that are said by their number."""
    m, firsts = Milestone, sorted(one for one in wanted if isinstance(one, int))
    days = [one for one in wanted if not isinstance(one, int)]
    of_days = [_of_day(sieve, day).order_by(m.id).limit(few).subquery() for day in sorted(days, key=str)]
    ids = [sa.select(some.c.id) for some in of_days] + [sa.select(m.id).where(m.id.in_(firsts))]
    columns = (m.__table__, Person.first_name, Person.last_name)
    query = sa.select(*columns).join(Person, Person.id == m.person_id)
    return query.where(m.id.in_(sa.union_all(*ids))).order_by(m.id)


def _of_day(sieve: Sieve, day: Fall) -> sa.Select[Any]:
    ids = sa.select(Milestone.id)
    if isinstance(day, dt.date):
        return _inside(ids, sieve, ONCE).where(Milestone.on_date == day)
    if len(day) == 3:
        on, step, unit = day
        alike = (Milestone.on_date == on, Milestone.step == step, Milestone.unit == unit)
        return _inside(ids, sieve, CHECK_INS).where(*alike)
    return _inside(ids, sieve, YEARLY).where(Milestone.month == day[0], Milestone.day == day[1])


def _inside(query: sa.Select[Any], sieve: Sieve, of_kinds: list[str]) -> sa.Select[Any]:
    wanted = [kind for kind in of_kinds if sieve.kind in {None, kind}]
    query = query.where(
        Milestone.organisation_id == sieve.organisation_id, Milestone.active.is_(True), Milestone.kind.in_(wanted)
    )
    if sieve.team_id is not None:
        query = query.where(Milestone.team_id == sieve.team_id)
    if sieve.rep_id is not None:
        query = query.join(Person, Person.id == Milestone.person_id).where(Person.owner_id == sieve.rep_id)
    return query


def _months(near: list[dt.date]) -> Iterator[tuple[int, int, int]]:
    """Month, first and last day of it, for each month that the days touch."""
    days = _month_days(near)
    for month in sorted({month for month, _ in days}):
        inside = [day for other, day in days if other == month]
        yield month, min(inside), max(inside)


def _month_days(near: list[dt.date]) -> list[tuple[int, int]]:
    """Month and day of each day; 29 February is kept near 28 February in other years."""
    found = {(day.month, day.day) for day in near}
    return sorted(found | ({(2, 29)} if (2, 28) in found else set()))


def _entry(row: Any, cycle: Cycle) -> Entry:
    return Entry(
        on=cycle.kept,
        person_id=row.person_id,
        name=f"{row.first_name} {row.last_name}".strip(),
        occasion=words.occasion(row.kind, row.title, cycle.count),
        kind=kinds.of(row.kind),
        standing=STANDINGS[standing.PLANNED],
    )
