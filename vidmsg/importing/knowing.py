"""Whom we know already, for comparing a list with: the team's people with these numbers and names, numbers of other
teams, and what numbers said about texts. A constant number of queries for any number of rows."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import TypeVar

import sqlalchemy as sa
from sqlalchemy.orm import Session

from vidmsg.accounts.models import Team, User
from vidmsg.importing import contacts as reading
from vidmsg.importing import kept, rows
from vidmsg.importing.contacts import Contact
from vidmsg.importing.dates import Day
from vidmsg.importing.rows import Around, Colleague, Known
from vidmsg.milestones.models import Milestone
from vidmsg.people import consent, looking_after
from vidmsg.people.models import Company, Consent, Note, Person, folded

T = TypeVar("T")
MANY = 400  # parameters of one query; SQLite allows some thousands


def around(session: Session, organisation_id: int, team_id: int, contacts: Sequence[Contact]) -> Around:
    """Everything that decides what is to happen with these contacts."""
    phones = sorted({one.phone for one in contacts if one.phone})
    found: dict[int, Person] = {}
    elsewhere: set[str] = set()
    for part in _parts(phones):
        query = sa.select(Person).join(Team, Team.id == Person.team_id)
        ours = Person.organisation_id == organisation_id, Person.phone.in_(part), Team.sample.is_(False)
        for person in session.scalars(query.where(*ours).order_by(Person.id)):
            if person.team_id == team_id:
                found[person.id] = person
            else:
                elsewhere.add(str(person.phone))
    names, called = _called(session, team_id, contacts)
    found.update(names)
    known = _known(session, list(found.values()))
    by_phone: dict[str, list[Known]] = {}
    without: dict[str, list[Known]] = {}
    for one in known:
        (by_phone.setdefault(one.phone, []) if one.phone else without.setdefault(one.called, [])).append(one)
    return Around(
        by_phone,
        without,
        called,
        frozenset(elsewhere),
        said(session, organisation_id, sorted(by_phone | dict.fromkeys(phones))),
        _colleagues(session, organisation_id, team_id) if any(one.looked_after for one in contacts) else {},
    )


def _colleagues(session: Session, organisation_id: int, team_id: int) -> dict[str, Colleague]:
    """Who may look after the team's people, by e-mail, and by name where it is one's alone."""
    everybody = looking_after.colleagues(session, organisation_id, team_id)
    names = Counter(folded(one.name) for one in everybody)
    found = {folded(one.name): Colleague(one.id, one.name) for one in everybody if names[folded(one.name)] == 1}
    return found | {folded(one.email): Colleague(one.id, one.name) for one in everybody}


def said(session: Session, organisation_id: int, phones: Sequence[str]) -> dict[str, str]:
    """What each number said last about texts; numbers that said nothing are not there."""
    found: dict[str, str] = {}
    for part in _parts(phones):
        last = (
            sa.select(sa.func.max(Consent.id))
            .where(Consent.organisation_id == organisation_id, Consent.phone.in_(part))
            .group_by(Consent.phone)
        )
        for entry in session.scalars(sa.select(Consent).where(Consent.id.in_(last))):
            found[entry.phone] = rows.LIFTABLE if entry.source == consent.LIST_UNDONE else entry.action
    return found


def _called(session: Session, team_id: int, contacts: Sequence[Contact]) -> tuple[dict[int, Person], frozenset[str]]:
    """The team's people without a number, and the names of all who have one, as far as the contacts share them."""
    wanted = sorted({rows.called(one) for one in contacts})
    alone = sorted({rows.called(one) for one in contacts if not one.phone})
    persons: dict[int, Person] = {}
    for part in _parts(wanted):
        same = Person.team_id == team_id, Person.folded.in_(part), Person.phone.is_(None)
        persons.update({one.id: one for one in session.scalars(sa.select(Person).where(*same))})
    names: set[str] = set()
    for part in _parts(alone):
        names.update(
            session.scalars(sa.select(Person.folded).where(Person.team_id == team_id, Person.folded.in_(part)))
        )
    return persons, frozenset(names)


def _known(session: Session, persons: Sequence[Person]) -> list[Known]:
    by_id = {one.id: one for one in persons}
    days: dict[int, dict[str, Day]] = {}
    visits: dict[int, set[int]] = {}
    notes: dict[int, set[str]] = {}
    for part in _parts(sorted(by_id)):
        ours = Milestone.person_id.in_(part), Milestone.kind.in_((*reading.KEPT_DAYS, kept.COUNT)), kept.meant()
        query = sa.select(Milestone).where(*ours, Milestone.active.is_(True)).order_by(Milestone.id.desc())
        for row in session.scalars(query):
            if row.kind == kept.COUNT:
                visits.setdefault(row.person_id, set()).add(row.target or 0)
            else:
                days.setdefault(row.person_id, {})[row.kind] = Day(row.month or 0, row.day or 0, row.year)
        for person_id, text in session.execute(sa.select(Note.person_id, Note.text).where(Note.person_id.in_(part))):
            notes.setdefault(person_id, set()).add(text)
    rows_of_owners = sa.select(User.id, User.name).where(User.id.in_({one.owner_id for one in persons if one.owner_id}))
    owners = {row.id: Colleague(row.id, row.name) for row in session.execute(rows_of_owners)}
    firms = {one.company_id for one in persons if one.company_id}
    named: dict[int, str] = {}
    for part in _parts(sorted(firms)):
        named.update(
            {
                row.id: row.name
                for row in session.execute(sa.select(Company.id, Company.name).where(Company.id.in_(part)))
            }
        )
    return [
        Known(
            one.id,
            one.first_name,
            one.last_name,
            one.phone,
            one.time_zone,
            named.get(one.company_id or 0, ""),
            days.get(one.id, {}),
            frozenset(visits.get(one.id, ())),
            frozenset(notes.get(one.id, ())),
            works_here=one.user_id is not None,
            owner=owners.get(one.owner_id or 0),
            counted=one.visits,
        )
        for one in sorted(by_id.values(), key=lambda one: one.id)
    ]


def _parts(values: Sequence[T]) -> list[Sequence[T]]:
    return [values[at : at + MANY] for at in range(0, len(values), MANY)]
