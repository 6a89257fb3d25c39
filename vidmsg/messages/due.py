"""Which messages want something done now: those to be sent, and those to be looked at again. Queries only, cheap by
partial indexes; who does it stands in sending.py and reconcile.py."""

from __future__ import annotations

import datetime as dt

import sqlalchemy as sa

from vidmsg.messages import states
from vidmsg.messages.models import Message
from vidmsg.videos.models import PREPARING, RECORDING, Video

IS_SCHEDULED = Message.state == sa.literal(states.SCHEDULED, literal_execute=True)
"""The state written out: a partial index is not used for a value that the planner can't see."""


def claimable(now: dt.datetime) -> sa.Select[str]:
    """Ids of due messages; one whose video is still recorded or prepared waits without being claimed."""
    return (
        sa.select(Message.id)
        .outerjoin(Video, Video.id == Message.video_id)
        .where(
            IS_SCHEDULED,
            Message.due_at <= now,
            sa.or_(Video.id.is_(None), Video.state.not_in((RECORDING, PREPARING))),
        )
        .order_by(Message.due_at, Message.id)
    )


def to_look_at(now: dt.datetime) -> sa.Select[Message]:
    """Messages whose moment has come: a dead lease, the next listing, the next question, a plan without a video."""
    return sa.select(Message).where(Message.look_at <= now).order_by(Message.look_at, Message.id)
