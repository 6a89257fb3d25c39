"""The table of visits to a customer's page: what was fetched, opened, played, and which parts were seen."""

from __future__ import annotations

import datetime as dt

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from vidmsg.database import Base, UTCDateTime
from vidmsg.messages.models import Link


class Visit(Base):
    """One look at a link. `visitor` is a random id from the page's own storage, empty where there is none.
    `intervals` are the played parts, pairs of seconds, sorted and merged, of a video of `length_s` seconds; `percent`
    is their share. Only `played_at` counts as watched."""

    __tablename__ = "visit"
    __table_args__ = (sa.UniqueConstraint("link_id", "page_id"), sa.Index("ix_visit_link", "link_id", "id"))

    id: Mapped[int] = mapped_column(primary_key=True)
    link_id: Mapped[int] = mapped_column(sa.ForeignKey("link.id"))
    page_id: Mapped[str] = mapped_column(sa.String(22))
    visitor: Mapped[str | None] = mapped_column(sa.String(22))
    crawler: Mapped[bool] = mapped_column(default=False)
    fetched_at: Mapped[dt.datetime] = mapped_column(UTCDateTime)
    opened_at: Mapped[dt.datetime | None] = mapped_column(UTCDateTime)
    played_at: Mapped[dt.datetime | None] = mapped_column(UTCDateTime)
    intervals: Mapped[list[list[float]]] = mapped_column(sa.JSON, default=list)
    length_s: Mapped[float | None] = mapped_column()
    percent: Mapped[int] = mapped_column(default=0)
    felt: Mapped[str | None] = mapped_column(sa.String(10))
    felt_at: Mapped[dt.datetime | None] = mapped_column(UTCDateTime)

    link: Mapped[Link] = relationship()
