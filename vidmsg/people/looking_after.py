"""Who looks after a person: one of us inside whose walls she is. Her days and texts are features' above; they hear of
it here and let what waits go with her. Verbs write in the caller's transaction."""

from __future__ import annotations

from collections.abc import Callable

import sqlalchemy as sa
from sqlalchemy.orm import Session

from vidmsg.accounts import audit
from vidmsg.accounts.models import User
from vidmsg.people.models import Person

Listener = Callable[[Session, Person, int | None, User, int], None]
_listeners: list[Listener] = []


def on_giving(listener: Listener) -> None:
    """Let a feature above hear, in the same transaction, who was given to whom: the person, with whom she was until
    now, with whom she is, and by whom."""
    if listener not in _listeners:
        _listeners.append(listener)


def colleagues(session: Session, organisation_id: int, team_id: int | None) -> list[User]:
    """Those who may look after this team's people: active, of the team or managers; of the whole organisation without
    a team."""
    query = sa.select(User).where(User.organisation_id == organisation_id, User.active.is_(True))
    everybody = session.scalars(query.order_by(User.name, User.id)).all()
    return [user for user in everybody if team_id is None or user.team_id == team_id or user.is_manager]


def give(session: Session, person: Person, to: User, by: int) -> None:
    """From now on `to`, one of the colleagues, looks after her."""
    was = person.owner_id
    if was == to.id:
        return
    person.owner_id = to.id
    session.flush()
    audit.record(session, by, person.organisation_id, "person.give", f"person:{person.id}", {"to": to.id})
    for listener in _listeners:
        listener(session, person, was, to, by)
