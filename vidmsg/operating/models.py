"""Tables of whoever runs it: the first text of an account, by the form that it was sent from."""

from __future__ import annotations

import datetime as dt

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from vidmsg.database import Base, UTCDateTime


class FirstText(Base):
    """A text that the installer sent herself to try the account. Neither sid nor trouble: it is being sent."""

    __tablename__ = "first_text"

    key: Mapped[str] = mapped_column(sa.String(22), primary_key=True)
    organisation_id: Mapped[int] = mapped_column(sa.ForeignKey("organisation.id"))
    user_id: Mapped[int | None] = mapped_column(sa.ForeignKey("user.id", ondelete="SET NULL"))
    at: Mapped[dt.datetime] = mapped_column(UTCDateTime)
    sid: Mapped[str | None] = mapped_column(sa.String(34))
    trouble: Mapped[str | None] = mapped_column(sa.String(300))
