"""A month as a grid of whole weeks: for each day what stands on it, how loaded it is, and whether it is today. Reads
only; it may not know how a day is moved."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass

from babel import Locale
from sqlalchemy.orm import Session

from vidmsg.accounts.models import Organisation
from vidmsg.calendar import entries, far, planning
from vidmsg.calendar.entries import BUSY, FULL, Content, Sieve
from vidmsg.milestones.patterns import defaults_of

EARLIEST, LATEST = dt.date(1970, 1, 1), dt.date(2300, 12, 1)
WEEK = dt.timedelta(days=7)


@dataclass(frozen=True)
class Day:
    """One field of the grid. `load` is "busy", "full" or empty; `heaviest` the rep who has the most on it."""

    on: dt.date
    out: bool
    today: bool
    load: str
    heaviest: int | None
    content: Content


@dataclass(frozen=True)
class Month:
    """The first day of the month, its days in whole weeks, and its neighbours (None: we show no further)."""

    first: dt.date
    days: list[Day]
    before: dt.date | None
    after: dt.date | None


def is_shown(on: dt.date) -> bool:
    """Whether a month of ours may have this day."""
    return EARLIEST - WEEK < on < LATEST + 6 * WEEK


def parse(text: str, today: dt.date) -> dt.date:
    """The first day of the month that an address names ("2026-11"); this month for anything else."""
    found = re.fullmatch(r"(\d{4})-(\d{2})", text)
    if found and 1 <= int(found[2]) <= 12 and EARLIEST.year <= int(found[1]) <= LATEST.year:
        return dt.date(int(found[1]), int(found[2]), 1)
    return today.replace(day=1)


def of(session: Session, sieve: Sieve, home: Organisation, first: dt.date, today: dt.date) -> Month:
    """The month that begins on `first`. Four queries at most."""
    begin, end = span(first, home.country)
    found = _contents(session, sieve, home, (begin, end), today, entries.FEW)
    days = [begin + dt.timedelta(days=number) for number in range((end - begin).days + 1)]
    return Month(
        first,
        [_day(on, first, today, found.get(on, Content())) for on in days],
        _neighbour(first, -1),
        _neighbour(first, 1),
    )


def day(session: Session, sieve: Sieve, home: Organisation, on: dt.date, today: dt.date, few: int) -> Content:
    """What stands on one day, planned or computed."""
    return _contents(session, sieve, home, (on, on), today, few).get(on, Content())


def _contents(
    session: Session, sieve: Sieve, home: Organisation, span: far.Span, today: dt.date, few: int
) -> dict[dt.date, Content]:
    found = entries.between(session, sieve, *span, today, few)
    far.add(session, sieve, defaults_of(home), span, planning.horizon(home), found, few)
    return found


def span(first: dt.date, country: str) -> tuple[dt.date, dt.date]:
    """The first day of the week that the month begins in, and the last of the week that it ends in."""
    starts = week_start(country)
    last = _next(first) - dt.timedelta(days=1)
    begin = first - dt.timedelta(days=(first.weekday() - starts) % 7)
    return begin, last + dt.timedelta(days=(starts - 1 - last.weekday()) % 7)


def week_start(country: str) -> int:
    """The weekday with which weeks begin there, Monday being 0."""
    return Locale("en", territory=country).first_week_day if country in _known() else 0


def _known() -> set[str]:
    return {"US", "CA", "GB", "AU", "NZ", "IE", "IN", "ZA", "IL", "SG", "PH", "DE", "AT", "CH", "NL", "BE", "SE", "DK"}


def _next(first: dt.date) -> dt.date:
    return (first + dt.timedelta(days=32)).replace(day=1)


def _neighbour(first: dt.date, step: int) -> dt.date | None:
    other = _next(first) if step > 0 else (first - dt.timedelta(days=1)).replace(day=1)
    return other if EARLIEST <= other <= LATEST else None


def _day(on: dt.date, first: dt.date, today: dt.date, content: Content) -> Day:
    rep, most = content.heaviest
    load = "" if on < today or most < BUSY else "busy" if most < FULL else "full"
    return Day(on, on.month != first.month, on == today, load, rep, content)
