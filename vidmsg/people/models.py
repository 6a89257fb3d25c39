"""Tables of the people we care about: customers and colleagues, their companies, what was noted, and the ledger of
who agreed to texts. The ledger is kept by number and only ever grows."""

from __future__ import annotations

import datetime as dt
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship, validates

from vidmsg.accounts.models import User
from vidmsg.database import Base, UTCDateTime

CUSTOMER, COLLEAGUE, FORGOTTEN = "customer", "colleague", "forgotten"
GRANTED, REVOKED = "granted", "revoked"


def folded(name: str) -> str:
    """A name to compare by, however its letters are written."""
    return name.strip().casefold()


class Company(Base):
    """A firm with several contacts. A team has one of each name."""

    __tablename__ = "company"
    __table_args__ = (sa.Index("uq_company_name", "team_id", "folded", unique=True),)

    id: Mapped[int] = mapped_column(primary_key=True)
    organisation_id: Mapped[int] = mapped_column(sa.ForeignKey("organisation.id"))
    team_id: Mapped[int] = mapped_column(sa.ForeignKey("team.id"))
    name: Mapped[str] = mapped_column(sa.String(120))
    folded: Mapped[str] = mapped_column(sa.String(360), default="", server_default="")  # of `name`

    @validates("name")
    def _fold(self, _key: str, name: str) -> str:
        self.folded = folded(name)
        return name


class Person(Base):
    """Somebody who may get a video. `phone` is E.164; `time_zone` an IANA name, and `zone_is_guess` where neither the
    number told it nor anybody here."""

    __tablename__ = "person"
    __table_args__ = (
        sa.Index("ix_person_number", "phone", "organisation_id"),  # a text comes back with a number alone
        sa.Index("ix_person_team", "team_id", "last_name", "id"),
        sa.Index("ix_person_folded", "team_id", "folded"),
        sa.Index("ix_person_owner", "owner_id"),
        # Of reps alone: else SQLite takes it for the shortest way to a rep's customers, who are all no reps.
        sa.Index(
            "uq_person_user",
            "user_id",
            unique=True,
            postgresql_where=sa.text("user_id IS NOT NULL"),
            sqlite_where=sa.text("user_id IS NOT NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    organisation_id: Mapped[int] = mapped_column(sa.ForeignKey("organisation.id"))
    team_id: Mapped[int] = mapped_column(sa.ForeignKey("team.id"))
    owner_id: Mapped[int | None] = mapped_column(sa.ForeignKey("user.id", ondelete="SET NULL"))
    company_id: Mapped[int | None] = mapped_column(sa.ForeignKey("company.id"))
    kind: Mapped[str] = mapped_column(sa.String(10), default=CUSTOMER)
    first_name: Mapped[str] = mapped_column(sa.String(60))
    last_name: Mapped[str] = mapped_column(sa.String(60), default="")
    folded: Mapped[str] = mapped_column(sa.String(363), default="", server_default="")  # of the whole name
    phone: Mapped[str | None] = mapped_column(sa.String(20))
    time_zone: Mapped[str] = mapped_column(sa.String(60))
    zone_is_guess: Mapped[bool] = mapped_column(default=False, server_default=sa.false())
    visits: Mapped[int | None] = mapped_column()  # as a list counted them last
    hold_until: Mapped[dt.datetime | None] = mapped_column(UTCDateTime)
    hold_reason: Mapped[str | None] = mapped_column(sa.String(200))
    # A rep who is texted to record is a person too, so that consent, quiet hours and the engine are the same for her.
    user_id: Mapped[int | None] = mapped_column(sa.ForeignKey("user.id", ondelete="CASCADE"))
    created_at: Mapped[dt.datetime] = mapped_column(UTCDateTime)

    owner: Mapped[User | None] = relationship(foreign_keys=[owner_id])
    user: Mapped[User | None] = relationship(foreign_keys=[user_id])
    company: Mapped[Company | None] = relationship()

    @validates("first_name", "last_name")
    def _fold(self, key: str, name: str) -> str:
        both = {"first_name": self.first_name, "last_name": self.last_name, key: name}
        self.folded = folded(f"{both['first_name'] or ''} {both['last_name'] or ''}")
        return name

    @classmethod
    def shown_to(cls, user_id: int) -> sa.ColumnElement[bool]:
        """Whom this user may see, apart from the walls: a rep's own row, with the links that she gets by text, is hers
        alone. Nobody sees a row that is there only because texts point to it."""
        return sa.and_(cls.kind != FORGOTTEN, sa.or_(cls.user_id.is_(None), cls.user_id == user_id))

    @property
    def name(self) -> str:
        """First and last name as people say them."""
        return f"{self.first_name} {self.last_name}".strip()

    @property
    def initials(self) -> str:
        """One or two letters for the face."""
        return (self.first_name[:1] + self.last_name[:1]).upper()


class Consent(Base):
    """One entry of the ledger: a number said yes or no; when, to whom, in which words, where from."""

    __tablename__ = "consent"
    __table_args__ = (sa.Index("ix_consent_number", "organisation_id", "phone", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    organisation_id: Mapped[int] = mapped_column(sa.ForeignKey("organisation.id"))
    phone: Mapped[str] = mapped_column(sa.String(20))
    person_id: Mapped[int | None] = mapped_column(sa.ForeignKey("person.id", ondelete="SET NULL"))
    action: Mapped[str] = mapped_column(sa.String(10))
    words: Mapped[str] = mapped_column(sa.Text)
    source: Mapped[str] = mapped_column(sa.String(60))
    purpose: Mapped[str] = mapped_column(sa.String(60), default="personal video texts")
    recorded_by: Mapped[int | None] = mapped_column(sa.ForeignKey("user.id", ondelete="SET NULL"))
    at: Mapped[dt.datetime] = mapped_column(UTCDateTime)


class Note(Base):
    """Something a person told us, with its date; `topic` is family, occupation, recreation, dreams or none."""

    __tablename__ = "note"

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id", ondelete="CASCADE"), index=True)
    author_id: Mapped[int | None] = mapped_column(sa.ForeignKey("user.id", ondelete="SET NULL"))
    topic: Mapped[str | None] = mapped_column(sa.String(12))
    text: Mapped[str] = mapped_column(sa.Text)
    at: Mapped[dt.datetime] = mapped_column(UTCDateTime)

    author: Mapped[User | None] = relationship()


class ImportBatch(Base):
    """One list of people: looked at, taken in, perhaps taken back. `source` is the file, kept between looking and
    taking in, a day at most; `mapping` what its columns mean. `started_at` is renewed by whoever is taking it in."""

    __tablename__ = "import_batch"

    id: Mapped[int] = mapped_column(primary_key=True)
    organisation_id: Mapped[int] = mapped_column(sa.ForeignKey("organisation.id"), index=True)
    team_id: Mapped[int] = mapped_column(sa.ForeignKey("team.id"))
    user_id: Mapped[int | None] = mapped_column(sa.ForeignKey("user.id", ondelete="SET NULL"))
    file_name: Mapped[str] = mapped_column(sa.String(120))
    added: Mapped[int] = mapped_column(default=0)
    changed: Mapped[int] = mapped_column(default=0)
    refused: Mapped[int] = mapped_column(default=0)
    source: Mapped[bytes | None] = mapped_column(sa.LargeBinary, deferred=True)
    mapping: Mapped[dict[str, Any] | None] = mapped_column(sa.JSON)
    created_at: Mapped[dt.datetime] = mapped_column(UTCDateTime)
    started_at: Mapped[dt.datetime | None] = mapped_column(UTCDateTime)
    applied_at: Mapped[dt.datetime | None] = mapped_column(UTCDateTime)
    undone_at: Mapped[dt.datetime | None] = mapped_column(UTCDateTime)


class ImportChange(Base):
    """What a list did to one person. `before` holds the values it replaced; None: the person was new."""

    __tablename__ = "import_change"

    id: Mapped[int] = mapped_column(primary_key=True)
    batch_id: Mapped[int] = mapped_column(sa.ForeignKey("import_batch.id", ondelete="CASCADE"), index=True)
    person_id: Mapped[int | None] = mapped_column(sa.ForeignKey("person.id", ondelete="SET NULL"))
    before: Mapped[dict[str, Any] | None] = mapped_column(sa.JSON)
    made: Mapped[dict[str, Any]] = mapped_column(sa.JSON, default=dict)


class JoinRequest(Base):
    """Somebody filled in the public join page. The yes by text that confirms it is in the ledger. `month`, `day`: the
    birthday that was typed for a number that is known; it is kept once the yes is there."""

    __tablename__ = "join_request"
    __table_args__ = (
        sa.Index("ix_join_request_phone", "phone", "organisation_id"),
        sa.Index("ix_join_request_at", "organisation_id", "at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    organisation_id: Mapped[int] = mapped_column(sa.ForeignKey("organisation.id"))
    person_id: Mapped[int | None] = mapped_column(sa.ForeignKey("person.id", ondelete="SET NULL"))
    phone: Mapped[str] = mapped_column(sa.String(20))
    words: Mapped[str] = mapped_column(sa.Text)
    month: Mapped[int | None] = mapped_column()
    day: Mapped[int | None] = mapped_column()
    at: Mapped[dt.datetime] = mapped_column(UTCDateTime)
    confirmed_at: Mapped[dt.datetime | None] = mapped_column(UTCDateTime)
