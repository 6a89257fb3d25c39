"""Tables of a message's way out: the message, each attempt with its exact body, every change of state, the link in
it, and what came back by text. A change of state is one UPDATE … WHERE state AND version plus one status_event, in
one transaction."""

from __future__ import annotations

import datetime as dt
import re

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from vidmsg.accounts.models import User
from vidmsg.database import Base, UTCDateTime
from vidmsg.people.models import Person
from vidmsg.tokens import new_token
from vidmsg.videos.models import Video

LAST_TOKEN = re.compile(r"/([\w-]{22})\s*$")  # of an address that a text ends with
GREETING, ASK, CONFIRM = "greeting", "ask", "confirm"  # purposes of a message
FORGOTTEN = "forgotten"  # what became of the purpose of one whose person was forgotten; it only counts
TROUBLED = "state IN ('unknown', 'unconfirmed', 'held', 'missed', 'failed', 'undelivered')"  # what wants a look
ASK_THE_REP, PLAIN_TEXT, LIBRARY_VIDEO = "ask", "text", "video"  # what happens to a planned one without a video


class Message(Base):
    """One text to one person. `purpose`: greeting to a customer, ask to a rep, confirm of a join page. `words` stand
    on the page, `body` is the text before its link. `due_at`: not before this moment, inside the hours; `wanted_at`:
    the moment that was chosen, whatever the hours. `send_on`: the day of the person that it is for; past that day it is
    missed; None: any day. `no_video`: what happens if a planned one has none when it is due: ask, text or video
    (`fallback_video_id`). `look_at`: when the clock looks again, which is the end of a lease (claimed, submitting), the
    next listing (unknown), the next question about its status (accepted, sent), the moment at which a planned one is
    due or the end of the day of one that is held; else empty. `about_id`: of which customer a text to a rep tells."""

    __tablename__ = "message"
    __table_args__ = (
        sa.UniqueConstraint("occurrence_id", "person_id"),
        sa.Index(
            "ix_message_due",
            "due_at",
            "id",
            postgresql_where=sa.text("state = 'scheduled'"),
            sqlite_where=sa.text("state = 'scheduled'"),
        ),
        sa.Index(
            "ix_message_look",
            "look_at",
            "id",
            postgresql_where=sa.text("look_at IS NOT NULL"),
            sqlite_where=sa.text("look_at IS NOT NULL"),
        ),
        sa.Index(
            "ix_message_trouble",
            "organisation_id",
            "state",
            "changed_at",
            postgresql_where=sa.text(TROUBLED),
            sqlite_where=sa.text(TROUBLED),
        ),
        sa.Index("ix_message_person", "person_id", "created_at"),
        sa.Index("ix_message_sender", "sender_id", "created_at"),
        sa.Index("ix_message_video", "video_id"),
        sa.Index("ix_message_phone", "phone"),
    )

    id: Mapped[str] = mapped_column(sa.String(22), primary_key=True, default=new_token)
    organisation_id: Mapped[int] = mapped_column(sa.ForeignKey("organisation.id"))
    team_id: Mapped[int] = mapped_column(sa.ForeignKey("team.id"))
    occurrence_id: Mapped[int | None] = mapped_column(sa.ForeignKey("occurrence.id"))
    person_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"))
    sender_id: Mapped[int] = mapped_column(sa.ForeignKey("user.id"))
    video_id: Mapped[str | None] = mapped_column(sa.ForeignKey("video.id"))
    purpose: Mapped[str] = mapped_column(sa.String(10), default="greeting", server_default="greeting")
    template_version_id: Mapped[int | None] = mapped_column(sa.ForeignKey("template_version.id"))
    request_key: Mapped[str] = mapped_column(sa.String(64), unique=True)
    phone: Mapped[str] = mapped_column(sa.String(20))
    body: Mapped[str] = mapped_column(sa.Text)
    words: Mapped[str] = mapped_column(sa.Text, default="")
    state: Mapped[str] = mapped_column(sa.String(12))
    error_code: Mapped[int | None] = mapped_column()
    reason: Mapped[str | None] = mapped_column(sa.String(200))
    version: Mapped[int] = mapped_column(default=0)
    due_at: Mapped[dt.datetime | None] = mapped_column(UTCDateTime)
    wanted_at: Mapped[dt.datetime | None] = mapped_column(UTCDateTime)
    send_on: Mapped[dt.date | None] = mapped_column(sa.Date)
    no_video: Mapped[str | None] = mapped_column(sa.String(5))
    fallback_video_id: Mapped[str | None] = mapped_column(sa.ForeignKey("video.id"))
    approved_by: Mapped[int | None] = mapped_column(sa.ForeignKey("user.id", ondelete="SET NULL"))
    about_id: Mapped[int | None] = mapped_column(sa.ForeignKey("person.id", ondelete="SET NULL"))
    owner: Mapped[str | None] = mapped_column(sa.String(22))
    look_at: Mapped[dt.datetime | None] = mapped_column(UTCDateTime)
    tries: Mapped[int] = mapped_column(default=0)
    created_at: Mapped[dt.datetime] = mapped_column(UTCDateTime)
    changed_at: Mapped[dt.datetime] = mapped_column(UTCDateTime)

    person: Mapped[Person] = relationship(foreign_keys=[person_id])
    sender: Mapped[User] = relationship(foreign_keys=[sender_id])
    video: Mapped[Video | None] = relationship(foreign_keys=[video_id])
    link: Mapped[Link | None] = relationship(
        back_populates="message",
        uselist=False,
        primaryjoin="and_(Message.id == Link.message_id, Link.replaced_at.is_(None))",
        viewonly=True,
    )
    attempts: Mapped[list[Attempt]] = relationship(order_by="Attempt.number", viewonly=True)

    @classmethod
    def shown_to(cls, _user_id: int) -> sa.ColumnElement[bool]:
        """What anybody may see, apart from the walls: of whom was forgotten nothing."""
        return cls.purpose != FORGOTTEN

    @property
    def shown(self) -> str:
        """The text as pages show it: the link at the end of one to a rep is a key that is hers alone."""
        return LAST_TOKEN.sub("/…", self.body) if self.purpose == ASK else self.body


class Attempt(Base):
    """One call to Twilio, committed with its exact body before the call is made."""

    __tablename__ = "attempt"
    __table_args__ = (
        sa.UniqueConstraint("message_id", "number"),
        sa.Index("ix_attempt_created", "created_at"),
        sa.Index("ix_attempt_phone", "phone"),
    )

    id: Mapped[str] = mapped_column(sa.String(22), primary_key=True, default=new_token)
    message_id: Mapped[str] = mapped_column(sa.ForeignKey("message.id"))
    number: Mapped[int] = mapped_column()
    sender_number: Mapped[str] = mapped_column(sa.String(40))
    phone: Mapped[str] = mapped_column(sa.String(20))
    body: Mapped[str] = mapped_column(sa.Text)
    segments: Mapped[int] = mapped_column(default=1)
    sid: Mapped[str | None] = mapped_column(sa.String(34), unique=True)
    outcome: Mapped[str | None] = mapped_column(sa.String(12))
    error_code: Mapped[int | None] = mapped_column()
    error: Mapped[str | None] = mapped_column(sa.String(300))
    empty_listings: Mapped[int] = mapped_column(default=0)
    created_at: Mapped[dt.datetime] = mapped_column(UTCDateTime)
    settled_at: Mapped[dt.datetime | None] = mapped_column(UTCDateTime)


class StatusEvent(Base):
    """One change of a message's state: from, to, who moved it, why."""

    __tablename__ = "status_event"
    __table_args__ = (sa.Index("ix_status_event_message", "message_id", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    message_id: Mapped[str] = mapped_column(sa.ForeignKey("message.id"))
    attempt_id: Mapped[str | None] = mapped_column(sa.ForeignKey("attempt.id"))
    from_state: Mapped[str | None] = mapped_column(sa.String(12))
    to_state: Mapped[str] = mapped_column(sa.String(12))
    mover: Mapped[str] = mapped_column(sa.String(20))
    error_code: Mapped[int | None] = mapped_column()
    detail: Mapped[str | None] = mapped_column(sa.String(300))
    at: Mapped[dt.datetime] = mapped_column(UTCDateTime)


class Link(Base):
    """What the text points to, apart from the message: it can expire, be revoked, be replaced or point elsewhere."""

    __tablename__ = "link"

    id: Mapped[int] = mapped_column(primary_key=True)
    token: Mapped[str] = mapped_column(sa.String(22), unique=True, default=new_token)
    message_id: Mapped[str] = mapped_column(sa.ForeignKey("message.id"), index=True)
    video_id: Mapped[str] = mapped_column(sa.ForeignKey("video.id"))
    created_at: Mapped[dt.datetime] = mapped_column(UTCDateTime)
    expires_at: Mapped[dt.datetime | None] = mapped_column(UTCDateTime)
    revoked_at: Mapped[dt.datetime | None] = mapped_column(UTCDateTime)
    replaced_at: Mapped[dt.datetime | None] = mapped_column(UTCDateTime)

    message: Mapped[Message] = relationship()
    video: Mapped[Video] = relationship()


class Inbound(Base):
    """A text that came back. `kind`: stop, start, help, text, or unsure: somebody must look before more goes."""

    __tablename__ = "inbound"
    __table_args__ = (
        sa.Index("ix_inbound_person", "person_id", "at"),
        sa.Index(
            "ix_inbound_unseen",
            "organisation_id",
            "at",
            postgresql_where=sa.text("seen_at IS NULL"),
            sqlite_where=sa.text("seen_at IS NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    sid: Mapped[str] = mapped_column(sa.String(34), unique=True)
    organisation_id: Mapped[int] = mapped_column(sa.ForeignKey("organisation.id"))
    person_id: Mapped[int | None] = mapped_column(sa.ForeignKey("person.id", ondelete="SET NULL"))
    message_id: Mapped[str | None] = mapped_column(sa.ForeignKey("message.id"))
    from_number: Mapped[str] = mapped_column(sa.String(20))
    to_number: Mapped[str] = mapped_column(sa.String(20))
    body: Mapped[str] = mapped_column(sa.Text)
    kind: Mapped[str] = mapped_column(sa.String(6))
    at: Mapped[dt.datetime] = mapped_column(UTCDateTime)
    seen_at: Mapped[dt.datetime | None] = mapped_column(UTCDateTime)

    person: Mapped[Person | None] = relationship()
    message: Mapped[Message | None] = relationship()


class Template(Base):
    """A text to begin with, by kind of date or for any (`kind` None). Its words are in the newest version."""

    __tablename__ = "template"

    id: Mapped[int] = mapped_column(primary_key=True)
    organisation_id: Mapped[int] = mapped_column(sa.ForeignKey("organisation.id"), index=True)
    name: Mapped[str] = mapped_column(sa.String(80))
    kind: Mapped[str | None] = mapped_column(sa.String(30))
    archived_at: Mapped[dt.datetime | None] = mapped_column(UTCDateTime)
    created_at: Mapped[dt.datetime] = mapped_column(UTCDateTime)

    versions: Mapped[list[TemplateVersion]] = relationship(order_by="TemplateVersion.number")


class TemplateVersion(Base):
    """The words of a template as they were from one moment on. Never changed: a message names its version."""

    __tablename__ = "template_version"
    __table_args__ = (sa.UniqueConstraint("template_id", "number"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    template_id: Mapped[int] = mapped_column(sa.ForeignKey("template.id", ondelete="CASCADE"))
    number: Mapped[int] = mapped_column()
    body: Mapped[str] = mapped_column(sa.Text)
    words: Mapped[str] = mapped_column(sa.Text, default="")
    author_id: Mapped[int | None] = mapped_column(sa.ForeignKey("user.id", ondelete="SET NULL"))
    created_at: Mapped[dt.datetime] = mapped_column(UTCDateTime)


class SenderRate(Base):
    """When a sender may text again, for all workers together: the theoretical arrival time of the generic cell rate
    algorithm."""

    __tablename__ = "sender_rate"

    sender: Mapped[str] = mapped_column(sa.String(40), primary_key=True)
    free_at: Mapped[dt.datetime] = mapped_column(UTCDateTime)
