"""What the clock asks each second: is a message due, has the moment come to look at one again. Light, because every
process loads it; sending and looking, and with them the SDK, are loaded when there is something to do."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import sqlalchemy as sa
from flask import Flask

from vidmsg import clock
from vidmsg.database import reading
from vidmsg.jobs import Drain, Jobs
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


def register(app: Flask) -> None:
    """Let the workers of the sms queue do both."""
    registry: Jobs = app.extensions["jobs"]

    def send() -> bool:
        from vidmsg.messages import sending

        return sending.send_due(registry.stopping)

    registry.register_drain(Drain("sms", _look, lambda: _any(to_look_at)))
    registry.register_drain(Drain("sms", send, lambda: _any(claimable)))


def _look() -> bool:
    from vidmsg.messages import reconcile

    return reconcile.look()


def _any(query: Callable[[dt.datetime], sa.Select[Message]]) -> bool:
    with reading() as session:
        return session.execute(query(clock.now()).limit(1)).first() is not None
