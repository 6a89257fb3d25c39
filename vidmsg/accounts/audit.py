"""Who did what to what: one row an act, written in the transaction of the act itself. Ids only; no name, number,
address or token may be put in here."""

from __future__ import annotations

from typing import Any

from sqlalchemy.orm import Session

from vidmsg import clock
from vidmsg.accounts.models import Audit


def record(
    session: Session,
    user_id: int | None,
    organisation_id: int | None,
    action: str,
    subject: str = "",
    detail: dict[str, Any] | None = None,
) -> Audit:
    """Add an entry. `action` is `thing.verb` (team.invite), `subject` is `table:id`, `detail` holds ids and codes."""
    entry = Audit(
        at=clock.now(), organisation_id=organisation_id, user_id=user_id, action=action, subject=subject, detail=detail
    )
    session.add(entry)
    return entry
