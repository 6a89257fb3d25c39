"""Which days a milestone has, forever and computed: the cycle each belongs to, the day in the calendar, the day on
which it is kept, and the count to be said. A cycle's key never depends on a rule or a move, so that a cycle once
texted is never planned again. Pure: no rows, no clock."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass

from vidmsg.milestones import kinds
from vidmsg.milestones.rules import Rules, in_year, observed

WEEKS, MONTHS = "weeks", "months"
SLACK = dt.timedelta(days=15)  # a day may be kept this much before or after the day it is


@dataclass(frozen=True)
class Pattern:
    """What a milestone says of its days. Yearly: month and day, and the first year if known. Once and reached:
    `on`. Every: `step` `unit` (weeks or months) from `on`; `series` grows when step or start are changed."""

    comes: str
    month: int = 1
    day: int = 1
    year: int | None = None
    on: dt.date | None = None
    step: int = 1
    unit: str = WEEKS
    series: int = 1
    target: int | None = None


@dataclass(frozen=True)
class Cycle:
    """One day of a milestone. `count`: how many years or visits it is, None where nobody knows."""

    key: str
    natural: dt.date
    kept: dt.date
    count: int | None


def between(pattern: Pattern, rules: Rules, first: dt.date, last: dt.date) -> Iterator[Cycle]:
    """Every cycle whose kept day lies from `first` to `last`, both included, in order."""
    for key, natural, count in _naturals(pattern, rules, _earlier(first), _later(last)):
        kept = observed(natural, rules)
        if first <= kept <= last:
            yield Cycle(key, natural, kept, count)


def _earlier(day: dt.date) -> dt.date:
    return max(dt.date.min + SLACK, day) - SLACK


def _later(day: dt.date) -> dt.date:
    return min(dt.date.max - SLACK, day) + SLACK


def following(pattern: Pattern, rules: Rules, after: dt.date) -> dt.date | None:
    """The first natural day later than `after`, or None when none comes any more."""
    horizon = _later(dt.date(min(after.year + 9, 9998), 12, 31))  # 29 Feb may be eight years away
    for _key, natural, _count in _naturals(pattern, rules, after, horizon):
        if natural > after:
            return natural
    return None


def _naturals(
    pattern: Pattern, rules: Rules, first: dt.date, last: dt.date
) -> Iterator[tuple[str, dt.date, int | None]]:
    if pattern.comes == kinds.YEARLY:
        yield from _yearly(pattern, rules, first, last)
    elif pattern.comes == kinds.EVERY:
        yield from _every(pattern, first, last)
    elif pattern.on is not None and first <= pattern.on <= last:
        key = "once" if pattern.comes == kinds.ONCE else f"reached-{pattern.target}"
        yield key, pattern.on, pattern.target


def _yearly(pattern: Pattern, rules: Rules, first: dt.date, last: dt.date) -> Iterator[tuple[str, dt.date, int | None]]:
    begins = first.year if pattern.year is None else max(first.year, pattern.year + 1)  # the first one is a year on
    for year in range(begins, last.year + 1):
        natural = in_year(pattern.month, pattern.day, year, rules)
        if first <= natural <= last:
            yield str(year), natural, None if pattern.year is None else year - pattern.year


def _every(pattern: Pattern, first: dt.date, last: dt.date) -> Iterator[tuple[str, dt.date, int | None]]:
    if pattern.on is None or pattern.step < 1:
        return
    shortest = pattern.step * (7 if pattern.unit == WEEKS else 31)
    number = max(0, (first - pattern.on).days // shortest - 1)
    while (natural := step_from(pattern.on, number * pattern.step, pattern.unit)) <= last:
        if natural >= first:
            yield f"{pattern.series}-{number}", natural, None
        number += 1


def step_from(start: dt.date, steps: int, unit: str) -> dt.date:
    """`start` and so many weeks or months; in a shorter month its last day."""
    if unit == WEEKS:
        return start + dt.timedelta(weeks=steps)
    months = start.year * 12 + start.month - 1 + steps
    year, month = divmod(months, 12)
    last = (dt.date(year + (month == 11), (month + 1) % 12 + 1, 1) - dt.timedelta(days=1)).day
    return dt.date(year, month + 1, min(start.day, last))
