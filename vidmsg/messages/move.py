"""One change of a message's state: an UPDATE that holds only while state and version are as they were read, and one
status_event in the same transaction. Whoever was second moves nothing. It knows no conditions, only the table."""

from __future__ import annotations

from typing import Any, cast

import sqlalchemy as sa
from sqlalchemy.orm import Session

from vidmsg import clock
from vidmsg.messages import states
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
    if not states.allowed(before, to, mover):
        raise ForbiddenMove(f"{mover} may not move a message from {before} to {to}")
    now = clock.now()
    written = {"look_at": None, "owner": None, "reason": detail, "error_code": error_code, **values}
    result = cast(
        "sa.CursorResult[Any]",
        session.execute(
            sa.update(Message)
            .where(Message.id == message.id, Message.state == before, Message.version == message.version)
            .values(state=to, version=message.version + 1, changed_at=now, **written)
            .execution_options(synchronize_session=False)
        ),
    )
    moved = result.rowcount == 1
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
