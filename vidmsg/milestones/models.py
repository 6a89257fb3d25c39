"""Tables of the dates in somebody's life, and of each cycle's occurrence. An occurrence is unique by milestone and
cycle, never by date: a move changes `planned_on`, and a cycle once texted is never planned again."""

from __future__ import annotations

import datetime as dt

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from vidmsg.database import Base, UTCDateTime


class Milestone(Base):
    """A date that comes back, or comes once. Without a year no count is said."""

    __tablename__ = "milestone"

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id", ondelete="CASCADE"), index=True)
    kind: Mapped[str] = mapped_column(sa.String(30))
    title: Mapped[str] = mapped_column(sa.String(120), default="")
    month: Mapped[int] = mapped_column()
    day: Mapped[int] = mapped_column()
    year: Mapped[int | None] = mapped_column()
    active: Mapped[bool] = mapped_column(default=True)
    created_at: Mapped[dt.datetime] = mapped_column(UTCDateTime)


class Occurrence(Base):
    """This cycle's one."""

    __tablename__ = "occurrence"
    __table_args__ = (sa.UniqueConstraint("milestone_id", "cycle"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    milestone_id: Mapped[int] = mapped_column(sa.ForeignKey("milestone.id", ondelete="CASCADE"))
    cycle: Mapped[str] = mapped_column(sa.String(20))
    planned_on: Mapped[dt.date] = mapped_column(sa.Date, index=True)
    assignee_id: Mapped[int | None] = mapped_column(sa.ForeignKey("user.id", ondelete="SET NULL"))
