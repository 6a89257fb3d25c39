"""What to do with each row: somebody new, a change, nothing to do, or refused with a reason. The dry run and the
taking-in ask the same question here, each with what is known at its moment. Pure; whom we know is passed in."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from flask_babel import gettext as _

from vidmsg.importing.contacts import KEPT_DAYS, MAX_NAME, Contact, Reading, is_round, read
from vidmsg.importing.dates import Day
from vidmsg.importing.table import Table
from vidmsg.people.models import folded

NEW, CHANGED, SAME, REFUSED = "new", "changed", "same", "refused"
GRANTED, REVOKED, LIFTABLE = "granted", "revoked", "liftable"
"""What a number said last; LIFTABLE: a yes that came by a list which was taken back, so it says nothing."""


@dataclass(frozen=True)
class Colleague:
    """One of us who may look after people of this list."""

    id: int
    name: str


@dataclass(frozen=True)
class Known:
    """Somebody who is here already, as far as a list may change it."""

    id: int
    first_name: str
    last_name: str
    phone: str | None
    time_zone: str
    company: str = ""
    days: dict[str, Day] = field(default_factory=dict)
    visits: frozenset[int] = frozenset()
    notes: frozenset[str] = frozenset()
    works_here: bool = False
    owner: Colleague | None = None
    counted: int | None = None

    @property
    def called(self) -> str:
        """The name to compare by."""
        return _called(self.first_name, self.last_name)


@dataclass(frozen=True)
class Around:
    """Whom we know: those of the team, the numbers that another team has, what numbers said about texts, and by name
    and e-mail who may look after people."""

    by_phone: dict[str, list[Known]]
    without_phone: dict[str, list[Known]]
    called: frozenset[str]
    elsewhere: frozenset[str]
    said: dict[str, str]
    colleagues: dict[str, Colleague] = field(default_factory=dict)


@dataclass(frozen=True)
class Proposal:
    """What is to happen with a row. `changes`: field → (was, becomes); for somebody new it is empty. `reason`: why a
    row is refused; `remarks`: what of it was left out; `owner`: who shall look after her, if the list says so."""

    kind: str
    contact: Contact
    known: Known | None = None
    changes: dict[str, tuple[object, object]] = field(default_factory=dict)
    reason: str = ""
    agrees: bool = False
    stops: bool = False
    notes: tuple[tuple[str, str], ...] = ()
    remarks: tuple[str, ...] = ()
    owner: Colleague | None = None


def contacts(table: Table, how: Reading) -> list[Contact | Proposal]:
    """Every row read, doubles put together: a row that repeats an earlier one's number or e-mail is refused, but its
    "do not contact" counts. What can be said without knowing anybody is a proposal already."""
    found: list[Contact | Proposal] = []
    first: dict[str, Contact] = {}
    for row in table.rows:
        if row.is_empty:
            continue
        contact = read(row, how)
        earlier = _earlier(contact, first)
        if earlier is not None:
            earlier.do_not_contact = earlier.do_not_contact or contact.do_not_contact
            found.append(_refused(contact, _("The same as row %(row)s.", row=earlier.number)))
            continue
        reason = _unfit(contact)
        found.append(_refused(contact, reason) if reason else contact)
        if not reason:
            keys = [*contact.phones[:1], *contact.emails] if contact.phones else [*contact.emails, called(contact)]
            first.update(dict.fromkeys(keys, contact))
    return found


def propose(found: Iterable[Contact | Proposal], around: Around, met: set[int]) -> list[Proposal]:
    """What is to happen with each, given whom we know. `met`: ids of those whom earlier rows meant; it grows."""
    return [one if isinstance(one, Proposal) else _propose(one, around, met) for one in found]


def _propose(contact: Contact, around: Around, met: set[int]) -> Proposal:
    known = _known(contact, around)
    if isinstance(known, str):
        return _refused(contact, known)
    if known is not None and known.id in met:
        return _refused(contact, str(_("An earlier row means the same person.")))
    if known is not None:
        met.add(known.id)
    said = around.said.get(contact.phone or (known.phone if known else "") or "")
    stops = contact.do_not_contact and said != REVOKED
    agrees = contact.agreed is not None and contact.phone is not None and said in {None, LIFTABLE} and not stops
    remarks = list(contact.remarks)
    if contact.agreed is not None and said == REVOKED:
        remarks.append(_("This number said no before. A list does not lift that."))
    if not contact.phone and not (known and known.phone):
        remarks.append(_("There is no number to text to."))
    owner = around.colleagues.get(folded(contact.looked_after))
    if contact.looked_after and owner is None:
        remarks.append(_("%(text)s is nobody who may look after this person.", text=contact.looked_after[:60]))
    notes = tuple(one for one in contact.notes if known is None or one[1] not in known.notes)
    if known:
        contact.visits = contact.visits or passed(known.counted, contact.counted)
    changes = _changes(contact, known) if known else {}
    if known and owner and owner != known.owner:
        changes["owner"] = (known.owner.name if known.owner else None, owner.name)
    speaks = stops or agrees or bool(notes)
    kind = NEW if known is None else CHANGED if changes or speaks else SAME
    stops = stops and _has_number(contact, known)
    return Proposal(kind, contact, known, changes, "", agrees, stops, notes, tuple(remarks), owner)


def called(contact: Contact) -> str:
    """The name to compare by."""
    return _called(contact.first_name, contact.last_name)


def passed(was: int | None, now: int | None) -> int | None:
    """The last count to celebrate that came between two lists: whoever comes several times in between skips none."""
    if was is None or now is None:
        return None
    return next((count for count in range(now, was, -1) if is_round(count)), None)


def _called(first_name: str, last_name: str) -> str:
    return folded(f"{first_name} {last_name}")


def _has_number(contact: Contact, known: Known | None) -> bool:
    return bool(contact.phone or (known and known.phone))


def _earlier(contact: Contact, first: dict[str, Contact]) -> Contact | None:
    """The row that this one repeats: by number; by e-mail only where the name does not speak against it."""
    if contact.phone in first:
        return first[str(contact.phone)]
    if not contact.phone and called(contact) in first:
        return first[called(contact)]
    twins = (first[one] for one in contact.emails if one in first)
    return next((one for one in twins if not contact.first_name or called(one) == called(contact)), None)


def _unfit(contact: Contact) -> str:
    """Why a row cannot be taken in whoever we know, or ""."""
    if contact.more:
        return str(_("It has more cells than the heading, so its values may stand in the wrong columns."))
    if not contact.first_name:
        return str(_("There is a number, but no name.")) if contact.phones else _("There is no name.")
    if max(len(contact.first_name), len(contact.last_name)) > MAX_NAME:
        return str(_("The name is longer than %(most)s letters.", most=MAX_NAME))
    return ""


def _known(contact: Contact, around: Around) -> Known | str | None:
    """The one whom the row means, None for nobody yet, or why that cannot be told."""
    if not contact.phone:
        return _without_number(contact, around)
    same = around.by_phone.get(contact.phone, [])
    if len(same) > 1:
        same = [one for one in same if one.called == called(contact)]
        if len(same) != 1:
            return str(_("Several people share this number, and none is called so. Change them by hand."))
    if same:
        return str(_("This is a colleague's own number.")) if same[0].works_here else same[0]
    if contact.phone in around.elsewhere:
        return str(_("Somebody in another team has this number. Add them by hand if both teams shall have it."))
    waiting = around.without_phone.get(called(contact), [])
    return waiting[0] if len(waiting) == 1 else None


def _without_number(contact: Contact, around: Around) -> Known | str | None:
    waiting = around.without_phone.get(called(contact), [])
    if len(waiting) == 1:
        return waiting[0]
    if waiting or called(contact) in around.called:
        return str(_("Somebody of this name is here, and without a number we can't tell whether it is the same."))
    return None


def _changes(contact: Contact, known: Known) -> dict[str, tuple[object, object]]:
    """What the list says otherwise. What it does not say stays; a day without its year does not take a year away."""
    changes: dict[str, tuple[object, object]] = {}
    if called(contact) != known.called:
        for name in ("first_name", "last_name"):
            if getattr(contact, name) != getattr(known, name):
                changes[name] = (getattr(known, name), getattr(contact, name))
    if contact.phone and not known.phone:
        changes["phone"] = (None, contact.phone)
    if contact.time_zone and contact.time_zone != known.time_zone:
        changes["time_zone"] = (known.time_zone, contact.time_zone)
    if contact.company and contact.company.casefold() != known.company.casefold():
        changes["company"] = (known.company, contact.company)
    for kind in KEPT_DAYS:
        new, old = contact.days.get(kind), known.days.get(kind)
        if new and (old is None or (new.month, new.day) != (old.month, old.day) or new.year not in {None, old.year}):
            changes[kind] = (old, new)
    return changes | _counts(contact, known)


def _counts(contact: Contact, known: Known) -> dict[str, tuple[object, object]]:
    changes: dict[str, tuple[object, object]] = {}
    if contact.counted not in {None, known.counted}:
        changes["counted"] = (known.counted, contact.counted)
    if contact.visits and contact.visits not in known.visits:
        changes["visits"] = (None, contact.visits)
    return changes


def _refused(contact: Contact, reason: str) -> Proposal:
    return Proposal(REFUSED, contact, reason=reason, remarks=tuple(contact.remarks))


def counts(proposals: Iterable[Proposal]) -> dict[str, int]:
    """How many of each kind."""
    found = dict.fromkeys((NEW, CHANGED, SAME, REFUSED), 0)
    for one in proposals:
        found[one.kind] += 1
    return found
