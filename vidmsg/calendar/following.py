"""A message that still waits follows its day, the rules of its day and the person's clock. What leaves when the rules
say follows them; a moment that a person chose keeps its wall time and changes only with the day or with her zone. One
that is just leaving, or has left, follows nothing."""

from __future__ import annotations

import datetime as dt
import zoneinfo
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from vidmsg import clock
from vidmsg.accounts.models import Organisation
from vidmsg.messages import hours, states, timing
from vidmsg.messages.models import Message
from vidmsg.messages.move import rewrite
from vidmsg.milestones import rules
from vidmsg.milestones.models import Occurrence
from vidmsg.milestones.patterns import defaults_of, rules_of
from vidmsg.milestones.rules import OURS, Rules
from vidmsg.people.models import Person

WAITING = frozenset({states.PLANNED, states.SCHEDULED, states.HELD, states.MISSED})


@dataclass(frozen=True)
class Leaving:
    """When the rules let a day's text leave: a wall time, and the zone (an IANA name) of the clock on that wall."""

    at: dt.time
    zone: str


def leaving(said: Rules, home: Organisation, zone: str) -> Leaving:
    """What the rules say for a person who lives in `zone`."""
    return Leaving(said.at, home.time_zone if said.zone == OURS else zone)


def known(occurrence: Occurrence) -> Leaving | None:
    """What the rules said when this day was planned last."""
    if occurrence.send_at is None or occurrence.send_zone is None:
        return None
    return Leaving(occurrence.send_at, occurrence.send_zone)


def follow(
    session: Session,
    message: Message,
    occurrence: Occurrence,
    day: dt.date,
    home: Organisation,
    now: Leaving | None = None,
) -> bool:
    """Put a waiting message of this occurrence on `day`, and where it leaves by the rules, on the time that they say
    `now`. False when it is on its way and nothing was written."""
    if message.state == states.CANCELED:
        return True
    if message.state not in WAITING:
        return False
    if message.send_on is None or message.due_at is None:
        return True  # it goes whenever it was told to, whatever the day
    zone, was = message.person.time_zone, known(occurrence)
    if was is not None and is_by_rule(message, occurrence, was, home, zone):
        return _put(session, message, home, *_ruled(day, now or was, home, zone))
    by = day - occurrence.planned_on
    if not by:
        return True  # somebody chose this moment
    wall = message.due_at.astimezone(zoneinfo.ZoneInfo(zone))  # planned for the eve, it stays on the eve
    return _put(session, message, home, rules.moment(wall.date() + by, wall.time(), zone), message.send_on + by)


def is_by_rule(message: Message, occurrence: Occurrence, said: Leaving, home: Organisation, zone: str) -> bool:
    """Whether a message leaves at just the moment that the rules said, for a person who lived in `zone`."""
    wanted = rules.moment(occurrence.planned_on, said.at, said.zone)
    return message.due_at == wanted or (
        message.send_on is not None and message.due_at == _fitting(wanted, message.send_on, zone, home)
    )


def person_moved(session: Session, person: Person, was: dict[str, Any]) -> None:
    """Her clock is another one now: what waits for her keeps its wall time, unless it leaves by our clock."""
    if "time_zone" not in was:
        return
    home = session.get_one(Organisation, person.organisation_id)
    waiting = (
        sa.select(Message, Occurrence)
        .outerjoin(Occurrence, Occurrence.id == Message.occurrence_id)
        .where(Message.person_id == person.id, Message.state.in_(WAITING), Message.send_on.is_not(None))
    )
    for message, occurrence in session.execute(waiting).all():
        if message.due_at is not None and message.send_on is not None:
            _put(session, message, home, *_on_the_new_clock(message, occurrence, home, was["time_zone"]))


def _on_the_new_clock(
    message: Message, occurrence: Occurrence | None, home: Organisation, was: str
) -> tuple[dt.datetime, dt.date]:
    said, zone = known(occurrence) if occurrence else None, message.person.time_zone
    if occurrence and said and is_by_rule(message, occurrence, said, home, was):
        by_our_clock = rules_of(occurrence.milestone, defaults_of(home)).zone == OURS
        new = said if by_our_clock else Leaving(said.at, zone)
        return _ruled(occurrence.planned_on, new, home, zone)
    wall = (message.due_at or message.created_at).astimezone(zoneinfo.ZoneInfo(was))
    return rules.moment(wall.date(), wall.time(), zone), message.send_on or wall.date()


def _ruled(day: dt.date, said: Leaving, home: Organisation, zone: str) -> tuple[dt.datetime, dt.date]:
    """The moment that the rules say, and the day of hers that it is; by our clock that may be another date."""
    wanted = rules.moment(day, said.at, said.zone)
    if said.zone == zone:
        return wanted, day
    opening = timing.leaves_at(wanted, due_at=wanted, send_on=None, zone=zone, hours=hours.of(home)) or wanted
    return wanted, clock.local(opening, zone).date()


def _put(session: Session, message: Message, home: Organisation, wanted: dt.datetime, send_on: dt.date) -> bool:
    due_at = _fitting(wanted, send_on, message.person.time_zone, home)
    if (message.due_at, message.send_on, message.wanted_at or wanted) == (due_at, send_on, wanted):
        return True
    look = {"look_at": due_at} if message.state == states.PLANNED else {}
    return rewrite(session, message, due_at=due_at, wanted_at=wanted, send_on=send_on, **look)


def _fitting(wanted: dt.datetime, send_on: dt.date, zone: str, home: Organisation) -> dt.datetime:
    """Inside the hours of that day; past its day it is missed, and a person is asked."""
    opening = timing.leaves_at(wanted, due_at=wanted, send_on=send_on, zone=zone, hours=hours.of(home))
    return opening or wanted
