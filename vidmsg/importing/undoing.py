"""Taking a list back: whoever it added and nobody touched since is gone again; what it changed and nobody changed
since is as it was. What has a life of its own by now stays, and is told with its reason. A yes that came by the list
ends in the ledger; a "do not contact" stays."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from vidmsg import clock
from vidmsg.accounts import audit
from vidmsg.accounts.models import User
from vidmsg.database import Base, reading, writing
from vidmsg.importing import kept
from vidmsg.importing.taking_in import values_of
from vidmsg.milestones.models import Milestone, Occurrence
from vidmsg.people import consent, keeping, looking_after
from vidmsg.people.models import Company, Consent, ImportBatch, ImportChange, Note, Person

BATCH = 200
OWN = frozenset({"milestone", "note", "consent", "import_change", "occurrence"})
"""Tables whose rows come with a person who was brought by a list; a row in any other is a life of her own."""


def undo(batch_id: int, user_id: int) -> None:
    """Take the list back. What stays keeps its row of import_change, with the reason under `left`. Doing it twice, or
    at the same time, is doing it once."""
    after = 0
    while ids := _next(batch_id, after):
        with writing() as session:
            _Part(session, ids, user_id).take_back()
        after = ids[-1]
    with writing() as session:
        batch = session.get_one(ImportBatch, batch_id)
        if batch.undone_at is None:
            batch.undone_at = clock.now()
            audit.record(session, user_id, batch.organisation_id, "list.take_back", f"import_batch:{batch_id}")


def left(session: Session, batch_id: int) -> list[tuple[Person, str]]:
    """Whoever stayed after taking back, with the reason."""
    query = sa.select(ImportChange, Person).join(Person, Person.id == ImportChange.person_id)
    found = session.execute(query.where(ImportChange.batch_id == batch_id).order_by(ImportChange.id)).all()
    return [(person, change.made["left"]) for change, person in found if change.made.get("left")]


def _next(batch_id: int, after: int) -> list[int]:
    query = sa.select(ImportChange.id).where(ImportChange.batch_id == batch_id, ImportChange.id > after)
    with reading() as session:
        return list(session.scalars(query.order_by(ImportChange.id).limit(BATCH)))


class _Part:
    """Some of what a list did, with what hangs on these people by now: read at once, in one transaction."""

    def __init__(self, session: Session, ids: list[int], user_id: int) -> None:
        self.session, self.user_id = session, user_id
        query = sa.select(ImportChange).where(ImportChange.id.in_(ids)).order_by(ImportChange.id).with_for_update()
        self.changes = [one for one in session.scalars(query) if "left" not in one.made]
        about = [one.person_id for one in self.changes if one.person_id]
        locked = sa.select(Person).where(Person.id.in_(about)).order_by(Person.id).with_for_update()
        self.people = {one.id: one for one in session.scalars(locked)}
        self.lively = _lively(session, about)
        self.notes: dict[int, set[int]] = {}
        for person_id, note_id in session.execute(sa.select(Note.person_id, Note.id).where(Note.person_id.in_(about))):
            self.notes.setdefault(person_id, set()).add(note_id)
        self.days: dict[int, dict[str, list[int | None]]] = {}
        for row in session.scalars(sa.select(Milestone).where(Milestone.person_id.in_(about))):
            self.days.setdefault(row.person_id, {})[row.kind] = kept.plain(row)

    def take_back(self) -> None:
        """Each in turn; those who go, go together."""
        going = []
        for change in self.changes:
            person = self.people.get(change.person_id or 0)
            if person is not None:
                _end_yes(self.session, change, self.user_id)
                if change.before is None:
                    reason = self._why_not(person, change.made)
                else:
                    reason = _restore(self.session, person, change, self.user_id)
                if reason:
                    change.made = {**change.made, "left": reason}
                    continue
                going += [person.id] if change.before is None else []
            self.session.delete(change)
        self.session.flush()
        self.session.execute(sa.delete(Person).where(Person.id.in_(going)))

    def _why_not(self, person: Person, made: dict[str, Any]) -> str:
        """Why somebody whom the list brought cannot simply go, or ""."""
        now = values_of(person)
        if {name: now[name] for name in made["person"]} != made["person"] or person.hold_until is not None:
            return str(_("changed since"))
        if person.id in self.lively:
            return str(_("something was recorded, written or planned since"))
        if self.notes.get(person.id, set()) - set(made["notes"]) or self.days.get(person.id, {}) != made["days"]:
            return str(_("days or notes were added since"))
        return ""


def _lively(session: Session, about: list[int]) -> set[int]:
    """Those about whom features above have rows; they are found by their references, not by name."""
    touched = sa.or_(Occurrence.moved, Occurrence.skipped_at.is_not(None), Occurrence.asked_at.is_not(None))
    moved = sa.select(Occurrence.person_id).where(Occurrence.person_id.in_(about), touched)
    found = set(session.scalars(moved))
    for table in Base.metadata.sorted_tables:
        for key in table.foreign_keys if table.name not in OWN else ():
            if key.column.table.name == "person":
                found.update(session.scalars(sa.select(key.parent).where(key.parent.in_(about)).distinct()))
    return found


def _end_yes(session: Session, change: ImportChange, user_id: int) -> None:
    """The ledger only grows: a yes that came by the list ends with an entry that says so."""
    for entry_id in change.made.get("consents", []):
        entry = session.get(Consent, entry_id)
        latest = consent.current(session, entry.organisation_id, entry.phone) if entry else None
        if entry and latest and latest.id == entry.id:
            consent.revoke(
                session,
                organisation_id=entry.organisation_id,
                phone=entry.phone,
                words=entry.words,
                source=consent.LIST_UNDONE,
                user_id=user_id,
            )


def _restore(session: Session, person: Person, change: ImportChange, user_id: int) -> str:
    """Put back what the list replaced and nobody replaced since; why something stays, or ""."""
    before, made = change.before or {}, change.made
    now = values_of(person)
    back = {name: was for name, was in before["person"].items() if now[name] == made["person"][name]}
    stays = len(before["person"]) - len(back)
    if "company_id" in back:
        was_in = session.get(Company, back.pop("company_id") or 0)  # an empty one may be removed by now
        person.company_id = was_in.id if was_in else None
    person.visits = back.pop("visits", person.visits)
    if "owner_id" in back:
        former = session.get(User, back.pop("owner_id") or 0)
        if former is not None and former.active:
            looking_after.give(session, person, former, user_id)
        else:
            stays += 1
    if back:
        names = {name: back.get(name, now[name]) for name in ("first_name", "last_name", "phone", "time_zone")}
        keeping.change(session, person, keeping.Details(**names, zone_is_guess=person.zone_is_guess), user_id)
    for kind, was in before["days"].items():
        stays += not kept.restore(session, person, kind, was, made["days"][kind], user_id)
    session.execute(sa.delete(Note).where(Note.id.in_(made["notes"]), Note.person_id == person.id))
    return str(_("changed since")) if stays else ""
