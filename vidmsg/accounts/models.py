"""Tables of the organisation and the people who work in it. Teams are walls: a rep sees her own team's people only;
a manager sees the whole organisation."""

from __future__ import annotations

import datetime as dt
from typing import Any

import sqlalchemy as sa
from flask_security.core import RoleMixin, UserMixin
from sqlalchemy.ext.mutable import MutableList
from sqlalchemy.orm import Mapped, mapped_column, relationship

from vidmsg.database import Base, UTCDateTime
from vidmsg.tokens import new_token

MANAGER, REP = "manager", "rep"


class Installation(Base):
    """One row: what ties this database to its storage, and the one-time link that makes the first manager. By
    `generation` and `place` a copy is known; see messages/copies.py."""

    __tablename__ = "installation"

    id: Mapped[int] = mapped_column(primary_key=True)
    marker: Mapped[str] = mapped_column(sa.String(22), default=new_token)
    setup_digest: Mapped[str | None] = mapped_column(sa.String(64))
    frozen_reason: Mapped[str | None] = mapped_column(sa.String(200))
    frozen_at: Mapped[dt.datetime | None] = mapped_column(UTCDateTime)
    public_url: Mapped[str | None] = mapped_column(sa.String(200))
    generation: Mapped[int] = mapped_column(default=0, server_default="0")
    counted_at: Mapped[dt.datetime | None] = mapped_column(UTCDateTime)
    place: Mapped[str | None] = mapped_column(sa.String(64))
    simulator_sid: Mapped[str] = mapped_column(sa.String(34))
    simulator_token: Mapped[str] = mapped_column(sa.String(32))


class Organisation(Base):
    """Who customers know: the name and number under every video, the colour, the home zone and country."""

    __tablename__ = "organisation"
    __table_args__ = (sa.Index("uq_organisation_join_token", "join_token", unique=True),)

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(sa.String(80))
    phone: Mapped[str] = mapped_column(sa.String(20))
    time_zone: Mapped[str] = mapped_column(sa.String(60))
    country: Mapped[str] = mapped_column(sa.String(2))
    accent: Mapped[str] = mapped_column(sa.String(7), default="#b4420f")
    created_at: Mapped[dt.datetime] = mapped_column(UTCDateTime)

    # How dates become days and texts, unless a date says otherwise; see milestones/rules.py.
    leap: Mapped[str] = mapped_column(sa.String(5), default="feb28", server_default="feb28")
    weekend: Mapped[str] = mapped_column(sa.String(6), default="on", server_default="on")
    holidays: Mapped[str] = mapped_column(sa.String(2), default="", server_default="")
    lead_days: Mapped[int] = mapped_column(default=3, server_default="3")
    send_at: Mapped[dt.time] = mapped_column(sa.Time, default=dt.time(9, 10), server_default="09:10:00")
    send_zone: Mapped[str] = mapped_column(sa.String(6), default="theirs", server_default="theirs")
    no_video: Mapped[str] = mapped_column(sa.String(5), default="ask", server_default="ask")

    # Decency; see messages/window.py and messages/caps.py. `allowed_countries` are two letters each, by commas; empty
    # means the organisation's own.
    opens: Mapped[int] = mapped_column(default=9, server_default="9")
    closes: Mapped[int] = mapped_column(default=20, server_default="20")
    opens_sunday: Mapped[int] = mapped_column(default=12, server_default="12")
    allowed_countries: Mapped[str] = mapped_column(sa.String(600), default="", server_default="")
    person_daily_cap: Mapped[int] = mapped_column(default=2, server_default="2")
    daily_cap: Mapped[int] = mapped_column(default=500, server_default="500")
    approval: Mapped[bool] = mapped_column(default=False, server_default=sa.false())

    # The public join page; without a token there is none.
    join_token: Mapped[str | None] = mapped_column(sa.String(22))


class Team(Base):
    """A wall inside the organisation. The sample team is a demo, removable in one click."""

    __tablename__ = "team"

    id: Mapped[int] = mapped_column(primary_key=True)
    organisation_id: Mapped[int] = mapped_column(sa.ForeignKey("organisation.id"))
    name: Mapped[str] = mapped_column(sa.String(80))
    sample: Mapped[bool] = mapped_column(default=False)


user_role = sa.Table(
    "user_role",
    Base.metadata,
    sa.Column("user_id", sa.ForeignKey("user.id", ondelete="CASCADE"), primary_key=True),
    sa.Column("role_id", sa.ForeignKey("role.id"), primary_key=True),
)


class Role(Base, RoleMixin):  # type: ignore[misc, unused-ignore]
    """What a person may do: manager or rep."""

    __tablename__ = "role"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(sa.String(20), unique=True)
    description: Mapped[str | None] = mapped_column(sa.String(200))
    permissions: Mapped[list[str] | None] = mapped_column(sa.JSON)


class User(Base, UserMixin):  # type: ignore[misc, unused-ignore]
    """A manager or rep who signs in. Columns from `fs_uniquifier` on are Flask-Security's."""

    __tablename__ = "user"
    __table_args__ = (sa.Index("uq_user_email_lower", sa.text("lower(email)"), unique=True),)

    id: Mapped[int] = mapped_column(primary_key=True)
    organisation_id: Mapped[int | None] = mapped_column(sa.ForeignKey("organisation.id"))
    team_id: Mapped[int | None] = mapped_column(sa.ForeignKey("team.id"))
    name: Mapped[str] = mapped_column(sa.String(80), default="")
    face_key: Mapped[str | None] = mapped_column(sa.String(200))
    time_zone: Mapped[str | None] = mapped_column(sa.String(60))
    text_to_record: Mapped[bool] = mapped_column(default=False, server_default=sa.false())
    texts_from: Mapped[int | None] = mapped_column()  # her own hours for such texts; see messages/hours.py
    texts_until: Mapped[int | None] = mapped_column()
    created_at: Mapped[dt.datetime | None] = mapped_column(UTCDateTime)
    email: Mapped[str] = mapped_column(sa.String(255), unique=True)
    password: Mapped[str | None] = mapped_column(sa.String(255))
    active: Mapped[bool] = mapped_column(default=True)
    fs_uniquifier: Mapped[str] = mapped_column(sa.String(64), unique=True)
    tf_primary_method: Mapped[str | None] = mapped_column(sa.String(64))
    tf_totp_secret: Mapped[str | None] = mapped_column(sa.String(255))
    tf_last_counter: Mapped[int | None] = mapped_column(sa.BigInteger)
    # Flask-Security takes a used code out of the list in place; a plain JSON column would not notice.
    mf_recovery_codes: Mapped[list[str] | None] = mapped_column(MutableList.as_mutable(sa.JSON()))

    roles: Mapped[list[Role]] = relationship(secondary=user_role, lazy="selectin")  # type: ignore[assignment]
    organisation: Mapped[Organisation | None] = relationship()
    team: Mapped[Team | None] = relationship()

    @property
    def is_manager(self) -> bool:
        """Whether this person plans for and sees the whole organisation."""
        return any(role.name == MANAGER for role in self.roles)

    @property
    def first_name(self) -> str:
        """The name a customer would say."""
        return self.name.split(" ")[0] if self.name else self.email.split("@")[0]

    @property
    def zone(self) -> str:
        """The clock that she lives by, an IANA name: her own, else the organisation's."""
        return self.time_zone or (self.organisation.time_zone if self.organisation else "UTC")


class Invitation(Base):
    """A one-time link that a manager hands over; only the digest of its token is kept."""

    __tablename__ = "invitation"

    id: Mapped[int] = mapped_column(primary_key=True)
    organisation_id: Mapped[int] = mapped_column(sa.ForeignKey("organisation.id"))
    team_id: Mapped[int] = mapped_column(sa.ForeignKey("team.id"))
    email: Mapped[str] = mapped_column(sa.String(255))
    name: Mapped[str] = mapped_column(sa.String(80), default="")
    role: Mapped[str] = mapped_column(sa.String(20), default=REP)
    token_digest: Mapped[str] = mapped_column(sa.String(64), unique=True)
    invited_by: Mapped[int] = mapped_column(sa.ForeignKey("user.id"))
    created_at: Mapped[dt.datetime] = mapped_column(UTCDateTime)
    expires_at: Mapped[dt.datetime] = mapped_column(UTCDateTime)
    accepted_at: Mapped[dt.datetime | None] = mapped_column(UTCDateTime)


class Audit(Base):
    """Who did what to what, and when. Ids only, no names or numbers."""

    __tablename__ = "audit"

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[dt.datetime] = mapped_column(UTCDateTime, index=True)
    organisation_id: Mapped[int | None] = mapped_column(sa.ForeignKey("organisation.id"))
    user_id: Mapped[int | None] = mapped_column(sa.ForeignKey("user.id", ondelete="SET NULL"))
    action: Mapped[str] = mapped_column(sa.String(60))
    subject: Mapped[str] = mapped_column(sa.String(60), default="")
    detail: Mapped[dict[str, Any] | None] = mapped_column(sa.JSON)
