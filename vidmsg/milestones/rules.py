"""How a date in somebody's life becomes a day on which a text may go: 29 February, weekends and public holidays, the
lead time, the wall time and whose clock. An organisation has a default for each, a milestone may say otherwise.
Pure: no rows, no clock."""

from __future__ import annotations

import datetime as dt
import zoneinfo
from dataclasses import dataclass, fields, replace
from functools import lru_cache
from typing import Any

import holidays

FEB_28, MAR_1 = "feb28", "mar1"
ON_THE_DAY, BEFORE, AFTER = "on", "before", "after"
THEIRS, OURS = "theirs", "ours"
LONGEST_LEAD = 30  # days
LONGEST_SHIFT = 14  # days; no country closes longer in a row


@dataclass(frozen=True)
class Rules:
    """`leap`: what 29 Feb is in other years. `weekend`: on the day, the working day before or after. `holidays`: the
    country (ISO 3166, two letters) whose public holidays are no working days, or empty. `lead_days`: how long before
    the day a rep is asked. `at`: wall time of sending, in `zone`: theirs or ours."""

    leap: str = FEB_28
    weekend: str = ON_THE_DAY
    holidays: str = ""
    lead_days: int = 3
    at: dt.time = dt.time(9, 10)
    zone: str = THEIRS

    def overridden(self, **own: Any) -> Rules:
        """These rules with what a milestone says otherwise; None means that it says nothing."""
        known = {field.name for field in fields(self)}
        return replace(self, **{name: value for name, value in own.items() if name in known and value is not None})


def in_year(month: int, day: int, year: int, rules: Rules) -> dt.date:
    """The day that month and day are in `year`."""
    if (month, day) == (2, 29) and not _is_leap(year):
        return dt.date(year, 2, 28) if rules.leap == FEB_28 else dt.date(year, 3, 1)
    return dt.date(year, month, day)


def observed(day: dt.date, rules: Rules) -> dt.date:
    """The day on which it is kept: `day` itself, or the nearest working day before or after it."""
    if rules.weekend == ON_THE_DAY:
        return day
    step = dt.timedelta(days=1 if rules.weekend == AFTER else -1)
    kept = day
    for _ in range(LONGEST_SHIFT):
        if is_working_day(kept, rules.holidays):
            return kept
        kept += step
    return day


def is_working_day(day: dt.date, country: str) -> bool:
    """Neither Saturday nor Sunday, nor a public holiday of `country`. In countries whose week ends on other days the
    weekend stays Saturday and Sunday unless the holidays say otherwise."""
    return day.weekday() < 5 and day not in _holidays(country, day.year)


def moment(day: dt.date, at: dt.time, zone: str) -> dt.datetime:
    """The instant, in UTC, when the clock in `zone` (an IANA name) shows `at` on `day`. A time that the change to
    summer leaves out becomes the first one after the gap; of a doubled one it is the first."""
    there = zoneinfo.ZoneInfo(zone)
    wall = dt.datetime.combine(day, at)
    instant = wall.replace(tzinfo=there).astimezone(dt.UTC)
    if instant.astimezone(there).replace(tzinfo=None) == wall:
        return instant
    return _after_gap(wall, there)


def _after_gap(wall: dt.datetime, there: zoneinfo.ZoneInfo) -> dt.datetime:
    """The gap's length is the difference of the offsets before and after; its end is where they meet."""
    before, after = (wall.replace(tzinfo=there, fold=fold).utcoffset() or dt.timedelta() for fold in (0, 1))
    low = (wall - before).replace(tzinfo=dt.UTC) - abs(after - before)
    high = (wall - before).replace(tzinfo=dt.UTC)
    while high - low > dt.timedelta(seconds=1):
        middle = low + (high - low) / 2
        if middle.astimezone(there).replace(tzinfo=None) < wall:
            low = middle
        else:
            high = middle
    return high.replace(microsecond=0)


def was_moved_by_clock(day: dt.date, at: dt.time, zone: str) -> str | None:
    """Whether clocks change at this wall time on this day, so that a person can be told: "gap", "overlap" or None."""
    there = zoneinfo.ZoneInfo(zone)
    wall = dt.datetime.combine(day, at)
    first, second = (wall.replace(tzinfo=there, fold=fold).utcoffset() for fold in (0, 1))
    if first == second:
        return None
    instant = wall.replace(tzinfo=there).astimezone(dt.UTC).astimezone(there)
    return "overlap" if instant.replace(tzinfo=None) == wall else "gap"


def countries() -> list[str]:
    """The countries whose holidays we know, by their two letters."""
    return sorted(code for code in holidays.list_supported_countries() if len(code) == 2)


@lru_cache(maxsize=256)
def _holidays(country: str, year: int) -> frozenset[dt.date]:
    if not country:
        return frozenset()
    return frozenset(holidays.country_holidays(country, years=year))


def _is_leap(year: int) -> bool:
    return year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)
