"""The fixed cast of every test: Alice the manager, Bob her rep, Charlie from another team who must not see, Maria
the customer. `put_in(session)` brings them into an empty database."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from passlib.hash import argon2
from sqlalchemy.orm import Session

from vidmsg import clock
from vidmsg.accounts import installation, members, security
from vidmsg.accounts.models import MANAGER, REP, Organisation, Team, User
from vidmsg.people import consent, keeping
from vidmsg.people.models import Person

PASSWORD = password = "correct horse battery"
ORGANISATION_PHONE = "+12065550100"
MARIA_PHONE = "+12065550142"

# Tests hash many passwords and none of them is a secret.
security.ARGON2.update(time_cost=1, memory_cost=1024, parallelism=1)


@dataclass(frozen=True)
class Cast:
    """Everybody, as rows of the session that made them."""

    organisation: Organisation
    team: Team
    other_team: Team
    alice: User
    bob: User
    charlie: User
    maria: Person


@cache
def password_hash() -> str:
    """The hash of PASSWORD, made once and cheaply."""
    hashed: str = argon2.using(**security.ARGON2).hash(PASSWORD)
    return hashed


def organisation(session: Session, name: str = "Harbor Spa", number: int | None = None) -> Organisation:
    """Harbor Spa in Seattle; `number` is the row's, where the next free one won't do."""
    installation.get_or_create(session)
    made = Organisation(
        id=number,
        name=name,
        phone=ORGANISATION_PHONE,
        time_zone="America/Los_Angeles",
        country="US",
        created_at=clock.now(),
    )
    session.add(made)
    session.flush()
    return made


def team(session: Session, home: Organisation, name: str) -> Team:
    """A team of that organisation."""
    made = Team(organisation_id=home.id, name=name)
    session.add(made)
    session.flush()
    return made


def user(session: Session, home: Team, name: str, role: str = REP) -> User:
    """Somebody who signs in with first name at harborspa.example and PASSWORD."""
    email = f"{name.split()[0].lower()}@harborspa.example"
    return members.add(session, team=home, name=name, email=email, role=role, password_hash=password_hash())


def customer(
    session: Session,
    owner: User,
    first_name: str = "Maria",
    last_name: str = "Alvarez",
    phone: str = MARIA_PHONE,
    *,
    zone: str = "America/Los_Angeles",
    agreed: bool = True,
) -> Person:
    """A customer of that rep, with consent unless told otherwise."""
    person = keeping.add(session, owner, keeping.Details(first_name, last_name, phone, zone))
    if agreed:
        said = {"number": phone, "words": "May Harbor Spa text you? Yes.", "source": "in person"}
        consent.grant(session, person, **said, user_id=owner.id)
    return person


def put_in(session: Session, number: int | None = None) -> Cast:
    """Everybody, in an organisation of that number. Call it in a writing transaction; the rows stay readable after the
    commit."""
    home = organisation(session, number=number)
    team_a, team_b = team(session, home, "Front desk"), team(session, home, "Treatment")
    alice = user(session, team_a, "Alice Archer", MANAGER)
    bob = user(session, team_a, "Bob Baker")
    charlie = user(session, team_b, "Charlie Chen")
    maria = customer(session, bob)
    return Cast(home, team_a, team_b, alice, bob, charlie, maria)
