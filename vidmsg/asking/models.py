"""The table of the one-time links by which a rep records from a text."""

from __future__ import annotations

import datetime as dt

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from vidmsg.accounts.models import User
from vidmsg.database import Base, UTCDateTime
from vidmsg.milestones.models import Occurrence
from vidmsg.videos.models import Upload


class RecordLink(Base):
    """Leave for one rep to record for one occurrence, without signing in. Only the digest of its token is kept. It
    ends when the take is kept, when somebody else is asked, or after a while. `message_id`: the text that it stands in;
    `upload_id`: the take begun last by it; `nudged_at`: when she was told that this take is not all up."""

    __tablename__ = "record_link"
    __table_args__ = (
        sa.Index("ix_record_link_occurrence", "occurrence_id"),
        sa.Index("ix_record_link_message", "message_id"),
        sa.Index("ix_record_link_upload", "upload_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    token_digest: Mapped[str] = mapped_column(sa.String(64), unique=True)
    occurrence_id: Mapped[int] = mapped_column(sa.ForeignKey("occurrence.id", ondelete="CASCADE"))
    user_id: Mapped[int] = mapped_column(sa.ForeignKey("user.id", ondelete="CASCADE"))
    message_id: Mapped[str | None] = mapped_column(sa.ForeignKey("message.id", ondelete="SET NULL"))
    upload_id: Mapped[str | None] = mapped_column(sa.ForeignKey("upload.id", ondelete="SET NULL"))
    nudged_at: Mapped[dt.datetime | None] = mapped_column(UTCDateTime)
    created_at: Mapped[dt.datetime] = mapped_column(UTCDateTime)
    expires_at: Mapped[dt.datetime] = mapped_column(UTCDateTime)
    ended_at: Mapped[dt.datetime | None] = mapped_column(UTCDateTime)

    occurrence: Mapped[Occurrence] = relationship()
    user: Mapped[User] = relationship()
    upload: Mapped[Upload | None] = relationship()
