"""Where a process is killed: sixteen named points on the way of a text. Each is put in from outside, around the
application's own functions, in the one process that is to die there; the application knows nothing of it."""

from __future__ import annotations

import functools
import http.client
import select
from collections.abc import Callable
from typing import Any

from flask import Flask

from vidmsg.calendar import planning
from vidmsg.messages import receipts, reconcile, sending, states
from vidmsg.sms.gateway import Gateway

Stop = Callable[[], None]


def _around(owner: Any, name: str, stop: Stop, *, first: bool = False, when: Callable[..., bool] | None = None) -> None:
    """Stop after (or `first`: before) each call of that function that `when` is true of."""
    inner = getattr(owner, name)

    def stopping(*args: Any, **more: Any) -> Any:
        if first:
            stop()
        result = inner(*args, **more)
        if when is None or when(*args, **more):
            stop()
        return result

    setattr(owner, name, stopping)


def _moving(to: str, mover: str) -> Callable[..., bool]:
    def when(_session: Any, _message: Any, there: str, **more: Any) -> bool:
        return there == to and more["mover"] == mover

    return when


def _half_out(stop: Stop) -> None:
    """The request is half on its way when its sender dies."""
    inner = http.client.HTTPConnection.send

    def send(self: http.client.HTTPConnection, data: Any) -> None:
        if b"Body=" in bytes(data):
            inner(self, data[: len(data) // 2])
            stop()
        inner(self, data)

    http.client.HTTPConnection.send = send  # type: ignore[method-assign, assignment]


def _unread(stop: Stop) -> None:
    """Twilio's answer has arrived, and nobody has read it."""
    inner = http.client.HTTPConnection.getresponse

    def getresponse(self: http.client.HTTPConnection) -> Any:
        select.select([self.sock], [], [])
        stop()
        return inner(self)

    http.client.HTTPConnection.getresponse = getresponse  # type: ignore[method-assign]


def _answered(app: Flask, stop: Stop) -> None:
    inner = app.view_functions["hooks.status"]

    @functools.wraps(inner)
    def status(**ids: str) -> Any:
        result = inner(**ids)
        stop()
        return result

    app.view_functions["hooks.status"] = status


POINTS: dict[str, Callable[[Flask, Stop], None]] = {
    "claiming: taken, not committed": lambda _, stop: _around(sending, "move_all", stop),
    "claimed: committed, nothing else": lambda _, stop: _around(sending, "claim", stop),
    "attempting: attempt written, not committed": lambda _, stop: _around(sending, "_attempt", stop),
    "submitting: attempt committed, no call yet": lambda _, stop: _around(sending, "call", stop, first=True),
    "writing: half of the request is out": lambda _, stop: _half_out(stop),
    "reading: Twilio's answer is there, unread": lambda _, stop: _unread(stop),
    "replied: answer read, nothing written": lambda _, stop: _around(Gateway, "send", stop),
    "settling: outcome written, not committed": lambda _, stop: _around(
        sending, "move", stop, when=_moving(states.ACCEPTED, states.SENDER)
    ),
    "settled: outcome committed": lambda _, stop: _around(sending, "settle", stop),
    "refused: 429 read, going back, not committed": lambda _, stop: _around(
        sending, "move", stop, when=_moving(states.SCHEDULED, states.SENDER)
    ),
    "receipt: callback written, not committed": lambda _, stop: _around(receipts, "apply", stop),
    "answered: callback committed, Twilio not told": _answered,
    "sweeping: a dead lease seen, not committed": lambda _, stop: _around(
        reconcile, "move", stop, when=_moving(states.UNKNOWN, states.SWEEPER)
    ),
    "finding: found in the list, not committed": lambda _, stop: _around(
        reconcile, "move", stop, when=_moving(states.ACCEPTED, states.RECONCILER)
    ),
    "resending: not listed twice, going back, not committed": lambda _, stop: _around(
        reconcile, "move", stop, when=_moving(states.SCHEDULED, states.RECONCILER)
    ),
    "planning: this year's day written, not committed": lambda _, stop: _around(planning, "_plan", stop),
}
