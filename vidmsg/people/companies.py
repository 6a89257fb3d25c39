"""Firms and who belongs to them: a team's companies by name, their contacts, and where a person is placed. Verbs write
in the caller's transaction."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.orm import Session

from vidmsg.accounts import audit
from vidmsg.people.models import COLLEAGUE, CUSTOMER, Company, Person

OFFERED = 300
"""So many names are offered while somebody types; any other can be written."""


class NameTaken(Exception):
    """The team has another company of this name."""


def place(session: Session, person: Person, name: str, *, works_here: bool, user_id: int) -> None:
    """Put a person into the company of this name ("" for none; made where the team has none), and say whether she is a
    colleague. A rep's own row stays a colleague's."""
    kind = COLLEAGUE if works_here or person.user_id else CUSTOMER
    company = put(session, person.organisation_id, person.team_id, name) if name else None
    company_id = company.id if company else None
    if (person.company_id, person.kind) == (company_id, kind):
        return
    person.company_id, person.kind = company_id, kind
    audit.record(session, user_id, person.organisation_id, "person.place", f"person:{person.id}")


def put(session: Session, organisation_id: int, team_id: int, name: str) -> Company:
    """The team's company of this name, made if there is none."""
    there = called(session, team_id, name)
    if there is None:
        there = Company(organisation_id=organisation_id, team_id=team_id, name=name)
        session.add(there)
        session.flush()
    return there


def called(session: Session, team_id: int, name: str) -> Company | None:
    """The team's company of this name, however its letters are written."""
    query = sa.select(Company).where(Company.team_id == team_id).order_by(Company.id)
    return next((one for one in session.scalars(query) if one.name.casefold() == name.casefold()), None)


def rename(session: Session, company: Company, name: str, user_id: int) -> None:
    """Another name. Raises NameTaken."""
    there = called(session, company.team_id, name)
    if there is not None and there.id != company.id:
        raise NameTaken
    company.name = name
    audit.record(session, user_id, company.organisation_id, "company.rename", f"company:{company.id}")


def names(session: Session, team_id: int) -> list[str]:
    """What is offered while somebody types."""
    query = sa.select(Company.name).where(Company.team_id == team_id).order_by(sa.func.lower(Company.name))
    return list(session.scalars(query.limit(OFFERED)))


def contacts(session: Session, company: Company) -> list[Person]:
    """Everybody there whom we know, by name."""
    order = (sa.func.lower(Person.last_name), sa.func.lower(Person.first_name), Person.id)
    theirs = sa.select(Person).where(Person.company_id == company.id, Person.user_id.is_(None))
    return list(session.scalars(theirs.order_by(*order)))


def page(session: Session, inside: sa.ColumnElement[bool], words: str, limit: int) -> list[tuple[Company, int]]:
    """Companies inside the walls whose name has these words, by name, each with how many contacts it has."""
    there = Person.company_id == Company.id, Person.user_id.is_(None)
    count = sa.select(sa.func.count(Person.id)).where(*there).correlate(Company)
    query = sa.select(Company, count.scalar_subquery()).where(inside)
    if words:
        spellings = sorted({words, words.lower(), words.title(), words.upper()})  # SQLite's lower() knows ASCII only
        hits = [Company.name.contains(one, autoescape=True) for one in spellings]
        query = query.where(sa.or_(sa.func.lower(Company.name).contains(words.lower(), autoescape=True), *hits))
    rows = session.execute(query.order_by(sa.func.lower(Company.name), Company.id).limit(limit))
    return [(company, many) for company, many in rows]
