"""Whom to ask by text now: reps who chose it, in their hours, and those of their open days that want a text. Reads
only; a constant number of queries however many reps there are, because the clock asks each second."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload

from vidmsg import clock
from vidmsg.accounts.models import Organisation, User
from vidmsg.asking.admitting import LIFE
from vidmsg.asking.models import RecordLink
from vidmsg.calendar import known, today
from vidmsg.messages import caps, hours, states, window
from vidmsg.messages.models import ASK, Message
from vidmsg.milestones.models import Milestone, Occurrence
from vidmsg.milestones.rules import LONGEST_LEAD
from vidmsg.people.models import GRANTED, Person
from vidmsg.videos.models import CLOSED, OPEN, TAKE, Upload, Video

STOPPED = dt.timedelta(minutes=10)
DAY = dt.timedelta(days=1)
BATCH = 50
# Written out, so that the partial indexes are taken.
_IS_OPEN = Upload.state == sa.literal(OPEN, literal_execute=True)
_IS_CLOSED = Upload.state == sa.literal(CLOSED, literal_execute=True)


def ready(session: Session) -> list[User]:
    """Reps to whom a text would leave at once: they want it, have not stopped it, and these are their hours."""
    chose = (User.text_to_record.is_(True), User.active.is_(True), known.said() == GRANTED)
    query = sa.select(User, Person).join(Person, Person.user_id == User.id).where(*chose).order_by(User.id)
    rows = session.execute(query.options(joinedload(User.organisation))).all()
    now = clock.now()
    return [
        user
        for user, own in rows
        if user.organisation and window.is_open(now, user.zone, hours.of(user.organisation, own))
    ]


def days(session: Session, reps: Sequence[User]) -> list[tuple[int, int]]:
    """Which of them is to be asked about which day, the nearest day first. None of a house whose texts for today are
    used up: a text that would only wait is not written."""
    used_up = _used_up(session, {rep.organisation_id for rep in reps})
    by_id = {rep.id: rep for rep in reps if rep.organisation_id not in used_up}
    rows = session.execute(_open(list(by_id.values()))) if by_id else ()
    return [(row.assignee_id, row.id) for row in rows if _is_due(row, by_id[row.assignee_id])]


def unfinished(session: Session, reps: Sequence[User]) -> list[int]:
    """Links of theirs whose take began, and stopped on its way ten minutes ago, and nobody said so yet. One that was
    closed meanwhile, as it is while it is night for her, counts the same: the rest is on her phone still."""
    silent = Upload.moved_at < clock.now() - STOPPED
    opened = sa.select(Upload.id).where(_IS_OPEN, silent)
    closed = sa.select(Upload.id).where(_IS_CLOSED, silent, Upload.moved_at > clock.now() - LIFE)
    query = (
        sa.select(sa.func.max(RecordLink.id))
        .join(Upload, Upload.id == RecordLink.upload_id)
        .join(Video, Video.id == Upload.video_id)
        .where(RecordLink.upload_id.in_(sa.union_all(opened, closed)), Upload.kind == TAKE)
        .where(Video.discarded_at.is_(None), RecordLink.nudged_at.is_(None))
        .where(RecordLink.user_id.in_([rep.id for rep in reps]))
        .group_by(Upload.id)
    )
    return list(session.scalars(query.limit(BATCH)))


def stage(occurrence: Any, on: dt.date, zone: str, *, anew: bool = False) -> dict[str, dt.datetime]:
    """What is noted with the text that is due when her clock shows the day `on`; nothing while none is. `anew`: what
    was noted came to nothing. That the day is within its lead time the caller knows."""
    ahead = (occurrence.planned_on - on).days
    noted = (None, None) if anew else (occurrence.asked_at, occurrence.reminded_at)
    asked, reminded = (_date(moment, zone) for moment in noted)
    put_off = occurrence.snoozed_until
    if ahead < 0 or asked == on or (put_off is not None and put_off > on):
        return {}
    first = asked is None or (put_off is not None and asked < put_off)
    eve = ahead == 1 and (reminded is None or reminded < on)
    now = clock.now()
    if first:
        return {"asked_at": now, **({"reminded_at": now} if ahead <= 1 else {})}
    return {"reminded_at": now} if eve else {}


def never_left(occurrence_id: Any, user_id: Any) -> sa.Select[RecordLink]:
    """Links to record whose text was stopped on its way out, by the day's number or the end of her hours. Then she was
    not asked, whatever was noted."""
    stopped = sa.or_(
        Message.state == states.MISSED,
        sa.and_(Message.state == states.HELD, Message.reason.contains(caps.USED_UP, autoescape=True)),
    )
    return (
        sa.select(RecordLink)
        .join(Message, Message.id == RecordLink.message_id)
        .where(RecordLink.occurrence_id == occurrence_id, RecordLink.user_id == user_id)
        .where(RecordLink.ended_at.is_(None), RecordLink.nudged_at.is_(None))
        .where(Message.purpose == ASK, Message.tries == 0, stopped)
    )


def _open(reps: Sequence[User]) -> sa.Select[Any]:
    """Days of theirs that may want a text; the rest is told by each rep's clock."""
    morrows = {_today(rep) + DAY for rep in reps}
    stopped = never_left(Occurrence.id, Occurrence.assignee_id).correlate(Occurrence).exists()
    columns: list[Any] = [
        Occurrence.id, Occurrence.organisation_id, Occurrence.team_id, Occurrence.assignee_id, Occurrence.planned_on,
        Occurrence.snoozed_until, Occurrence.asked_at, Occurrence.reminded_at, Person.time_zone, Milestone.lead_days,
        stopped.label("stopped"),
    ]  # fmt: skip
    people = sa.join(Occurrence, Person, Person.id == Occurrence.person_id)
    unasked = sa.or_(Occurrence.asked_at.is_(None), Occurrence.snoozed_until.is_not(None))
    return (
        sa.select(*columns)
        .select_from(people.join(Milestone, Milestone.id == Occurrence.milestone_id))
        .where(Occurrence.id.in_(_near(reps)), *today.unanswered(), known.said() == GRANTED)
        .where(sa.or_(unasked, Occurrence.planned_on.in_(morrows), stopped))
        .order_by(Occurrence.planned_on, Occurrence.id)
    )


def _near(reps: Sequence[User]) -> sa.CompoundSelect[int]:
    """Days within the lead time of their house, by the index of a rep's days; and those of dates with a lead of their
    own, which are few, said so that just these are looked at."""
    on, ids = [_today(rep) for rep in reps], [rep.id for rep in reps]
    house = max(rep.organisation.lead_days for rep in reps if rep.organisation)
    near = Occurrence.planned_on.between(min(on) - DAY, max(on) + house * DAY)
    later = Occurrence.planned_on.between(min(on) - DAY, max(on) + LONGEST_LEAD * DAY)
    own = Occurrence.milestone_id.in_(sa.select(Milestone.id).where(Milestone.lead_days.is_not(None)))
    hers = sa.select(Occurrence.id).where(Occurrence.assignee_id.in_(ids), near)
    return sa.union_all(hers, sa.select(Occurrence.id).where(own, later, (Occurrence.assignee_id + 0).in_(ids)))


def _is_due(row: Any, rep: User) -> bool:
    on, zone, home = _today(rep), rep.zone, rep.organisation
    if home is None or row.organisation_id != home.id or not (rep.is_manager or rep.team_id == row.team_id):
        return False  # on the other side of the wall, whatever the row says
    lead = home.lead_days if row.lead_days is None else row.lead_days
    is_over = row.planned_on < clock.local(clock.now(), row.time_zone).date()
    if is_over or row.planned_on > on + lead * DAY:
        return False
    return bool(stage(row, on, zone, anew=row.stopped))


def _used_up(session: Session, home_ids: set[int | None]) -> set[int | None]:
    homes = session.scalars(sa.select(Organisation).where(Organisation.id.in_(home_ids))) if home_ids else ()
    return {home.id for home in homes if caps.day(session, home) is not None}


def _today(rep: User) -> dt.date:
    return clock.local(clock.now(), rep.zone).date()


def _date(moment: dt.datetime | None, zone: str) -> dt.date | None:
    return clock.local(moment, zone).date() if moment else None
