"""Which messages want something done now: those to be sent, and those to be looked at again. Queries only, cheap by
partial indexes; who does it stands in sending.py and reconcile.py."""

from __future__ import annotations

import datetime as dt

import sqlalchemy as sa

from vidmsg.messages import states
from vidmsg.messages.models import Message
from vidmsg.videos.models import PREPARING, RECORDING, Video


def claimable(now: dt.datetime) -> sa.Select[Message]:
    """Due messages; one whose video is still recorded or prepared waits without being claimed."""
    return (
        sa.select(Message)
        .outerjoin(Video, Video.id == Message.video_id)
        .where(
            Message.state == states.SCHEDULED,
            Message.due_at <= now,
            sa.or_(Video.id.is_(None), Video.state.not_in((RECORDING, PREPARING))),
        )
        .order_by(Message.due_at, Message.id)
    )


def to_look_at(now: dt.datetime) -> sa.Select[Message]:
    """Messages whose moment has come: a dead lease, the next listing, the next question."""
    return sa.select(Message).where(Message.look_at <= now).order_by(Message.look_at, Message.id)
