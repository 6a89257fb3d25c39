"""What becomes of planned days when their date, its rules or the person's zone changed, or the date was removed. A day
whose message has left is never touched; a moved day stays where a person put it; a message that still waits follows
its day, and the time of day that the rules say now."""

from __future__ import annotations

import datetime as dt
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from vidmsg import clock
from vidmsg.accounts.models import Organisation
from vidmsg.calendar import following
from vidmsg.calendar.following import Leaving
from vidmsg.messages import states
from vidmsg.messages.models import Message
from vidmsg.messages.move import move
from vidmsg.milestones import cycles
from vidmsg.milestones.cycles import Cycle, Pattern
from vidmsg.milestones.models import Occurrence
from vidmsg.milestones.rules import Rules
from vidmsg.videos.models import Upload

BACK = dt.timedelta(days=400)
YEAR = dt.timedelta(days=366)
UNSENT = frozenset({states.PLANNED, states.SCHEDULED, states.HELD, states.MISSED})
HARMLESS = UNSENT | {states.CANCELED}
NO_SUCH_DAY = "Its day was removed or changed."


def existing(session: Session, milestone_ids: list[int], today: dt.date) -> dict[int, list[Occurrence]]:
    """The rows of these milestones, older ones than a year left out."""
    query = sa.select(Occurrence).where(Occurrence.milestone_id.in_(milestone_ids))
    found: dict[int, list[Occurrence]] = {}
    for row in session.scalars(query.where(Occurrence.natural_on >= today - BACK)):
        found.setdefault(row.milestone_id, []).append(row)
    return found


def replan(
    session: Session, home: Organisation, row: Any, pattern: Pattern, rules: Rules, there: list[Occurrence]
) -> None:
    """Bring the rows of one milestone in line with what its date and rules say now."""
    days = [occurrence.natural_on for occurrence in there]
    near = cycles.between(pattern, rules, min(days) - YEAR, max(days) + YEAR) if row.active else ()
    wanted = {cycle.key: cycle for cycle in near}
    leaving = following.leaving(rules, home, row.time_zone)
    for occurrence in there:
        messages = _messages(session, occurrence)
        if any(message.state not in HARMLESS for message in messages):
            continue
        cycle = wanted.get(occurrence.cycle)
        if cycle:
            _bring_back(occurrence, messages)
        if occurrence.skipped_at:
            continue
        if cycle is None:
            _drop(session, occurrence, messages)
        else:
            _correct(session, home, occurrence, cycle, leaving, messages)


def _correct(
    session: Session,
    home: Organisation,
    occurrence: Occurrence,
    cycle: Cycle,
    leaving: Leaving,
    messages: list[Message],
) -> None:
    occurrence.natural_on, occurrence.count = cycle.natural, cycle.count
    day = occurrence.planned_on if occurrence.moved else cycle.kept
    if (day, leaving) == (occurrence.planned_on, following.known(occurrence)):
        return
    if all(following.follow(session, message, occurrence, day, home, leaving) for message in messages):
        occurrence.planned_on = day
        occurrence.send_at, occurrence.send_zone = leaving.at, leaving.zone


def _drop(session: Session, occurrence: Occurrence, messages: list[Message]) -> None:
    """No such day any more. One that something hangs on is put aside instead of deleted."""
    for message in messages:
        if message.state in UNSENT and not move(
            session, message, states.CANCELED, mover=states.PERSON, detail=NO_SUCH_DAY
        ):
            return  # it is just leaving
    if messages or _is_used(session, occurrence):
        occurrence.skipped_at = clock.now()
    else:
        session.delete(occurrence)
    session.flush()


def _bring_back(occurrence: Occurrence, messages: list[Message]) -> None:
    """We had put it aside ourselves, and the date is corrected back: it is there again, with room for a message."""
    for message in messages:
        if message.reason == NO_SUCH_DAY and message.tries == 0:
            occurrence.skipped_at = message.occurrence_id = None


def _messages(session: Session, occurrence: Occurrence) -> list[Message]:
    """The customer's; what a rep was asked by text does not keep a day from changing."""
    query = sa.select(Message).where(Message.occurrence_id == occurrence.id, Message.person_id == occurrence.person_id)
    return list(session.scalars(query))


def _is_used(session: Session, occurrence: Occurrence) -> bool:
    uses = (
        sa.select(Message.id).where(Message.occurrence_id == occurrence.id),
        sa.select(Upload.id).where(Upload.occurrence_id == occurrence.id),
    )
    return any(session.execute(query.limit(1)).first() is not None for query in uses)
