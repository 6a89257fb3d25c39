"""The first start: a one-time link, and what it makes (organisation, its first team, its first manager). Once there
is a manager the link is worthless and no other is given."""

from __future__ import annotations

from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import Session

from vidmsg import clock, tokens
from vidmsg.accounts import audit, installation, members
from vidmsg.accounts.models import MANAGER, Installation, Organisation, Team, User


class LinkSpent(Exception):
    """The link of the first start was used, or was never ours."""


@dataclass(frozen=True)
class Beginning:
    """What somebody says at the first start. `phone` is E.164, `accent` `#rrggbb`, `password_hash` already hashed."""

    organisation: str
    phone: str
    time_zone: str
    country: str
    accent: str
    name: str
    email: str
    password_hash: str


def new_link(session: Session) -> str | None:
    """A fresh token for `/setup/<token>` while nobody has begun; the one before stops working. None afterwards."""
    made = installation.get_or_create(session)
    if _begun(session):
        made.setup_digest = None
        return None
    token = tokens.new_token()
    made.setup_digest = tokens.digest(token)
    return token


def opens(session: Session, token: str) -> bool:
    """Whether this token begins the installation now."""
    digest = session.execute(sa.select(Installation.setup_digest).limit(1)).scalar_one_or_none()
    return digest is not None and tokens.matches(token, digest)


def begin(session: Session, token: str, said: Beginning) -> User:
    """Make organisation, first team and manager, and spend the link. Raises LinkSpent; of two racing calls one wins."""
    spent = sa.update(Installation).where(Installation.setup_digest == tokens.digest(token)).values(setup_digest=None)
    done: object = session.execute(spent.returning(Installation.id)).scalar_one_or_none()
    if done is None or _begun(session):
        raise LinkSpent
    organisation = Organisation(
        name=said.organisation,
        phone=said.phone,
        time_zone=said.time_zone,
        country=said.country,
        accent=said.accent,
        created_at=clock.now(),
    )
    session.add(organisation)
    session.flush()
    team = Team(organisation_id=organisation.id, name=said.organisation)
    session.add(team)
    session.flush()
    user = members.add(
        session, team=team, name=said.name, email=said.email, role=MANAGER, password_hash=said.password_hash
    )
    audit.record(session, user.id, organisation.id, "organisation.begin", f"organisation:{organisation.id}")
    return user


def _begun(session: Session) -> bool:
    return session.execute(sa.select(Organisation.id).limit(1)).first() is not None
