"""Inviting somebody by a one-time link that the manager hands over; no mail server is needed. Only the digest of
the link's token is kept, so the link can be shown once and never again."""

from __future__ import annotations

import datetime as dt

import sqlalchemy as sa
from sqlalchemy.orm import Session

from vidmsg import clock, tokens
from vidmsg.accounts import audit, members
from vidmsg.accounts.models import Invitation, Team, User

GOOD_FOR = dt.timedelta(days=7)


class InvitationOver(Exception):
    """The invitation was accepted, is too old, or was never ours."""


def invite(session: Session, *, by: User, team: Team, email: str, name: str, role: str) -> str:
    """A fresh token for `/invite/<token>`, good for a week; earlier open ones to the same address end. Raises
    members.AlreadyHere."""
    if members.known(session, email):
        raise members.AlreadyHere
    now, address = clock.now(), members.normal_email(email)
    session.execute(
        sa.update(Invitation)
        .where(Invitation.email == address, Invitation.accepted_at.is_(None), Invitation.expires_at > now)
        .values(expires_at=now)
    )
    token = tokens.new_token()
    made = Invitation(
        organisation_id=team.organisation_id,
        team_id=team.id,
        email=address,
        name=name,
        role=role,
        token_digest=tokens.digest(token),
        invited_by=by.id,
        created_at=now,
        expires_at=now + GOOD_FOR,
    )
    session.add(made)
    session.flush()
    audit.record(session, by.id, team.organisation_id, "team.invite", f"invitation:{made.id}", {"role": role})
    return token


def find(session: Session, token: str) -> Invitation:
    """The open invitation behind this token; raises InvitationOver."""
    query = sa.select(Invitation).where(Invitation.token_digest == tokens.digest(token))
    found = session.execute(query).scalar_one_or_none()
    if found is None or found.accepted_at is not None or found.expires_at <= clock.now():
        raise InvitationOver
    return found


def open_ones(session: Session, organisation_id: int) -> list[Invitation]:
    """Invitations that can still be accepted, the newest first."""
    query = (
        sa.select(Invitation)
        .where(
            Invitation.organisation_id == organisation_id,
            Invitation.accepted_at.is_(None),
            Invitation.expires_at > clock.now(),
        )
        .order_by(Invitation.created_at.desc(), Invitation.id.desc())
    )
    return list(session.execute(query).scalars())


def accept(session: Session, token: str, *, name: str, password_hash: str) -> User:
    """Make the account and spend the link. Raises InvitationOver; of two racing calls one wins."""
    invitation = find(session, token)
    now = clock.now()
    claim = (
        sa.update(Invitation)
        .where(Invitation.id == invitation.id, Invitation.accepted_at.is_(None))
        .values(accepted_at=now)
    )
    if session.execute(claim.returning(Invitation.id)).scalar_one_or_none() is None:
        raise InvitationOver
    team = session.get_one(Team, invitation.team_id)
    try:
        user = members.add(
            session, team=team, name=name, email=invitation.email, role=invitation.role, password_hash=password_hash
        )
    except members.AlreadyHere:
        raise InvitationOver from None
    audit.record(session, user.id, team.organisation_id, "team.accept", f"invitation:{invitation.id}")
    return user


def withdraw(session: Session, invitation: Invitation, by: User) -> None:
    """The link stops working now."""
    invitation.expires_at = clock.now()
    audit.record(session, by.id, invitation.organisation_id, "team.withdraw", f"invitation:{invitation.id}")
