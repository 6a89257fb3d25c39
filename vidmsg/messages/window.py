"""Waking hours: when a text may arrive, by the clock of the person who gets it. Pure functions on aware moments; they
read no clock and no table. The default hours are the strictest of the United States with a margin (9 to 20, Sundays
from 12); days that a zone leaves out or doubles come out right, because openings are reckoned from the wall clock."""

from __future__ import annotations

import datetime as dt
import zoneinfo
from dataclasses import dataclass

SUNDAY = 6
MIDNIGHT = 24
DAYS_AHEAD = 9  # a week, and a day that a zone leaves out


@dataclass(frozen=True)
class Hours:
    """Whole hours of the wall clock: open from `opens` (Sundays `opens_sunday`) until before `closes`, 24 for the end
    of the day. A Sunday that opens no earlier than it closes stays shut. `also`: zones (IANA names) by whose clocks
    they must be open too, because nobody knows by which of them a person lives."""

    opens: int = 9
    closes: int = 20
    opens_sunday: int = 12
    also: tuple[str, ...] = ()

    def opening(self, day: dt.date) -> dt.time:
        """When `day` opens."""
        return dt.time(min(self.opens_sunday if day.weekday() == SUNDAY else self.opens, MIDNIGHT - 1))

    def are_shut(self, day: dt.date) -> bool:
        """Whether `day` is one that stays shut."""
        return day.weekday() == SUNDAY and self.opens_sunday >= self.closes

    def are_open(self, there: dt.datetime) -> bool:
        """Whether they are open when the wall clock shows `there`."""
        opens = self.opens_sunday if there.weekday() == SUNDAY else self.opens
        return opens <= there.hour < self.closes


DEFAULT = Hours()


def is_open(moment: dt.datetime, zone: str, hours: Hours = DEFAULT) -> bool:
    """Whether a text may arrive at `moment` where the clock shows `zone` (an IANA name)."""
    return all(_is_open(moment, one, hours) for one in (zone, *hours.also))


def next_open(moment: dt.datetime, zone: str, hours: Hours = DEFAULT) -> dt.datetime:
    """`moment` itself inside the hours, else the next opening, in UTC."""
    opening, last = moment.astimezone(dt.UTC), moment + dt.timedelta(days=DAYS_AHEAD)
    while not is_open(opening, zone, hours):
        if opening > last:
            raise ValueError(f"no opening within {DAYS_AHEAD} days")
        opening = max(_next_open(opening, one, hours) for one in (zone, *hours.also))
    return opening


def closes_at(moment: dt.datetime, zone: str, hours: Hours = DEFAULT) -> dt.datetime:
    """When the hours that `moment` lies in end, in UTC."""
    return min(_closes_at(moment, one, hours) for one in (zone, *hours.also))


def _is_open(moment: dt.datetime, zone: str, hours: Hours) -> bool:
    return hours.are_open(moment.astimezone(zoneinfo.ZoneInfo(zone)))


def _next_open(moment: dt.datetime, zone: str, hours: Hours) -> dt.datetime:
    if _is_open(moment, zone, hours):
        return moment
    today = moment.astimezone(zoneinfo.ZoneInfo(zone)).date()
    for ahead in range(DAYS_AHEAD):
        day = today + dt.timedelta(days=ahead)
        opening = _at(day, hours.opening(day), zone)
        if opening >= moment and _is_open(opening, zone, hours):
            return opening
    raise ValueError(f"no opening within {DAYS_AHEAD} days")


def _closes_at(moment: dt.datetime, zone: str, hours: Hours) -> dt.datetime:
    day = moment.astimezone(zoneinfo.ZoneInfo(zone)).date()
    if hours.closes == MIDNIGHT:
        return _at(day + dt.timedelta(days=1), dt.time(), zone)
    return _at(day, dt.time(hours.closes), zone)


def _at(day: dt.date, time: dt.time, zone: str) -> dt.datetime:
    return dt.datetime.combine(day, time, zoneinfo.ZoneInfo(zone)).astimezone(dt.UTC)
