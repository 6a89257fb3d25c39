"""Tables of what is recorded: the upload as it arrives over tus, its chunks, the video that comes of it, and the
renditions prepared from it. Upload and video rows are jobs: live ingest follows an upload, preparing a video."""

from __future__ import annotations

import datetime as dt

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

import vidmsg.milestones.models  # noqa: F401  (an upload points to its occurrence's table)
from vidmsg.database import Base, UTCDateTime
from vidmsg.jobs import JobColumns, job_index
from vidmsg.tokens import new_token

TAKE, FILE = "take", "file"
OPEN, COMPLETE, CLOSED = "open", "complete", "closed"
RECORDING, PREPARING, PLAYABLE, READY, REFUSED, BROKEN = (
    "recording",
    "preparing",
    "playable",
    "ready",
    "refused",
    "failed",
)
QUICK, STANDARD, POSTER, PREVIEW = "quick", "standard", "poster", "preview"


class Video(Base, JobColumns):
    """What a rep recorded or picked. `state`: recording, preparing, playable (quick rendition), ready (standard one),
    refused (a picked file that is no video), failed (kept, but could not be prepared)."""

    __tablename__ = "video"
    __table_args__ = (
        job_index("video"),
        sa.Index("ix_video_owner", "owner_id", "created_at"),
        sa.Index(
            "ix_video_broken",
            "organisation_id",
            "created_at",
            postgresql_where=sa.text("state = 'failed'"),
            sqlite_where=sa.text("state = 'failed'"),
        ),
        sa.Index(
            "ix_video_discarded",
            "discarded_at",
            postgresql_where=sa.text("discarded_at IS NOT NULL"),
            sqlite_where=sa.text("discarded_at IS NOT NULL"),
        ),
    )

    id: Mapped[str] = mapped_column(sa.String(22), primary_key=True, default=new_token)
    organisation_id: Mapped[int] = mapped_column(sa.ForeignKey("organisation.id"))
    team_id: Mapped[int] = mapped_column(sa.ForeignKey("team.id"))
    owner_id: Mapped[int] = mapped_column(sa.ForeignKey("user.id"))
    person_id: Mapped[int | None] = mapped_column(sa.ForeignKey("person.id", ondelete="SET NULL"))
    kind: Mapped[str] = mapped_column(sa.String(5), default=TAKE)
    state: Mapped[str] = mapped_column(sa.String(10), default=RECORDING)
    duration_s: Mapped[float | None] = mapped_column()
    width: Mapped[int | None] = mapped_column()
    height: Mapped[int | None] = mapped_column()
    has_audio: Mapped[bool | None] = mapped_column()
    silent: Mapped[bool | None] = mapped_column()
    loudness: Mapped[float | None] = mapped_column()
    dark: Mapped[bool | None] = mapped_column()
    truncated: Mapped[bool] = mapped_column(default=False)
    problem_code: Mapped[str | None] = mapped_column(sa.String(30))
    problem: Mapped[str | None] = mapped_column(sa.String(300))
    created_at: Mapped[dt.datetime] = mapped_column(UTCDateTime)
    playable_at: Mapped[dt.datetime | None] = mapped_column(UTCDateTime)
    ready_at: Mapped[dt.datetime | None] = mapped_column(UTCDateTime)
    kept_at: Mapped[dt.datetime | None] = mapped_column(UTCDateTime)
    discarded_at: Mapped[dt.datetime | None] = mapped_column(UTCDateTime)

    renditions: Mapped[list[Rendition]] = relationship(order_by="Rendition.number")


class Upload(Base, JobColumns):
    """One tus upload. `client_id` is the recorder's own id of the take: creating it twice gives the same row.
    `length` is unknown (null) while a take is running. `state`: open, complete (all bytes came), closed (fell silent
    and was ended where it stood). `client_metadata` is what the client said, given back by HEAD. As a job: live
    ingest."""

    __tablename__ = "upload"
    __table_args__ = (
        job_index("upload"),
        sa.UniqueConstraint("user_id", "client_id"),
        sa.Index(
            "ix_upload_occurrence",
            "occurrence_id",
            postgresql_where=sa.text("occurrence_id IS NOT NULL"),
            sqlite_where=sa.text("occurrence_id IS NOT NULL"),
        ),
        sa.Index(
            "ix_upload_open",
            "moved_at",
            postgresql_where=sa.text("state = 'open'"),
            sqlite_where=sa.text("state = 'open'"),
        ),
        sa.Index(
            "ix_upload_closed",
            "moved_at",
            postgresql_where=sa.text("state = 'closed'"),
            sqlite_where=sa.text("state = 'closed'"),
        ),
    )

    id: Mapped[str] = mapped_column(sa.String(22), primary_key=True, default=new_token)
    video_id: Mapped[str] = mapped_column(sa.ForeignKey("video.id"), index=True)
    user_id: Mapped[int | None] = mapped_column(sa.ForeignKey("user.id"))
    occurrence_id: Mapped[int | None] = mapped_column(sa.ForeignKey("occurrence.id"))
    link_id: Mapped[int | None] = mapped_column(sa.ForeignKey("link.id"))
    client_id: Mapped[str] = mapped_column(sa.String(64), default=new_token)
    capability_digest: Mapped[str] = mapped_column(sa.String(64))
    kind: Mapped[str] = mapped_column(sa.String(5))
    content_type: Mapped[str] = mapped_column(sa.String(100), default="")
    client_metadata: Mapped[str] = mapped_column(sa.Text, default="")
    length: Mapped[int | None] = mapped_column(sa.BigInteger)
    offset: Mapped[int] = mapped_column(sa.BigInteger, default=0)
    state: Mapped[str] = mapped_column(sa.String(10), default=OPEN)
    created_at: Mapped[dt.datetime] = mapped_column(UTCDateTime)
    moved_at: Mapped[dt.datetime] = mapped_column(UTCDateTime)
    completed_at: Mapped[dt.datetime | None] = mapped_column(UTCDateTime)
    expires_at: Mapped[dt.datetime | None] = mapped_column(UTCDateTime)

    video: Mapped[Video] = relationship()


class Chunk(Base):
    """A piece of an upload under its own key. Only recorded chunks are ever joined."""

    __tablename__ = "chunk"
    __table_args__ = (sa.UniqueConstraint("upload_id", "offset"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    upload_id: Mapped[str] = mapped_column(sa.ForeignKey("upload.id"))
    offset: Mapped[int] = mapped_column(sa.BigInteger)
    length: Mapped[int] = mapped_column(sa.BigInteger)
    sha256: Mapped[str] = mapped_column(sa.String(64))
    key: Mapped[str] = mapped_column(sa.String(200), unique=True)


class Rendition(Base):
    """Bytes that never change: a numbered file made from a video. A retired one lives a day longer for open players."""

    __tablename__ = "rendition"
    __table_args__ = (
        sa.UniqueConstraint("video_id", "kind", "number"),
        sa.Index(
            "ix_rendition_retired",
            "retired_at",
            postgresql_where=sa.text("retired_at IS NOT NULL"),
            sqlite_where=sa.text("retired_at IS NOT NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    video_id: Mapped[str] = mapped_column(sa.ForeignKey("video.id"))
    kind: Mapped[str] = mapped_column(sa.String(10))
    number: Mapped[int] = mapped_column(default=1)
    key: Mapped[str] = mapped_column(sa.String(200), unique=True)
    content_type: Mapped[str] = mapped_column(sa.String(60))
    bytes: Mapped[int] = mapped_column(sa.BigInteger)
    width: Mapped[int | None] = mapped_column()
    height: Mapped[int | None] = mapped_column()
    duration_s: Mapped[float | None] = mapped_column()
    message_id: Mapped[str | None] = mapped_column(sa.ForeignKey("message.id"))
    created_at: Mapped[dt.datetime] = mapped_column(UTCDateTime)
    retired_at: Mapped[dt.datetime | None] = mapped_column(UTCDateTime)
