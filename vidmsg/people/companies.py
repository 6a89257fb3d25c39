"""Firms and who belongs to them: a team's companies by name, their contacts, and where a person is placed. Verbs write
in the caller's transaction."""

from __future__ import annotations

from collections.abc import Callable

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from vidmsg.accounts import audit
from vidmsg.people.models import COLLEAGUE, CUSTOMER, Company, Person, folded

OFFERED = 300
"""So many names are offered while somebody types; any other can be written."""


class NameTaken(Exception):
    """The team has another company of this name."""


class StillThere(Exception):
    """Somebody is in this company."""


Listener = Callable[[Session, Company], None]
_listeners: list[Listener] = []


def on_remove(listener: Listener) -> None:
    """Let a feature above let go of a company that is removed, in the same transaction."""
    if listener not in _listeners:
        _listeners.append(listener)


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
    """The team's company of this name, made if there is none. Two who make it at once get the same one."""
    there = called(session, team_id, name)
    if there is not None:
        return there
    made = Company(organisation_id=organisation_id, team_id=team_id, name=name)
    try:
        with session.begin_nested():
            session.add(made)
    except IntegrityError:
        there = called(session, team_id, name)
        if there is None:
            raise
        return there
    return made


def called(session: Session, team_id: int, name: str) -> Company | None:
    """The team's company of this name, however its letters are written."""
    same = Company.team_id == team_id, Company.folded == folded(name)
    return session.scalars(sa.select(Company).where(*same)).one_or_none()


def rename(session: Session, company: Company, name: str, user_id: int) -> None:
    """Another name. Raises NameTaken."""
    there = called(session, company.team_id, name)
    if there is not None and there.id != company.id:
        raise NameTaken
    try:
        with session.begin_nested():
            company.name = name
    except IntegrityError:  # somebody was faster
        raise NameTaken from None
    audit.record(session, user_id, company.organisation_id, "company.rename", f"company:{company.id}")


def remove(session: Session, company: Company, user_id: int) -> None:
    """Take an empty company away. What others keep of it stays with its people. Raises StillThere."""
    ours = sa.update(Person).where(Person.company_id == company.id, Person.user_id.is_not(None))
    session.execute(ours.values(company_id=None))  # a rep's own row is nobody's contact
    if contacts(session, company):
        raise StillThere
    for listener in _listeners:
        listener(session, company)
    try:
        with session.begin_nested():
            session.delete(company)
    except IntegrityError:  # somebody was put there just now
        raise StillThere from None
    audit.record(session, user_id, company.organisation_id, "company.remove", f"company:{company.id}")


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
