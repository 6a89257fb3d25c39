"""What a row says of somebody: name, numbers that can be texted and those that cannot, days, and what was said about
texts. Whatever cannot be understood is reported in a remark and the person is kept. Pure; it knows nobody who is here
already."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from flask_babel import gettext as _

from vidmsg import phone
from vidmsg.accounts import names
from vidmsg.importing import dates, saying
from vidmsg.importing.dates import Day
from vidmsg.importing.table import Row, Table

JOINED = " ::: "  # between several values in one cell of Google's
TITLES = frozenset({"dr", "dr.", "prof", "prof.", "mr", "mr.", "mrs", "mrs.", "ms", "ms.", "herr", "frau", "mme", "m."})
RANKS = ("mobile", "phone", "home", "work")
"""Which of several numbers is texted: the first kind of these that is there."""
MAX_NAME = 60
KEPT_DAYS = ("birthday", "customer_since", "work_anniversary", "contract")
DAYS = (*KEPT_DAYS, "anniversary", "event")
ROUND = frozenset({5, 10, 20, 25, 30, 40, 50, 75})
"""Counts that people celebrate; from a hundred on every fifty."""
MOST_VISITS = 1_000_000


@dataclass
class Contact:
    """One row, read. `phones` are E.164, the one to text first; the others are as they stand in the list. `counted`:
    all visits so far; `visits`: the count that is a day."""

    number: int
    first_name: str = ""
    last_name: str = ""
    name: str = ""
    phones: list[str] = field(default_factory=list)
    bad_phones: list[str] = field(default_factory=list)
    faxes: list[str] = field(default_factory=list)
    emails: list[str] = field(default_factory=list)
    days: dict[str, Day] = field(default_factory=dict)
    bad_days: list[str] = field(default_factory=list)
    visits: int | None = None
    counted: int | None = None
    company: str = ""
    looked_after: str = ""
    time_zone: str | None = None
    agreed: saying.Yes | None = None
    do_not_contact: bool = False
    notes: list[tuple[str, str]] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)
    more: bool = False

    @property
    def phone(self) -> str | None:
        """The number that a text goes to."""
        return self.phones[0] if self.phones else None


@dataclass(frozen=True)
class Reading:
    """How to read a table: what each column means, whether the day comes before the month, and where from. `told`:
    the list itself says which comes first, or has no day where it matters. `zones`: by the number of a row the time
    zone that somebody chose for it."""

    fields: tuple[str, ...]
    first: bool
    told: bool
    country: str
    today: dt.date
    list_name: str
    zones: Mapping[str, str] = field(default_factory=dict)


def reading(
    table: Table,
    fields: Sequence[str],
    *,
    country: str,
    today: dt.date,
    list_name: str,
    first: bool | None = None,
    zones: Mapping[str, str] | None = None,
) -> Reading:
    """How to read this table. All its columns of days are written the same way; `first` decides which, None lets them
    tell."""
    days = [text for at, meaning in enumerate(fields) if meaning in DAYS for text in table.column(at)]
    likely, told = dates.day_first(days, country)
    return Reading(tuple(fields), likely if first is None else first, told, country, today, list_name, zones or {})


def read(row: Row, how: Reading) -> Contact:
    """What this row says."""
    found = Contact(number=row.number, more=row.more)
    given: dict[str, list[str]] = {}
    label = ""
    for cell, meaning in zip(row.cells, how.fields, strict=True):
        if meaning.endswith("_label"):
            label = cell
        elif cell and meaning:
            given.setdefault(meaning, []).append(cell)
            _take(found, meaning, cell, label, how)
            label = ""
    _name(found, given)
    found.phones = _ranked(found.phones)
    found.company = names.clean(_one(given, "company"))[:120]
    found.looked_after = names.clean(_one(given, "looked_after"))
    _zone(found, _one(given, "time_zone"))
    found.time_zone = how.zones.get(str(row.number)) or found.time_zone
    _said(found, given, how)
    return found


def _take(found: Contact, meaning: str, cell: str, label: str, how: Reading) -> None:
    """A cell that speaks for itself; those of the name and of the yes are read together."""
    if meaning in {"mobile", "phone", "home_phone", "work_phone", "fax"}:
        for number in cell.split(JOINED):
            _number(found, number.strip(), _rank(meaning, label), how.country)
    elif meaning == "email":
        found.emails += [one.strip().casefold() for one in cell.split(JOINED)]
    elif meaning in DAYS:
        _day(found, meaning, cell, label, first=how.first, today=how.today)
    elif meaning in {"visits", "reached"}:
        _visits(found, cell, as_it_is=meaning == "reached")
    elif meaning in {"note", "family", "recreation"}:
        found.notes.append(("" if meaning == "note" else meaning, names.clean_text(cell)[:1000]))


def _rank(meaning: str, label: str) -> str:
    """The kind of a number, by its column or by the label beside it."""
    word = label.casefold()
    if meaning == "fax" or "fax" in word or "pager" in word:
        return "fax"
    if meaning == "mobile" or any(part in word for part in ("mobil", "cell", "iphone", "handy", "portable", "móvil")):
        return "mobile"
    if meaning != "phone":
        return meaning.removesuffix("_phone")
    return next((kind for kind in ("home", "work") if kind in word), "phone")


def _number(found: Contact, text: str, rank: str, country: str) -> None:
    if rank == "fax":
        found.faxes.append(text)
        return
    try:
        found.phones.append(f"{RANKS.index(rank)} {phone.parse(text, country)}")
    except phone.WrongNumber as error:
        found.bad_phones.append(text)
        found.remarks.append(f"{text[: phone.MAX_INPUT]}: {error.message}")


def _ranked(phones: list[str]) -> list[str]:
    """Without their ranks, the best first; Python's sort keeps the order of equals."""
    ranked = [one.split(" ")[1] for one in sorted(phones, key=lambda one: one[0])]
    return list(dict.fromkeys(ranked))


def _day(found: Contact, meaning: str, cell: str, label: str, *, first: bool, today: dt.date) -> None:
    try:
        day = dates.parse(cell, first=first, today=today)
    except dates.BadDate as error:
        found.bad_days.append(cell)
        found.remarks.append(_("%(text)s %(why)s.", text=cell[:40], why=error))
        return
    if day is None:
        return
    if day.short:
        found.remarks.append(_("%(text)s has two digits for the year, so the year is left out.", text=cell[:40]))
    if meaning in KEPT_DAYS:
        found.days[meaning] = day
        return
    label = names.clean(label)[:60]
    wedding = meaning == "anniversary" or label.casefold() == "anniversary"
    found.days["anniversary" if wedding else label or "event"] = day
    found.notes.append(("family" if wedding else "", f"{_('Wedding day') if wedding else label or _('A day')}: {day}"))


def _visits(found: Contact, cell: str, *, as_it_is: bool) -> None:
    """A count in a cell, as “50” or “50 visits”. Where everybody's count stands, only a round one is a day to keep;
    `as_it_is`: somebody chose which ones are, and any is, the 37th too."""
    counts = [int(one) for one in re.findall(r"\d+", re.sub(r"(?<=\d)[,. '](?=\d{3}\b)", "", cell))[:2]]
    if len(counts) != 1 or not 0 <= counts[0] <= MOST_VISITS:
        found.remarks.append(_("%(text)s is no number of visits.", text=cell[:40]))
        return
    if not as_it_is:
        found.counted = counts[0]
    if as_it_is and counts[0]:
        found.visits = counts[0]
    elif is_round(counts[0]):
        found.visits = found.visits or counts[0]


def is_round(count: int) -> bool:
    """Whether people celebrate this count."""
    return count in ROUND or (count >= 100 and count % 50 == 0)


def _name(found: Contact, given: dict[str, list[str]]) -> None:
    """First and last name: as the list parts them, else the first word and the rest. A company without a person is
    called by its name; a Japanese, Chinese or Korean name is written with the family first."""
    parts = {key: names.clean(_one(given, key)) for key in ("name", "first_name", "middle_name", "last_name", "suffix")}
    whole = parts["name"]
    if parts["first_name"] or parts["last_name"]:
        first = parts["first_name"] or parts["last_name"]
        rest = [parts["middle_name"], parts["last_name"] if parts["first_name"] else "", parts["suffix"]]
    else:
        words = whole.split(" ")
        while len(words) > 1 and words[0].casefold() in TITLES:
            words = words[1:]
        first, rest = words[0], words[1:]
        if not whole and (company := names.clean(_one(given, "company"))):
            first = company
    found.first_name, found.last_name = first, " ".join(part for part in rest if part)
    spoken = [found.first_name, found.last_name]
    if re.match(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]", found.last_name):
        spoken.reverse()
    found.name = whole or " ".join(part for part in spoken if part)


def _zone(found: Contact, text: str) -> None:
    if not text:
        return
    found.time_zone = saying.zone(text)
    if found.time_zone is None:
        found.remarks.append(_("%(text)s is no time zone that we know.", text=text[:40]))


def _said(found: Contact, given: dict[str, list[str]], how: Reading) -> None:
    """What the list says about texts: a no always counts, a yes only with the place where it was said."""
    found.do_not_contact = any(saying.is_yes(cell) for cell in given.get("do_not_contact", []))
    consent = _one(given, "consent")
    if saying.is_stop(consent):
        found.do_not_contact = True
    if found.do_not_contact or not saying.is_yes(consent):
        return
    source = _one(given, "consent_source")
    where = saying.source(source)
    if where is None:
        found.remarks.append(
            _("The list says yes to texts, but not where it was said, so it does not count. Note it by hand.")
        )
        return
    words = names.clean_text(_one(given, "consent_words")) or _(
        "From the list %(list)s: %(consent)s, %(source)s", list=how.list_name, consent=consent, source=source
    )
    found.agreed = saying.Yes(words[:2000], where)


def _one(given: dict[str, list[str]], key: str) -> str:
    return given.get(key, [""])[0]
