"""A plan as a calendar file (RFC 5545): all-day events with stable UIDs, each the day on which it is kept, so that leap
days, weekends and moves are as our rules say and no other program has to know them. No numbers and no notes."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import icalendar
import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload

from vidmsg import clock
from vidmsg.accounts.models import User
from vidmsg.calendar.models import Feed
from vidmsg.milestones import cycles, kinds
from vidmsg.milestones.models import Milestone, Occurrence
from vidmsg.milestones.patterns import defaults_of, pattern_of, rules_of
from vidmsg.people.models import Person

BACK = dt.timedelta(days=30)
AHEAD = dt.timedelta(days=400)
MOST = 5000  # events; a feed is for a person's calendar, not a copy of the database


@dataclass(frozen=True)
class Day:
    """One event: what makes it the same one for ever, the day, and the words."""

    uid: str
    on: dt.date
    summary: str


def days(session: Session, feed: Feed, user: User) -> list[Day]:
    """What the feed shows now: planned occurrences as they were moved, and later ones as the rules compute them."""
    today = clock.local(clock.now(), user.time_zone or _home(user)).date()
    first, last = today - BACK, today + AHEAD
    found = [_planned(feed, occurrence) for occurrence in _occurrences(session, feed, user, first, today, last)]
    found += _computed(session, feed, user, first, last)
    found.sort(key=lambda day: (day.on < today, day.on, day.uid))  # of too many, those to come
    return sorted(found[:MOST], key=lambda day: (day.on, day.uid))


def render(feed: Feed, user: User, found: Iterable[Day]) -> bytes:
    """The file: UTF-8, folded at 75 octets, lines ended by CRLF."""
    calendar = icalendar.Calendar()
    calendar.add("prodid", "-//vidmsg//plan//EN")
    calendar.add("version", "2.0")
    calendar.add("method", "PUBLISH")
    calendar.add("x-wr-calname", _title(feed, user))
    for day in found:
        event = icalendar.Event()
        event.add("uid", day.uid)
        event.add("dtstamp", feed.created_at)  # the file changes when a day does, not each time it is read
        event.add("dtstart", day.on)
        event.add("dtend", day.on + dt.timedelta(days=1))
        event.add("summary", day.summary)
        event.add("transp", "TRANSPARENT")
        calendar.add_component(event)
    made: bytes = calendar.to_ical()
    return made


def etag(body: bytes) -> str:
    """Changes when the file does."""
    return hashlib.sha256(body).hexdigest()[:32]


def summary(person: Person, milestone: Milestone, count: int | None) -> str:
    """“Maria Alvarez: With us, 5 years”."""
    what = milestone.title or str(kinds.of(milestone.kind).word)
    if count is None:
        return f"{person.name}: {what}"
    years = kinds.of(milestone.kind).comes == kinds.YEARLY
    unit = ("year" if count == 1 else "years") if years else "times"
    return f"{person.name}: {what}, {count} {unit}"


def _occurrences(
    session: Session, feed: Feed, user: User, first: dt.date, today: dt.date, last: dt.date
) -> list[Occurrence]:
    """Planned days: those to come, and as far as there is room those that are over, the nearest first."""
    query = sa.select(Occurrence).where(*_walls(feed, user, Occurrence), Occurrence.skipped_at.is_(None))
    query = query.options(joinedload(Occurrence.person), joinedload(Occurrence.milestone))
    on = Occurrence.planned_on
    if not feed.everybody:
        query = query.where(Occurrence.assignee_id == user.id)
    coming = query.where(on.between(today, last)).order_by(on, Occurrence.id).limit(MOST)
    found = list(session.scalars(coming))
    over = query.where(on >= first, on < today).order_by(on.desc(), Occurrence.id.desc()).limit(MOST - len(found))
    return [*found, *session.scalars(over)]


def _computed(session: Session, feed: Feed, user: User, first: dt.date, last: dt.date) -> Iterator[Day]:
    """Days that nobody planned yet, of so many dates those whose next one is nearest. Whatever was planned is none of
    them, wherever it was moved, whoever has it now."""
    query = sa.select(Milestone).join(Person, Person.id == Milestone.person_id).where(Milestone.active)
    query = query.where(*_walls(feed, user, Person), Milestone.next_on.is_not(None))
    query = query.order_by(Milestone.next_on, Milestone.id).limit(MOST)
    if not feed.everybody:
        query = query.where(Person.owner_id == user.id)
    planned = _cycles(session, sa.select(query.with_only_columns(Milestone.id).subquery().c.id), first, last)
    defaults = defaults_of(user.organisation)
    for milestone in session.scalars(query.options(joinedload(Milestone.person))):
        rules = rules_of(milestone, defaults)
        for cycle in cycles.between(pattern_of(milestone), rules, first, last):
            if (milestone.id, cycle.key) not in planned:
                words = summary(milestone.person, milestone, cycle.count)
                yield Day(_uid(feed, milestone.id, cycle.key), cycle.kept, words)


def _cycles(session: Session, milestones: sa.Select[int], first: dt.date, last: dt.date) -> set[tuple[int, str]]:
    """Milestone and cycle of each day near these that is planned, or was."""
    near = Occurrence.natural_on.between(first - cycles.SLACK, last + cycles.SLACK)
    query = sa.select(Occurrence.milestone_id, Occurrence.cycle).where(Occurrence.milestone_id.in_(milestones), near)
    return {(row.milestone_id, row.cycle) for row in session.execute(query)}


def _walls(feed: Feed, user: User, model: type[Any]) -> list[sa.ColumnElement[bool]]:
    """What she may see now, on the table of occurrences or of people: once a manager, she may be none any more."""
    inside = [model.organisation_id == feed.organisation_id]
    return inside if user.is_manager else [*inside, model.team_id == user.team_id]


def _planned(feed: Feed, occurrence: Occurrence) -> Day:
    words = summary(occurrence.person, occurrence.milestone, occurrence.count)
    return Day(_uid(feed, occurrence.milestone_id, occurrence.cycle), occurrence.planned_on, words)


def _uid(feed: Feed, milestone_id: int, cycle: str) -> str:
    return f"milestone-{milestone_id}-{cycle}@organisation-{feed.organisation_id}.vidmsg"


def _title(feed: Feed, user: User) -> str:
    name = user.organisation.name if user.organisation else "vidmsg"
    return name if feed.everybody else f"{name}: {user.first_name}"


def _home(user: User) -> str:
    return user.organisation.time_zone if user.organisation else "UTC"
