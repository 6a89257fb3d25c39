"""The one row that says which installation this is, made with the first start, and the two roles that every
installation has."""

from __future__ import annotations

import secrets

import sqlalchemy as sa
from sqlalchemy.orm import Session

from vidmsg.accounts.models import MANAGER, REP, Installation, Role
from vidmsg.database import reading, writing

_ROLES = {MANAGER: "Plans for and sees the whole organisation.", REP: "Sees her own team's people."}


def get_or_create(session: Session) -> Installation:
    """The installation's row, made if this is the first start; call it in a writing transaction. The practice phone's
    account and token are random for each installation, so that nobody can forge its hooks."""
    seed_roles(session)
    found = find(session)
    if found is None:
        found = Installation(simulator_sid="AC" + secrets.token_hex(16), simulator_token=secrets.token_hex(16))
        session.add(found)
        session.flush()
    return found


def seed_roles(session: Session) -> dict[str, Role]:
    """The roles by name; missing ones are made."""
    roles = {role.name: role for role in session.execute(sa.select(Role)).scalars()}
    for name, description in _ROLES.items():
        if name not in roles:
            roles[name] = Role(name=name, description=description)
            session.add(roles[name])
    session.flush()
    return roles


def find(session: Session) -> Installation | None:
    """The installation's row, or None before the first start."""
    return session.execute(sa.select(Installation).order_by(Installation.id).limit(1)).scalar_one_or_none()


def simulator_credentials() -> tuple[str, str]:
    """Account and token of the practice phone, made with the row if this comes first. Needs an application context."""
    with reading() as session:
        row = find(session)
    if row is None:
        row = _made_once()
    return row.simulator_sid, row.simulator_token


def _made_once() -> Installation:
    try:
        with writing() as session:
            return get_or_create(session)
    except sa.exc.IntegrityError:  # another process was first, and its row is the one
        with writing() as session:
            return get_or_create(session)
