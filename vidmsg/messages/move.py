"""One change of a message's state: an UPDATE that holds only while state and version are as they were read, and one
status_event in the same transaction. Whoever was second moves nothing. It knows no conditions, only the table; what is
held it lets the clock look at again when its day is over."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, cast

import sqlalchemy as sa
from sqlalchemy.orm import Session

from vidmsg import clock
from vidmsg.messages import leaving, states
from vidmsg.messages.models import Message, StatusEvent


class ForbiddenMove(RuntimeError):
    """A move that the table does not know: a mistake in our code, never a matter of timing."""


def move(
    session: Session,
    message: Message,
    to: str,
    *,
    mover: str,
    attempt_id: str | None = None,
    error_code: int | None = None,
    detail: str | None = None,
    **values: Any,
) -> bool:
    """Move `message` to `to` and write `values` with it; `detail` is a sentence for people, kept as the reason too.

    False, with nothing written and the row read anew, when somebody else moved it first. Raises ForbiddenMove."""
    before = message.state
    _check(before, to, mover)
    now = clock.now()
    look_at = leaving.day_ends(message) if to == states.HELD else None
    written = {"look_at": look_at, "owner": None, "reason": detail, "error_code": error_code, **values}
    moved = _compare_and_set(session, message, {"state": to, "changed_at": now, **written})
    if moved:
        session.add(
            StatusEvent(
                message_id=message.id,
                attempt_id=attempt_id,
                from_state=before,
                to_state=to,
                mover=mover,
                error_code=error_code,
                detail=detail,
                at=now,
            )
        )
        session.flush()
    session.refresh(message)
    return moved


def rewrite(session: Session, message: Message, **values: Any) -> bool:
    """Write `values` to a message that stays in its state. False, with nothing written and the row read anew, when
    somebody changed it meanwhile."""
    written = _compare_and_set(session, message, values)
    session.refresh(message)
    return written


def move_all(session: Session, ids: Sequence[str], before: str, to: str, *, mover: str, **values: Any) -> list[str]:
    """Move these messages from `before` to `to` in two statements; the ids of those that were still there. The caller
    holds their rows locked, so that state alone tells whether somebody was faster. Raises ForbiddenMove."""
    _check(before, to, mover)
    now = clock.now()
    moved = session.scalars(
        sa.update(Message)
        .where(Message.id.in_(ids), Message.state == before)
        .values(state=to, version=Message.version + 1, changed_at=now, reason=None, error_code=None, **values)
        .returning(Message.id)
        .execution_options(synchronize_session=False)
    ).all()
    event = {"from_state": before, "to_state": to, "mover": mover, "at": now}
    values_of_event = [sa.literal(value, StatusEvent.__table__.c[name].type) for name, value in event.items()]
    rows = sa.select(Message.id, *values_of_event).where(Message.id.in_(moved))
    if moved:
        session.execute(sa.insert(StatusEvent).from_select(["message_id", *event], rows))
    order = {one: place for place, one in enumerate(ids)}
    return sorted(moved, key=order.__getitem__)


def _check(before: str, to: str, mover: str) -> None:
    if not states.allowed(before, to, mover):
        raise ForbiddenMove(f"{mover} may not move a message from {before} to {to}")


def _compare_and_set(session: Session, message: Message, values: dict[str, Any]) -> bool:
    result = session.execute(
        sa.update(Message)
        .where(Message.id == message.id, Message.state == message.state, Message.version == message.version)
        .values(version=message.version + 1, **values)
        .execution_options(synchronize_session=False)
    )
    return cast("sa.CursorResult[Any]", result).rowcount == 1
