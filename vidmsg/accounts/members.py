"""The people who work here: adding one, turning one away for a while, letting her back in."""

from __future__ import annotations

import secrets

import sqlalchemy as sa
from sqlalchemy.orm import Session

from vidmsg import clock
from vidmsg.accounts import audit, installation
from vidmsg.accounts.models import MANAGER, Team, User, user_role


class AlreadyHere(Exception):
    """Somebody signs in with this address already."""


class LastManager(Exception):
    """Without this manager nobody could plan or invite any more."""


def normal_email(text: str) -> str:
    """The address as we keep it: small letters, so that Rep@ and rep@ are one."""
    return text.strip().lower()


def known(session: Session, email: str) -> bool:
    """Whether anybody has this address, however it is written."""
    found = sa.select(User.id).where(sa.func.lower(User.email) == normal_email(email))
    return session.execute(found).first() is not None


def add(session: Session, *, team: Team, name: str, email: str, role: str, password_hash: str) -> User:
    """A new account in this team. Raises AlreadyHere."""
    if known(session, email):
        raise AlreadyHere
    user = User(
        organisation_id=team.organisation_id,
        team_id=team.id,
        name=name,
        email=normal_email(email),
        password=password_hash,
        active=True,
        fs_uniquifier=secrets.token_hex(32),
        created_at=clock.now(),
    )
    user.roles = [installation.seed_roles(session)[role]]
    session.add(user)
    session.flush()
    return user


def working_here(session: Session, organisation_id: int) -> list[User]:
    """Everybody with an account, those who may sign in first, then by name."""
    query = (
        sa.select(User).where(User.organisation_id == organisation_id).order_by(User.active.desc(), User.name, User.id)
    )
    return list(session.execute(query).scalars())


def deactivate(session: Session, user: User, by: User) -> None:
    """She can't sign in any more, and every session of hers ends. Raises LastManager for the last who can manage."""
    if user.is_manager and _managers(session, user.organisation_id) < 2:
        raise LastManager
    user.active = False
    user.fs_uniquifier = secrets.token_hex(32)
    audit.record(session, by.id, user.organisation_id, "member.deactivate", f"user:{user.id}")


def reactivate(session: Session, user: User, by: User) -> None:
    """She can sign in again with the password she had."""
    user.active = True
    audit.record(session, by.id, user.organisation_id, "member.reactivate", f"user:{user.id}")


def set_role(session: Session, user: User, role: str, by: User) -> None:
    """Make her manager or rep. Raises LastManager when nobody else could manage."""
    if user.is_manager and role != MANAGER and _managers(session, user.organisation_id) < 2:
        raise LastManager
    user.roles = [installation.seed_roles(session)[role]]
    audit.record(session, by.id, user.organisation_id, "member.role", f"user:{user.id}", {"role": role})


def _managers(session: Session, organisation_id: int | None) -> int:
    role = sa.select(user_role.c.user_id).where(user_role.c.role_id == installation.seed_roles(session)[MANAGER].id)
    query = sa.select(sa.func.count(User.id)).where(
        User.organisation_id == organisation_id, User.active.is_(True), User.id.in_(role)
    )
    return session.execute(query).scalar_one()
