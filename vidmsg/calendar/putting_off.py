"""“Not today”: a rep is asked about a day of hers again on another one; and letting go of a day that is over. Both hold
only while it is still hers and stands where she saw it. The day itself stays where it is: that is moving."""

from __future__ import annotations

import datetime as dt
from typing import Any, cast

import sqlalchemy as sa
from flask_babel import format_date
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from vidmsg import clock
from vidmsg.accounts import audit
from vidmsg.accounts.models import User
from vidmsg.calendar.planning import LATE
from vidmsg.errors import Sentence
from vidmsg.milestones.models import Occurrence


class CannotPutOff(Sentence):
    """Why she is still asked as before."""


class PastItsDay(CannotPutOff):
    """That would be after the day itself: fine, once she knows."""


def put_off(session: Session, occurrence: Occurrence, user_id: int, until: dt.date, *, late_is_fine: bool) -> None:
    """Ask her again when her clock shows `until`, and not before. Raises CannotPutOff; PastItsDay unless
    `late_is_fine`."""
    today, day = _today(occurrence), occurrence.planned_on
    if until <= clock.local(clock.now(), session.get_one(User, user_id).zone).date():
        raise CannotPutOff(_("That day is here already. Choose a later one."))
    if until > day + LATE:
        last = format_date(day + LATE, "d MMMM")
        raise CannotPutOff(_("We ask until %(day)s, then it is too long ago. Choose a day until then.", day=last))
    if until > day >= today and not late_is_fine:
        values = {"name": occurrence.person.first_name, "day": format_date(day, "EEEE d MMMM")}
        late = _("That is after %(name)s's day, %(day)s, and nothing goes late by itself.", **values)
        raise PastItsDay(late + " " + _("Choose an earlier one, or say that late is fine."))
    _set(session, occurrence, user_id, snoozed_until=until)
    subject = f"occurrence:{occurrence.id}"
    audit.record(session, user_id, occurrence.organisation_id, "occurrence.put_off", subject)


def let_be(session: Session, occurrence: Occurrence, user_id: int) -> None:
    """Her day is over and nothing will come of it. Raises CannotPutOff while it is still to come."""
    if occurrence.planned_on >= _today(occurrence):
        raise CannotPutOff(_("This day is still to come. Put it off, or hand it to a colleague."))
    _set(session, occurrence, user_id, skipped_at=clock.now())
    subject = f"occurrence:{occurrence.id}"
    audit.record(session, user_id, occurrence.organisation_id, "occurrence.let_be", subject)


def _today(occurrence: Occurrence) -> dt.date:
    return clock.local(clock.now(), occurrence.person.time_zone).date()


def _set(session: Session, occurrence: Occurrence, user_id: int, **values: Any) -> None:
    still = (
        Occurrence.assignee_id == user_id,
        Occurrence.planned_on == occurrence.planned_on,
        Occurrence.skipped_at.is_(None),
    )
    update = sa.update(Occurrence).where(Occurrence.id == occurrence.id, *still).values(**values)
    result = session.execute(update.execution_options(synchronize_session=False))
    if cast("sa.CursorResult[Any]", result).rowcount != 1:
        raise CannotPutOff(_("Somebody was faster and changed this day. Here is what is left."))
