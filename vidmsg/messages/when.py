"""When a text shall go, as a person chooses it: on its day, now, or at another moment by one of two clocks. It asks the
rules of the day, the changes of clocks and the hours, and writes nothing; `both_clocks` says what came of it."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from flask_babel import format_date
from flask_babel import gettext as _

from vidmsg import clock
from vidmsg.accounts.models import Organisation
from vidmsg.errors import Sentence
from vidmsg.messages import hours, timing
from vidmsg.messages.window import Hours
from vidmsg.milestones import rules
from vidmsg.milestones.models import Occurrence
from vidmsg.milestones.patterns import defaults_of, rules_of
from vidmsg.people.models import Person

DAY, NOW, OTHER = "day", "now", "other"  # the three choices
THEIRS, MINE = "theirs", "mine"  # whose clock another moment is by
FARTHEST = dt.timedelta(days=366)
GRACE = dt.timedelta(minutes=1)  # the minute that was just chosen is not over yet


class WrongMoment(Sentence):
    """A moment at which this can't go."""


@dataclass(frozen=True)
class Clocks:
    """The person, as she is called, her zone and her hours; and the zone of the one who chooses."""

    name: str
    theirs: str
    mine: str
    hours: Hours


@dataclass(frozen=True)
class Day:
    """The day that a text is for, the wall time at which it goes then, and the zone whose clock shows that time."""

    on: dt.date
    at: dt.time
    zone: str


@dataclass(frozen=True)
class Moment:
    """`wanted` is what was chosen and `goes_at` the first moment of the hours from then on. `send_on`: the person's day
    past which it does not go by itself, None for any. `asked`: the wall time as it was chosen, where one was; `change`:
    "gap" or "overlap" where the clocks change at that very time."""

    wanted: dt.datetime
    goes_at: dt.datetime
    send_on: dt.date | None = None
    asked: dt.time | None = None
    change: str | None = None


def clocks(person: Person, home: Organisation | None, mine: str) -> Clocks:
    """The clocks of this person and of somebody in the zone `mine`."""
    return Clocks(person.first_name, person.time_zone, mine, hours.everywhere(home, person))


def day_of(occurrence: Occurrence, home: Organisation) -> Day:
    """The day of an occasion, with the wall time and the clock that its rules say."""
    ruled = rules_of(occurrence.milestone, defaults_of(home))
    zone = home.time_zone if ruled.zone == rules.OURS else occurrence.person.time_zone
    return Day(occurrence.planned_on, ruled.at, zone)


def now(clocks: Clocks) -> Moment:
    """As soon as the hours allow. The day on which that is becomes its day, because words for now are not for later."""
    present = clock.now()
    goes_at = _opening(present, clocks)
    return Moment(present, goes_at, _date(goes_at, clocks.theirs))


def on_the_day(day: Day, clocks: Clocks) -> Moment:
    """At its time on its day; when that time is over and the day is not, as soon as may be. Raises WrongMoment."""
    ruled, present = rules.moment(day.on, day.at, day.zone), clock.now()
    # By our clock her date may be another one. It is still the day for which it is meant.
    send_on = day.on if day.zone == clocks.theirs else _date(_opening(ruled, clocks), clocks.theirs)
    wanted = max(ruled, present)
    goes_at = timing.leaves_at(wanted, due_at=wanted, send_on=send_on, zone=clocks.theirs, hours=clocks.hours)
    if goes_at is None and _date(present, clocks.theirs) >= send_on:
        raise WrongMoment(_("%(name)s's day is over. Send it now, or choose another moment.", name=clocks.name))
    if goes_at is None and clocks.hours.are_shut(send_on):
        nearest = format_date(_open_beside(send_on, clocks), "EEEE d MMMM")
        quiet = _("All that day is quiet. Choose another time: the nearest open day is %(day)s.", day=nearest)
        raise WrongMoment(quiet)
    if goes_at is None:
        raise WrongMoment(_("That is too late for that day. Choose an earlier moment, or a later day."))
    if ruled < present:
        return Moment(wanted, goes_at, send_on)
    return Moment(wanted, goes_at, send_on, day.at, rules.was_moved_by_clock(day.on, day.at, day.zone))


def at(day: dt.date, time: dt.time, whose: str, clocks: Clocks) -> Moment:
    """At this wall time of the person's clock, or by that of the one who chooses. Raises WrongMoment."""
    zone, present = clocks.mine if whose == MINE else clocks.theirs, clock.now()
    today = _date(present, zone)
    if day - today > FARTHEST:
        raise WrongMoment(_("That is more than a year away. Choose a nearer day."))
    if day < today or rules.moment(day, time, zone) < present - GRACE:
        raise WrongMoment(_("That moment is over. Choose a later one."))
    wanted = max(rules.moment(day, time, zone), present)
    goes_at = _opening(wanted, clocks)
    change = rules.was_moved_by_clock(day, time, zone)
    return Moment(wanted, goes_at, _date(goes_at, clocks.theirs), time, change)


def _open_beside(shut: dt.date, clocks: Clocks) -> dt.date:
    """The day before one that stays shut, while that is not over, else the next: only Sundays stay shut."""
    before = shut - dt.timedelta(days=1)
    there = rules.moment(before, clocks.hours.opening(before), clocks.theirs)
    return _date(_opening(max(there, clock.now()), clocks), clocks.theirs)


def _opening(moment: dt.datetime, clocks: Clocks) -> dt.datetime:
    found = timing.leaves_at(moment, due_at=moment, send_on=None, zone=clocks.theirs, hours=clocks.hours)
    return found or moment  # for no day in particular there is always one


def _date(moment: dt.datetime, zone: str) -> dt.date:
    return clock.local(moment, zone).date()
