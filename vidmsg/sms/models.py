"""Tables of the practice phone: Twilio as far as we use it, in rows. They hold no truth of ours; a test or a bench
may keep them in a database of their own."""

from __future__ import annotations

import datetime as dt

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from vidmsg.database import Base, UTCDateTime
from vidmsg.jobs import JobColumns, job_index


class SimulatedMessage(Base):
    """A text on the simulated network, either way."""

    __tablename__ = "simulated_message"
    __table_args__ = (sa.Index("ix_simulated_message_numbers", "customer", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    sid: Mapped[str] = mapped_column(sa.String(34), unique=True)
    direction: Mapped[str] = mapped_column(sa.String(14))
    customer: Mapped[str] = mapped_column(sa.String(20))
    sender: Mapped[str] = mapped_column(sa.String(40))
    body: Mapped[str] = mapped_column(sa.Text)
    media_url: Mapped[str | None] = mapped_column(sa.String(500))
    status: Mapped[str] = mapped_column(sa.String(12))
    error_code: Mapped[int | None] = mapped_column()
    segments: Mapped[int] = mapped_column(default=1)
    callback_url: Mapped[str | None] = mapped_column(sa.String(500))
    created_at: Mapped[dt.datetime] = mapped_column(UTCDateTime)
    sent_at: Mapped[dt.datetime | None] = mapped_column(UTCDateTime)
    updated_at: Mapped[dt.datetime] = mapped_column(UTCDateTime)


class SimulatedCall(Base, JobColumns):
    """A webhook that the simulated Twilio owes us: a status callback or an inbound text. The row is the job."""

    __tablename__ = "simulated_call"
    __table_args__ = (job_index("simulated_call"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    url: Mapped[str] = mapped_column(sa.String(500))
    form: Mapped[dict[str, str]] = mapped_column(sa.JSON)
    sid: Mapped[str] = mapped_column(sa.String(34))
    status: Mapped[str | None] = mapped_column(sa.String(12))
    created_at: Mapped[dt.datetime] = mapped_column(UTCDateTime)


class SimulatedOptOut(Base):
    """Numbers that Twilio itself would block for this sender."""

    __tablename__ = "simulated_opt_out"

    customer: Mapped[str] = mapped_column(sa.String(20), primary_key=True)
    sender: Mapped[str] = mapped_column(sa.String(40), primary_key=True)
    at: Mapped[dt.datetime] = mapped_column(UTCDateTime)
