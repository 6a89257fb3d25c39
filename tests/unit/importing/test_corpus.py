"""Every list of ../shared/corpus/contacts is read as cases.json says."""

from __future__ import annotations

import datetime as dt
import json
from functools import cache
from typing import Any

import phonenumbers
import pytest

from tests.conftest import CORPUS
from vidmsg.importing import columns, contacts, decoding, rows, table
from vidmsg.importing.contacts import Contact
from vidmsg.importing.rows import Around, Proposal

pytestmark = pytest.mark.corpus
FOLDER = CORPUS / "contacts"
NAMES = (
    "crm_export_gaps",
    "excel_semicolon_bom_de",
    "excel_semicolon_cp1252_fr",
    "excel_unicode_text_utf16le",
    "formula_names",
    "google_contacts_2024",
    "google_contacts_old",
    "outlook_contacts",
    "outlook_shift_jis",
    "salesforce_dataloader_utf16le_bom",
)
NOBODY = Around({}, {}, frozenset(), frozenset(), {})


@cache
def cases() -> dict[str, Any]:
    listed = json.loads((FOLDER / "cases.json").read_text(encoding="utf-8"))
    return {one["id"]: one for one in listed if one["format"] == "delimited"}


def brought(case: dict[str, Any]) -> tuple[table.Table, list[str], list[Proposal]]:
    found = table.read(decoding.decode((FOLDER / case["file"]).read_bytes()).text)
    fields = columns.guess(found.header)
    today, country = dt.date(2026, 11, 22), case["default_region"]
    how = contacts.reading(found, fields, country=country, today=today, list_name=case["file"])
    return found, fields, rows.propose(rows.contacts(found, how), NOBODY, set())


def numbers_of(contact: Contact, country: str) -> set[str]:
    """Those to text, and landlines, which are told and not texted."""
    landlines = set()
    for text in contact.bad_phones:
        try:
            number = phonenumbers.parse(text, country)
        except phonenumbers.NumberParseException:
            continue
        if phonenumbers.is_valid_number(number):
            landlines.add(phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164))
    return {*contact.phones, *landlines}


def test_every_list_of_the_corpus_is_named_here() -> None:
    assert set(cases()) == set(NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_a_list_becomes_what_the_corpus_says(name: str) -> None:
    case = cases()[name]
    found, fields, proposals = brought(case)
    assert found.delimiter == case["delimiter"]
    kept = [one for one in proposals if one.kind == rows.NEW]
    if not case["contacts"]:
        assert fields == [""] * len(found.header)
        assert not kept
        return
    by_name = {one.contact.name: one for one in kept}
    for wanted in case["contacts"]:
        if wanted["name"] not in by_name:  # a row with an e-mail alone is told instead of kept
            (told,) = [
                one for one in proposals if set(wanted["emails"]) <= set(one.contact.emails) and wanted["emails"]
            ]
            assert (told.kind, told.reason, wanted["phones"]) == (rows.REFUSED, "There is no name.", [])
            continue
        _same(by_name.pop(wanted["name"]), wanted, case["default_region"])
    assert not by_name


def _same(one: Proposal, wanted: dict[str, Any], country: str) -> None:
    contact, days = one.contact, {kind: str(day) for kind, day in one.contact.days.items()}
    assert numbers_of(contact, country) == set(wanted["phones"])
    assert set(contact.phones) == set(wanted["phones"]) - (numbers_of(contact, country) - set(contact.phones))
    assert all(any(bad in remark for remark in one.remarks) for bad in wanted["phones_bad"])
    assert days.get("birthday") == wanted["birthday"] or days.get("birthday") in _yearless(wanted)
    assert days.get("anniversary") == wanted["anniversary"]
    assert set(wanted["emails"]) <= set(contact.emails)
    assert {f"+{_digits(fax, country)}" for fax in contact.faxes} == set(wanted.get("fax", []))
    for label, day in wanted.get("other_dates", {}).items():
        assert days[label] == day
    for bad in wanted.get("bad_dates", []):
        assert any(bad in remark for remark in one.remarks) or days.get("birthday") in _yearless(wanted)
    if wanted.get("do_not_contact"):
        assert one.stops
    for part in (wanted.get("family", ""), wanted.get("recreation", "")):
        words = [word for piece in part.split(";") for word in piece.split()[-1:]]
        assert all(any(word in text for _topic, text in one.notes) for word in words)


def _yearless(wanted: dict[str, Any]) -> set[str]:
    return {"--01-31"} if "31 Jan" in wanted.get("bad_dates", []) else set()


def _digits(text: str, country: str) -> str:
    number = phonenumbers.parse(text, country)
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)[1:]


def test_rows_that_stay_out_say_so_with_their_number() -> None:
    _table, _fields, proposals = brought(cases()["crm_export_gaps"])
    assert {one.contact.number: one.reason for one in proposals if one.reason} == {
        3: "There is no name.",
        4: "The same as row 2.",
        5: "There is no name.",
        7: "The same as row 6.",
    }
