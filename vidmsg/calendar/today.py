"""Whom a rep is asked to record for: the open days of hers, the nearest first, each as a card with why now and what is
known of the person. From the lead time on through the day, and after it for as long as planning looks back. Reads
only; it may not know how a message is sent."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from flask_babel import format_date, ngettext
from flask_babel import gettext as _
from sqlalchemy.orm import Session, joinedload

from vidmsg import clock
from vidmsg.accounts.models import Organisation, User
from vidmsg.calendar import known, standing
from vidmsg.calendar.known import Known
from vidmsg.calendar.planning import HORIZON, LATE
from vidmsg.messages import speaking, states
from vidmsg.messages.models import Message
from vidmsg.milestones import kinds, words
from vidmsg.milestones.kinds import Kind
from vidmsg.milestones.models import Milestone, Occurrence
from vidmsg.people.models import GRANTED, Person

NEAREST = 250  # days looked at on each side of today: more than a person can record for, and the page stays quick
A_WEEK = 6


@dataclass(frozen=True)
class Due:
    """An open day of hers. `away`: in how many days it is where the person lives, negative once it is over. `natural`:
    the day itself, where it is kept on another. `agreed`: whether the person said yes to texts."""

    occurrence_id: int
    person_id: int
    first_name: str
    name: str
    of_kind: str
    title: str
    count: int | None
    on: dt.date
    natural: dt.date
    away: int
    agreed: bool

    @property
    def kind(self) -> Kind:
        """Of what kind the day is."""
        return kinds.of(self.of_kind)

    @property
    def occasion(self) -> str:
        """What is kept: “Five years with us”."""
        return words.occasion(self.of_kind, self.title, self.count)

    @property
    def when(self) -> str:
        """“Tomorrow”, “Friday”, “3 days ago”."""
        near = {0: _("Today"), 1: _("Tomorrow"), -1: _("Yesterday")}
        if self.away in near:
            return str(near[self.away])
        if self.away < 0:
            return str(ngettext("%(num)s day ago", "%(num)s days ago", -self.away))
        return str(format_date(self.on, "EEEE" if self.away <= A_WEEK else "d MMMM"))

    @property
    def line(self) -> str:
        """The same with the occasion: “Birthday, tomorrow”."""
        when = self.when
        return f"{self.occasion}, {when[:1].lower() + when[1:] if abs(self.away) <= 1 else when}"


@dataclass(frozen=True)
class Card:
    """An open day with the person and what is known of her."""

    due: Due
    person: Person
    known: Known


def due(session: Session, user: User) -> list[Due]:
    """Every open day of the user's, the nearest first; of two equally near the one that is still to come. One query,
    which also knows those who have not agreed to texts; whoever asked us to stop, or is left in peace, is not in it."""
    home = user.organisation
    if home is None:
        return []
    today = clock.local(clock.now(), user.time_zone or home.time_zone).date()
    rows = session.execute(_open(user, today)).all()
    found = [_due(row) for row in rows if row.planned_on <= today + dt.timedelta(days=_lead(row, home))]
    return sorted(found, key=lambda one: (abs(one.away), one.away < 0, one.on, one.occurrence_id))


def cards(session: Session, chosen: Sequence[Due]) -> list[Card]:
    """These days with their people. Three queries."""
    ids = [one.person_id for one in chosen]
    people = {person.id: person for person in session.scalars(sa.select(Person).where(Person.id.in_(ids)))}
    about = known.of(session, list(people))
    return [Card(one, people[one.person_id], about[one.person_id]) for one in chosen if one.person_id in people]


def plan(session: Session, due: Due) -> Message | None:
    """The text that somebody planned for this day, and that waits for its video."""
    mine = (Message.occurrence_id == due.occurrence_id, Message.person_id == due.person_id)
    waits = sa.or_(Message.state == states.PLANNED, speaking.is_held_for_a_name())
    query = sa.select(Message).where(*mine, waits)
    return session.scalars(query.options(joinedload(Message.sender))).one_or_none()


def following(session: Session, user: User) -> Due | None:
    """The one that Today would show first."""
    return next((one for one in due(session, user) if one.agreed), None)


def unanswered() -> tuple[sa.ColumnElement[bool], ...]:
    """What makes a day an open one, whosever and whenever it is; for queries of an Occurrence and its Person."""
    there = (Occurrence.kind.in_(kinds.KINDS), Occurrence.skipped_at.is_(None))
    return *there, known.is_not_paused(), _not_stopped(), ~_has_message(), ~standing.has_take()


def part_of_day(now: dt.datetime) -> str:
    """morning, afternoon or evening on a wall clock."""
    if 4 <= now.hour < 12:
        return "morning"
    return "afternoon" if 12 <= now.hour < 18 else "evening"


def _open(user: User, today: dt.date) -> sa.Select[Any]:
    columns: list[Any] = [
        Occurrence.id, Occurrence.kind, Occurrence.count, Occurrence.planned_on, Occurrence.natural_on,
        Occurrence.person_id, Person.first_name, Person.last_name, Person.time_zone, Milestone.title,
        Milestone.lead_days, known.said().label("said"),
    ]  # fmt: skip
    people = sa.join(Occurrence, Person, Person.id == Occurrence.person_id)
    inside = [Occurrence.organisation_id == user.organisation_id]
    if not user.is_manager:
        inside.append(Occurrence.team_id == user.team_id)
    return (
        sa.select(*columns)
        .select_from(people.join(Milestone, Milestone.id == Occurrence.milestone_id))
        .where(Occurrence.id.in_(_nearest(user, today)), *inside)
        .where(_is_awake(today), *unanswered())
    )


def _nearest(user: User, today: dt.date) -> sa.CompoundSelect[int]:
    """The days on both sides of today, each side ended by the index of a rep's days alone."""
    hers = sa.select(Occurrence.id).where(Occurrence.assignee_id == user.id)
    coming = hers.where(Occurrence.planned_on.between(today, today + HORIZON))
    coming = coming.order_by(Occurrence.planned_on, Occurrence.id).limit(NEAREST)
    over = hers.where(Occurrence.planned_on >= today - LATE, Occurrence.planned_on < today)
    over = over.order_by(Occurrence.planned_on.desc(), Occurrence.id.desc()).limit(NEAREST)
    return sa.union_all(sa.select(coming.subquery().c.id), sa.select(over.subquery().c.id))


def _is_awake(today: dt.date) -> sa.ColumnElement[bool]:
    return sa.or_(Occurrence.snoozed_until.is_(None), Occurrence.snoozed_until <= today)


def _not_stopped() -> sa.ColumnElement[bool]:
    return sa.func.coalesce(known.said(), GRANTED) == GRANTED


def _has_message() -> sa.ColumnElement[bool]:
    """Somebody wrote for this day; a plan that still waits for its video is no answer yet, nor one that is held since
    its day was handed over."""
    message = sa.orm.aliased(Message)
    plan = sa.or_(message.state == states.PLANNED, speaking.is_held_for_a_name(message))
    waits = sa.and_(plan, message.video_id.is_(None))
    return sa.exists().where(
        message.occurrence_id == Occurrence.id, message.person_id == Occurrence.person_id, sa.not_(waits)
    )


def _lead(row: Any, home: Organisation) -> int:
    return home.lead_days if row.lead_days is None else int(row.lead_days)


def _due(row: Any) -> Due:
    return Due(
        occurrence_id=row.id,
        person_id=row.person_id,
        first_name=row.first_name,
        name=f"{row.first_name} {row.last_name}".strip(),
        of_kind=row.kind,
        title=row.title,
        count=row.count,
        on=row.planned_on,
        natural=row.natural_on,
        away=(row.planned_on - clock.local(clock.now(), row.time_zone).date()).days,
        agreed=row.said == GRANTED,
    )
