"""A list between looking and taking in: the file on its row, read with the columns as they are set, and what would
happen with every row. Nothing is written to a person here."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask_babel import gettext as _
from sqlalchemy.orm import Session

from vidmsg import clock
from vidmsg.accounts.models import Organisation, User
from vidmsg.importing import columns, contacts, decoding, knowing, rows, table
from vidmsg.importing.contacts import Contact, Reading
from vidmsg.importing.rows import Proposal
from vidmsg.importing.table import Table
from vidmsg.people import zones
from vidmsg.people.models import ImportBatch

NAMES = {"name", "first_name", "last_name", "company"}


@dataclass(frozen=True)
class Plan:
    """The table, what its columns mean, and each row with what would happen to it. `order_told`: whether days tell by
    themselves if the month or the day comes first; `day_first`: what we take; `chosen`: zones by a row's number."""

    table: Table
    fields: tuple[str, ...]
    order_told: bool
    day_first: bool
    proposals: list[Proposal]
    chosen: Mapping[str, str]

    @property
    def has_names(self) -> bool:
        """Whether any column says who it is; without one there is nobody to take in."""
        return bool(NAMES & set(self.fields))

    def of(self, kind: str) -> list[Proposal]:
        """The rows of one kind."""
        return [one for one in self.proposals if one.kind == kind]

    def zones(self, one: Proposal) -> tuple[str, ...]:
        """By which clocks the number of somebody new may live, where neither it nor the list tells which it is."""
        who = one.contact
        told = who.time_zone and str(who.number) not in self.chosen
        if one.kind != rows.NEW or not who.phone or told or zones.of_number(who.phone):
            return ()
        return zones.possible(who.phone)

    def example(self, index: int) -> str:
        """The first value of a column, to recognise it by."""
        return next(iter(self.table.column(index)), "")[:60]


def begin(session: Session, user: User, file_name: str, data: bytes) -> ImportBatch:
    """Keep a file for looking at. Raises decoding.Refused when it is no list."""
    read = table.read(decoding.decode(data).text)
    batch = ImportBatch(
        organisation_id=user.organisation_id,
        team_id=user.team_id,
        user_id=user.id,
        file_name=file_name[:120],
        source=data,
        mapping={"fields": columns.guess(read.header), "first": None},
        created_at=clock.now(),
    )
    session.add(batch)
    session.flush()
    return batch


def make(session: Session, batch: ImportBatch) -> Plan:
    """What would happen now."""
    read, how = _reading(session, batch)
    found = _contacts(read, how)
    around = knowing.around(session, batch.organisation_id, batch.team_id, only(found))
    return Plan(read, how.fields, how.told, how.first, rows.propose(found, around, set()), how.zones)


def read_contacts(session: Session, batch: ImportBatch) -> list[Contact | Proposal]:
    """The list's rows, read with the columns as they are set."""
    return _contacts(*_reading(session, batch))


def only(found: Sequence[Contact | Proposal]) -> list[Contact]:
    """Those rows about which there is something to ask."""
    return [one for one in found if isinstance(one, Contact)]


def set_columns(
    batch: ImportBatch, fields: Sequence[str], first: bool | None, chosen: Mapping[str, str] | None = None
) -> str | None:
    """What the columns mean, corrected by a person, and the time zones `chosen` by the number of a row; the sentence
    why that cannot be, if it cannot."""
    known = [one if one in columns.FIELDS else "" for one in fields]
    twice = next((one for one in known if one in columns.ONLY_ONCE and known.count(one) > 1), None)
    if twice:
        return str(_("Two columns cannot both be “%(what)s”. Leave one out.", what=columns.FIELDS[twice]))
    kept = {row: zone for row, zone in (chosen or {}).items() if clock.is_zone(zone)}
    batch.mapping = {"fields": known, "first": first, "zones": kept}
    return None


def _reading(session: Session, batch: ImportBatch) -> tuple[Table, Reading]:
    read = table.read(decoding.decode(batch.source or b"").text)
    mapping = batch.mapping or {}
    fields = list(mapping.get("fields") or columns.guess(read.header)) + [""] * len(read.header)
    home = session.get_one(Organisation, batch.organisation_id)
    today: dt.date = clock.local(clock.now(), home.time_zone).date()
    given: dict[str, Any] = {
        "country": home.country,
        "today": today,
        "list_name": batch.file_name,
        "first": mapping.get("first"),
        "zones": mapping.get("zones"),
    }
    return read, contacts.reading(read, fields[: len(read.header)], **given)


def _contacts(read: Table, how: Reading) -> list[Contact | Proposal]:
    """Without a column of names nobody is taken in."""
    return rows.contacts(read, how) if NAMES & set(how.fields) else []
