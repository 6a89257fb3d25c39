"""Tables of the dates in somebody's life, and of each cycle's occurrence. An occurrence is unique by milestone and
cycle, never by date: a move changes `planned_on`, and a cycle once texted is never planned again."""

from __future__ import annotations

import datetime as dt

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from vidmsg.accounts.models import User
from vidmsg.database import Base, UTCDateTime
from vidmsg.people.models import Company, Person

COUNTED = ("kind", "active", "leap", "weekend", "team_id")
OWN_LEAD = sa.text("lead_days IS NOT NULL")
SHOWN = ("assignee_id", "kind", "skipped_at", "person_id")


class Milestone(Base):
    """A date of a person, or of her company, whom then she stands for. Yearly kinds use month, day and perhaps year;
    the others `on_date`, check-ins `step` and `unit` too; see milestones/cycles.py. Empty rule columns follow the
    organisation. `next_on`: the first natural day that is not yet planned, None when none comes any more. Organisation
    and team repeat the person's, for the calendar's sake."""

    __tablename__ = "milestone"
    __table_args__ = (
        sa.Index("ix_milestone_next", "next_on", "id"),
        # The rest of their columns are there so that far years are counted from the index alone.
        sa.Index("ix_milestone_day", "organisation_id", "month", "day", "id", *COUNTED),
        sa.Index("ix_milestone_date", "organisation_id", "on_date", "id", *COUNTED, "step", "unit"),
        # One birthday, one start as a customer: a list that is taken in twice changes, and adds none.
        sa.Index("ix_milestone_person_kind", "person_id", "kind"),
        sa.Index("ix_milestone_lead", "id", postgresql_where=OWN_LEAD, sqlite_where=OWN_LEAD),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    organisation_id: Mapped[int] = mapped_column(sa.ForeignKey("organisation.id"))
    team_id: Mapped[int] = mapped_column(sa.ForeignKey("team.id"))
    person_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id", ondelete="CASCADE"))
    company_id: Mapped[int | None] = mapped_column(sa.ForeignKey("company.id", ondelete="CASCADE"))
    kind: Mapped[str] = mapped_column(sa.String(30))
    title: Mapped[str] = mapped_column(sa.String(120), default="")
    month: Mapped[int | None] = mapped_column()
    day: Mapped[int | None] = mapped_column()
    year: Mapped[int | None] = mapped_column()
    on_date: Mapped[dt.date | None] = mapped_column(sa.Date)
    step: Mapped[int | None] = mapped_column()
    unit: Mapped[str | None] = mapped_column(sa.String(6))
    series: Mapped[int] = mapped_column(default=1)
    target: Mapped[int | None] = mapped_column()
    leap: Mapped[str | None] = mapped_column(sa.String(5))
    weekend: Mapped[str | None] = mapped_column(sa.String(6))
    lead_days: Mapped[int | None] = mapped_column()
    send_at: Mapped[dt.time | None] = mapped_column(sa.Time)
    send_zone: Mapped[str | None] = mapped_column(sa.String(6))
    no_video: Mapped[str | None] = mapped_column(sa.String(5))
    active: Mapped[bool] = mapped_column(default=True)
    next_on: Mapped[dt.date | None] = mapped_column(sa.Date)
    created_at: Mapped[dt.datetime] = mapped_column(UTCDateTime)

    person: Mapped[Person] = relationship()
    company: Mapped[Company | None] = relationship()


class Occurrence(Base):
    """This cycle's one. `natural_on` is the day in the calendar, `planned_on` the day on which it is kept; `moved`
    once a person chose it. `send_at` and `send_zone` (an IANA name): when its text leaves by the rules as they were
    when it was planned last. Organisation, team, person and kind repeat the milestone's, for the calendar's sake."""

    __tablename__ = "occurrence"
    __table_args__ = (
        sa.UniqueConstraint("milestone_id", "cycle"),
        # The rest of their columns are there so that a month, and what has no video, is counted from the index alone.
        sa.Index("ix_occurrence_organisation", "organisation_id", "planned_on", "id", *SHOWN),
        sa.Index("ix_occurrence_team", "team_id", "planned_on", "id", *SHOWN),
        sa.Index("ix_occurrence_assignee", "assignee_id", "planned_on", "id"),
        sa.Index("ix_occurrence_person", "person_id", "planned_on"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    milestone_id: Mapped[int] = mapped_column(sa.ForeignKey("milestone.id", ondelete="CASCADE"))
    organisation_id: Mapped[int] = mapped_column(sa.ForeignKey("organisation.id"))
    team_id: Mapped[int] = mapped_column(sa.ForeignKey("team.id"))
    person_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id", ondelete="CASCADE"))
    kind: Mapped[str] = mapped_column(sa.String(30))
    cycle: Mapped[str] = mapped_column(sa.String(20))
    count: Mapped[int | None] = mapped_column()
    natural_on: Mapped[dt.date] = mapped_column(sa.Date)
    planned_on: Mapped[dt.date] = mapped_column(sa.Date)
    moved: Mapped[bool] = mapped_column(default=False)
    send_at: Mapped[dt.time | None] = mapped_column(sa.Time)
    send_zone: Mapped[str | None] = mapped_column(sa.String(60))
    assignee_id: Mapped[int | None] = mapped_column(sa.ForeignKey("user.id", ondelete="SET NULL"))
    snoozed_until: Mapped[dt.date | None] = mapped_column(sa.Date)
    skipped_at: Mapped[dt.datetime | None] = mapped_column(UTCDateTime)
    asked_at: Mapped[dt.datetime | None] = mapped_column(UTCDateTime)
    reminded_at: Mapped[dt.datetime | None] = mapped_column(UTCDateTime)
    created_at: Mapped[dt.datetime] = mapped_column(UTCDateTime)

    milestone: Mapped[Milestone] = relationship()
    person: Mapped[Person] = relationship()
    assignee: Mapped[User | None] = relationship()
