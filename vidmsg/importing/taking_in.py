"""Taking a list in, a hundred rows a transaction, each compared anew with whom we know at that moment. What was
done is written beside each person, so that the list can be taken back; an interrupted run is taken up by pressing
once more, because a row that is in already changes nothing."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from typing import Any

import sqlalchemy as sa
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from vidmsg import clock
from vidmsg.accounts import audit
from vidmsg.accounts.models import Organisation, User
from vidmsg.database import reading, writing
from vidmsg.importing import kept, knowing, plan, rows
from vidmsg.importing.contacts import Contact
from vidmsg.importing.rows import Proposal
from vidmsg.milestones import keeping as dates
from vidmsg.people import companies, consent, keeping, looking_after, zones
from vidmsg.people.models import COLLEAGUE, CUSTOMER, Company, ImportBatch, ImportChange, Note, Person, folded

BATCH = 100  # rows a transaction: others wait for it on SQLite
ABANDONED = dt.timedelta(minutes=2)  # a run that has not moved for so long is over


class AlreadyRunning(Exception):
    """Somebody is taking this list in just now, or it is in already."""


def take_in(batch_id: int, user_id: int, owner_id: int | None = None) -> None:
    """Take the whole list in; `owner_id`, else who takes it in, looks after whoever is new where the list does not say
    it. Raises AlreadyRunning instead of doing it a second time beside another."""
    mine = _claim(batch_id)
    with reading() as session:
        batch = session.get_one(ImportBatch, batch_id)
        found = plan.read_contacts(session, batch)
    refused, met = len(found) - len(plan.only(found)), set[int]()
    contacts = plan.only(found)
    for at in range(0, len(contacts), BATCH):
        with writing() as session:
            mine = _renew(session, batch_id, mine)
            taking = _Taking(session, session.get_one(ImportBatch, batch_id), user_id, owner_id or user_id)
            refused += taking.take(contacts[at : at + BATCH], met)
    with writing() as session:
        _renew(session, batch_id, mine)
        batch = session.get_one(ImportBatch, batch_id)
        batch.refused, batch.applied_at, batch.source = refused, clock.now(), None
        audit.record(session, user_id, batch.organisation_id, "list.take_in", f"import_batch:{batch_id}")


def _claim(batch_id: int) -> dt.datetime:
    now = clock.now()
    free = sa.or_(ImportBatch.started_at.is_(None), ImportBatch.started_at < now - ABANDONED)
    waiting = ImportBatch.id == batch_id, ImportBatch.applied_at.is_(None), ImportBatch.source.is_not(None), free
    with writing() as session:
        won: Any = session.execute(sa.update(ImportBatch).where(*waiting).values(started_at=now))
    if won.rowcount != 1:
        raise AlreadyRunning
    return now


def _renew(session: Session, batch_id: int, mine: dt.datetime) -> dt.datetime:
    """Still ours? In the transaction of each part, so that two runs never write the same one."""
    now = max(clock.now(), mine + dt.timedelta(microseconds=1))
    ours = ImportBatch.id == batch_id, ImportBatch.started_at == mine, ImportBatch.applied_at.is_(None)
    kept: Any = session.execute(sa.update(ImportBatch).where(*ours).values(started_at=now))
    if kept.rowcount != 1:
        raise AlreadyRunning
    return now


class _Taking:
    """Writes a part of the list in one transaction."""

    def __init__(self, session: Session, batch: ImportBatch, user_id: int, owner_id: int) -> None:
        self.session, self.batch, self.user_id, self.owner_id = session, batch, user_id, owner_id
        home = sa.select(Organisation).where(Organisation.id == batch.organisation_id)
        self.home = session.execute(home.with_for_update(key_share=True)).scalar_one()
        self.today = clock.local(clock.now(), self.home.time_zone).date()
        self.companies: dict[str, int] = {}

    def take(self, contacts: Sequence[Contact], met: set[int]) -> int:
        """Whoever is new, and what changes; how many of these rows were refused."""
        around = knowing.around(self.session, self.batch.organisation_id, self.batch.team_id, contacts)
        proposals = rows.propose(contacts, around, met)
        wanted = {folded(one.company) for one in contacts if one.company}
        named = sa.select(Company.folded, Company.id).where(Company.team_id == self.batch.team_id)
        self.companies = dict(self.session.execute(named.where(Company.folded.in_(wanted))).all())
        new = [one for one in proposals if one.kind == rows.NEW]
        self.add(new)
        changed = [one for one in proposals if one.kind == rows.CHANGED]
        for one in changed:
            self.change(one)
        self.batch.added += len(new)
        self.batch.changed += len(changed)
        return sum(one.kind == rows.REFUSED for one in proposals)

    def add(self, proposals: Sequence[Proposal]) -> None:
        """Somebody new each, with her days, all in one go."""
        pairs = [(self._person(one), one) for one in proposals]
        self.session.add_all(person for person, _proposal in pairs)
        self.session.flush()
        dates.add_to_new(
            self.session,
            [(person, details) for person, one in pairs for details in kept.details(one.contact, self.today)],
            self.user_id,
        )
        for person, one in pairs:
            made: dict[str, Any] = {"person": values_of(person)}
            made["days"] = {day.kind: kept.plain(day) for day in kept.details(one.contact, self.today)}
            self._rest(person, one, None, made)

    def change(self, one: Proposal) -> None:
        """What the list says otherwise of somebody who is here."""
        assert one.known is not None
        person = self.session.get_one(Person, one.known.id)
        was = values_of(person)
        if {"first_name", "last_name", "phone", "time_zone"} & set(one.changes):
            names = ("first_name", "last_name", "phone", "time_zone")
            new: Any = {name: one.changes[name][1] if name in one.changes else was[name] for name in names}
            is_guess = person.zone_is_guess and "time_zone" not in one.changes
            keeping.change(self.session, person, keeping.Details(**new, zone_is_guess=is_guess), self.user_id)
        if "counted" in one.changes:
            person.visits = one.contact.counted
        if "owner" in one.changes and one.owner:
            looking_after.give(self.session, person, self.session.get_one(User, one.owner.id), self.user_id)
        if "company" in one.changes:
            person.company_id = self._company(one.contact.company)
        before: dict[str, Any] = {"person": {}, "days": {}}
        made: dict[str, Any] = {"person": {}, "days": {}}
        for name, value in values_of(person).items():
            if was[name] != value:
                before["person"][name], made["person"][name] = was[name], value
        for details in kept.details(one.contact, self.today):
            if ("visits" if details.kind == kept.COUNT else details.kind) in one.changes:
                before["days"][details.kind] = kept.put(self.session, person, details, self.user_id)
                made["days"][details.kind] = kept.plain(details)
        self._rest(person, one, before, made)

    def _person(self, one: Proposal) -> Person:
        contact = one.contact
        return Person(
            organisation_id=self.batch.organisation_id,
            team_id=self.batch.team_id,
            owner_id=one.owner.id if one.owner else self.owner_id,
            company_id=self._company(contact.company) if contact.company else None,
            kind=COLLEAGUE if "work_anniversary" in contact.days else CUSTOMER,
            first_name=contact.first_name,
            last_name=contact.last_name,
            phone=contact.phone,
            visits=contact.counted,
            time_zone=zone_of(contact, self.home.time_zone),
            zone_is_guess=not contact.time_zone and not (contact.phone and zones.of_number(contact.phone)),
            created_at=clock.now(),
        )

    def _company(self, name: str) -> int:
        there = self.companies.get(folded(name))
        if there is None:
            there = companies.put(self.session, self.batch.organisation_id, self.batch.team_id, name).id
            self.companies[folded(name)] = there
        return there

    def _rest(self, person: Person, one: Proposal, before: dict[str, Any] | None, made: dict[str, Any]) -> None:
        """Notes, what was said about texts, and what was done, to be able to take it back."""
        notes = [
            Note(person_id=person.id, author_id=self.user_id, topic=topic or None, text=text, at=clock.now())
            for topic, text in one.notes
        ]
        if notes:
            self.session.add_all(notes)
            self.session.flush()
        made["notes"] = [note.id for note in notes]
        made["consents"] = list(self._said(person, one))
        self.session.add(ImportChange(batch_id=self.batch.id, person_id=person.id, before=before, made=made))

    def _said(self, person: Person, one: Proposal) -> Iterator[int]:
        if one.stops and person.phone:
            consent.revoke(
                self.session,
                organisation_id=person.organisation_id,
                phone=person.phone,
                words=_("Row %(row)s of %(list)s", row=one.contact.number, list=self.batch.file_name),
                source=consent.FROM_LIST,
                user_id=self.user_id,
            )
        elif one.agrees and one.contact.agreed:
            yes, number = one.contact.agreed, one.contact.phone
            granted = consent.grant(
                self.session, person, number=number, words=yes.words, source=yes.source, user_id=self.user_id
            )
            yield granted.id


def zone_of(contact: Contact, home: str) -> str:
    """The zone that the list says, else the number's, else home."""
    if contact.time_zone or not contact.phone:
        return contact.time_zone or home
    return zones.of_number(contact.phone) or zones.likely(contact.phone, home)


def values_of(person: Person) -> dict[str, Any]:
    """What a list may set on a person, and who looks after her."""
    names = ("first_name", "last_name", "phone", "time_zone", "company_id", "kind", "owner_id", "team_id", "visits")
    return {name: getattr(person, name) for name in names}
