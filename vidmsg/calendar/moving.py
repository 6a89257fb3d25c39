"""Moving a day and handing it to a colleague. Both hold only while the day is as the person at the screen saw it, and
never once its text has begun to leave."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any, cast

import sqlalchemy as sa
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from vidmsg import clock
from vidmsg.accounts import audit
from vidmsg.accounts.models import Organisation, User
from vidmsg.calendar import following
from vidmsg.calendar.planning import LATE
from vidmsg.errors import Sentence
from vidmsg.messages import speaking, states
from vidmsg.messages.models import Message
from vidmsg.milestones.models import Occurrence
from vidmsg.people.models import Person

FARTHEST = dt.timedelta(days=366)
OPEN = (states.PLANNED, states.HELD, states.MISSED, states.CANCELED)  # a day whose text is so may be recorded for
Listener = Callable[[Session, int, int | None], None]
_listeners: list[Listener] = []


def on_handing(listener: Listener) -> None:
    """Let a feature above hear, in the same transaction, which day is handed to whom; None: to nobody yet."""
    if listener not in _listeners:
        _listeners.append(listener)


class CannotMove(Sentence):
    """Why this day stays as it is."""


def move(session: Session, occurrence: Occurrence, day: dt.date, was: dt.date, user_id: int) -> None:
    """Put it on `day`, if it still stands on `was`; a message that waits goes with it. Raises CannotMove."""
    today = clock.local(clock.now(), occurrence.person.time_zone).date()
    if day < today:
        raise CannotMove(_("That day is over. Choose one from today on."))
    if abs(day - occurrence.natural_on) > FARTHEST:
        raise CannotMove(_("That is more than a year away. Choose a day nearer to the real one."))
    _lock(session, occurrence)
    home = session.get_one(Organisation, occurrence.organisation_id)
    for message in _messages(session, occurrence):
        if not following.follow(session, message, occurrence, day, home):
            raise CannotMove(_("Too late to move: the text has left."))
    _set(session, occurrence, Occurrence.planned_on == was, planned_on=day, moved=True, snoozed_until=None)
    audit.record(session, user_id, occurrence.organisation_id, "occurrence.move", f"occurrence:{occurrence.id}")


def assign(session: Session, occurrence: Occurrence, to: User, was: int | None, user_id: int) -> None:
    """Hand it to `to`, if it is still with `was`. Links to record that were sent to somebody else end, the new one is
    asked in her turn, and a text that waits for her video is from her. Raises CannotMove."""
    if not to.active or not may_look_after(to, occurrence):
        raise CannotMove(_("This colleague does not look after this person’s team."))
    with_whom = Occurrence.assignee_id.is_(None) if was is None else Occurrence.assignee_id == was
    _set(session, occurrence, with_whom, assignee_id=to.id, asked_at=None, reminded_at=None, snoozed_until=None)
    _tell(session, occurrence.id, to.id)
    speaking.hand_over(session, occurrence.id, to)
    subject = f"occurrence:{occurrence.id}"
    audit.record(session, user_id, occurrence.organisation_id, "occurrence.assign", subject, {"to": to.id})


def go_along(session: Session, person: Person, was: int | None, to: User, by: int) -> None:
    """She is with `to` now, and so are her days that nobody else was given and nobody has recorded for."""
    nobodys = sa.or_(Occurrence.assignee_id.is_(None), Occurrence.assignee_id == was)
    done = sa.select(Message.id).where(Message.occurrence_id == Occurrence.id, Message.state.not_in(OPEN)).exists()
    open_days = (Occurrence.person_id == person.id, Occurrence.planned_on >= clock.now().date() - LATE)
    query = sa.select(Occurrence).where(*open_days, Occurrence.skipped_at.is_(None), nobodys, ~done)
    locked = query.order_by(Occurrence.id).with_for_update().execution_options(populate_existing=True)
    for day in session.scalars(locked).all():
        if day.assignee_id != to.id:
            assign(session, day, to, day.assignee_id, by)


def hand_back(session: Session, occurrence: Occurrence, was: int, user_id: int) -> None:
    """Nobody has it any more, so that a manager gives it to somebody. Raises CannotMove."""
    still = Occurrence.assignee_id == was
    _set(session, occurrence, still, assignee_id=None, asked_at=None, reminded_at=None, snoozed_until=None)
    _tell(session, occurrence.id, None)
    audit.record(session, user_id, occurrence.organisation_id, "occurrence.hand_back", f"occurrence:{occurrence.id}")


def may_look_after(user: User, day: Occurrence) -> bool:
    """Whether this person is inside her walls, which may have moved since it was given to her."""
    return user.organisation_id == day.organisation_id and (user.is_manager or user.team_id == day.team_id)


def _tell(session: Session, occurrence_id: int, to: int | None) -> None:
    for listener in _listeners:
        listener(session, occurrence_id, to)


def _lock(session: Session, occurrence: Occurrence) -> None:
    session.execute(sa.select(Occurrence.id).where(Occurrence.id == occurrence.id).with_for_update())


def _messages(session: Session, occurrence: Occurrence) -> list[Message]:
    mine = (Message.occurrence_id == occurrence.id, Message.person_id == occurrence.person_id)
    return list(session.scalars(sa.select(Message).where(*mine)))


def _set(session: Session, occurrence: Occurrence, still: sa.ColumnElement[bool], **values: Any) -> None:
    result = session.execute(
        sa.update(Occurrence)
        .where(Occurrence.id == occurrence.id, Occurrence.skipped_at.is_(None), still)
        .values(**values)
        .execution_options(synchronize_session=False)
    )
    if cast("sa.CursorResult[Any]", result).rowcount != 1:
        raise CannotMove(_("Somebody was faster and changed this day. Here it is as it stands now."))
    session.refresh(occurrence)
