"""A message that still waits follows its day: to another date, or to the new zone of a person who moved, at the same
wall time as before. One that is just leaving, or has left, follows nothing."""

from __future__ import annotations

import datetime as dt
import zoneinfo
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from vidmsg.accounts.models import Organisation
from vidmsg.messages import hours, states, timing
from vidmsg.messages.models import Message
from vidmsg.messages.move import rewrite
from vidmsg.milestones import rules
from vidmsg.people.models import Person

WAITING = frozenset({states.PLANNED, states.SCHEDULED, states.HELD, states.MISSED})


def follow(session: Session, message: Message, day: dt.date, home: Organisation) -> bool:
    """Put a waiting message on `day`. False when it is on its way and nothing was written."""
    if message.state == states.CANCELED:
        return True
    if message.state not in WAITING:
        return False
    if message.send_on is None or message.due_at is None:
        return True  # it goes whenever it was told to, whatever the day
    wall = message.due_at.astimezone(zoneinfo.ZoneInfo(message.person.time_zone))
    shifted = day + (wall.date() - message.send_on)  # planned for the eve, it stays on the eve
    return _put(session, message, home, shifted, wall.time(), day)


def person_moved(session: Session, person: Person, was: dict[str, Any]) -> None:
    """Her clock is another one now: what waits for her keeps its wall time."""
    if "time_zone" not in was:
        return
    home = session.get_one(Organisation, person.organisation_id)
    waiting = sa.select(Message).where(
        Message.person_id == person.id, Message.state.in_(WAITING), Message.send_on.is_not(None)
    )
    for message in session.scalars(waiting):
        if message.due_at is not None and message.send_on is not None:
            wall = message.due_at.astimezone(zoneinfo.ZoneInfo(was["time_zone"]))
            _put(session, message, home, wall.date(), wall.time(), message.send_on)


def _put(session: Session, message: Message, home: Organisation, on: dt.date, at: dt.time, send_on: dt.date) -> bool:
    zone = message.person.time_zone
    wanted = rules.moment(on, at, zone)
    opening = timing.leaves_at(wanted, due_at=wanted, send_on=send_on, zone=zone, hours=hours.of(home))
    due_at = opening or wanted  # past its day it is missed, and a person is asked
    look = {"look_at": due_at} if message.state == states.PLANNED else {}
    return rewrite(session, message, due_at=due_at, send_on=send_on, **look)
