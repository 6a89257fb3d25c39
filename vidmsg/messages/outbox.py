"""What the clock asks each second: is a message due, has the moment come to look at one again. Light, because every
process loads it; sending and looking, and with them the SDK, are loaded when there is something to do."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import sqlalchemy as sa
from flask import Flask

from vidmsg import clock
from vidmsg.database import reading
from vidmsg.jobs import Drain, Jobs
from vidmsg.messages import copies, due, frozen


def register(app: Flask) -> None:
    """Let the workers of the sms queue do both."""
    registry: Jobs = app.extensions["jobs"]

    def send() -> bool:
        from vidmsg.messages import sending

        return sending.send_due(registry.stopping)

    registry.every_second(copies.Counting(app).tick)
    registry.register_drain(Drain("sms", send, lambda: _any(due.claimable)))
    registry.register_drain(Drain("sms", _look, lambda: _any(due.to_look_at)))
    registry.register_drain(Drain("sms", _look_up, _is_frozen))


def _look() -> bool:
    from vidmsg.messages import reconcile

    return reconcile.look()


def _look_up() -> bool:
    from vidmsg.messages import thawing

    return thawing.look()


def _is_frozen() -> bool:
    with reading() as session:
        if frozen.reason(session) is None:
            return False
    from vidmsg.messages import thawing

    return thawing.is_due()


def _any(query: Callable[[dt.datetime], sa.Select[Any]]) -> bool:
    with reading() as session:
        return session.execute(query(clock.now()).limit(1)).first() is not None
