"""Bytes become text, text a table, headings meanings, and cells days: by tables of cases, without a database."""

from __future__ import annotations

import datetime as dt

import pytest

from vidmsg.importing import columns, dates, decoding, saying, table
from vidmsg.importing.decoding import Refused

TODAY = dt.date(2026, 11, 22)
FRENCH = "Prénom;Nom;Téléphone\r\nZoé;Lefèvre;l’après-midi\r\nFrançois;Dœuvre;à côté\r\n"
JAPANESE = "姓,名,携帯電話\r\n髙橋,美咲,表\r\nソ能,十朗,\r\n"


@pytest.mark.parametrize(
    ("text", "written", "read"),
    [
        (FRENCH, "utf-8", "utf-8"),
        (FRENCH, "utf-8-sig", "utf-8"),
        (FRENCH, "cp1252", "cp1252"),
        ("Name\r\nO’Hara\r\n", "cp1252", "cp1252"),
        ("Vorname;Straße\r\nJörg;Köln\r\nÅsa;Öl\r\n", "cp1252", "cp1252"),
        (JAPANESE, "cp932", "cp932"),
        (JAPANESE, "utf-8", "utf-8"),
        (FRENCH, "utf-16", "utf-16-le"),
        (FRENCH, "utf-16-le", "utf-16-le"),
        (FRENCH, "utf-16-be", "utf-16-be"),
    ],
)
def test_a_text_is_read_in_the_encoding_it_was_written_in(text: str, written: str, read: str) -> None:
    found = decoding.decode(text.encode(written))
    assert (found.text, found.encoding) == (text, read)


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (b"", "empty"),
        (b" \r\n ", "empty"),
        (b"PK\x03\x04rest", "workbook"),
        (b"\xd0\xcf\x11\xe0rest", "workbook"),
        (b"BEGIN:VCARD\r\n", "contact cards"),
        (b"Name\x00\r\nMaria\r\n", "CSV UTF-8"),
        ("Имя,Телефон\r\nМария,1\r\n".encode("cp1251"), "CSV UTF-8"),
        (b"Name\r\n\x81\x8d\x8f\r\n", "CSV UTF-8"),
        (b"\xff\xfeN\x00a", "CSV UTF-8"),
        (b"N" * (decoding.MAX_BYTES + 1), "10 MB"),
    ],
)
def test_what_is_no_list_is_refused_with_what_to_do(data: bytes, sentence: str) -> None:
    with pytest.raises(Refused, match=sentence):
        decoding.decode(data)


@pytest.mark.parametrize(
    ("text", "delimiter"),
    [
        ("Name,Phone\nMaria,1\n", ","),
        ('"Name, all of it";Phone\nMaria;1\n', ";"),
        ("Name\tPhone\nMaria\t1\n", "\t"),
        ("Name|Phone\nMaria|1\n", "|"),
        ("sep=;\r\nName;Phone\r\nMaria;1\r\n", ";"),
        ("Name,Phone\rMaria,1\r", ","),
    ],
)
def test_the_heading_tells_what_parts_the_cells(text: str, delimiter: str) -> None:
    found = table.read(text)
    assert found.delimiter == delimiter
    assert found.rows[0].cells == ("Maria", "1")
    assert found.rows[0].number == 2


def test_rows_are_numbered_as_a_spreadsheet_does_whatever_breaks_inside_quotes() -> None:
    found = table.read('Name,Notes\n"Maria","two\nlines, and ""quoted"""\n\nTom\nAnn,x,y\n')
    maria, empty, tom, ann = found.rows
    assert maria.cells == ("Maria", 'two\nlines, and "quoted"')
    assert [row.number for row in found.rows] == [2, 3, 4, 5]
    assert (empty.is_empty, tom.cells, ann.more) == (True, ("Tom", ""), True)


def test_a_list_without_a_heading_loses_nobody() -> None:
    found = table.read("Maria Alvarez,206 555 0142\nTom,206 555 0143\n")
    assert found.header == ("Column 1", "Column 2")
    assert [row.cells[0] for row in found.rows] == ["Maria Alvarez", "Tom"]


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("\n\n,,\n", "nothing in this file"),
        ('Name,Phone\n"Maria,1\nTom,2\n', "never closed"),
        (",".join(f"c{n}" for n in range(201)), "200 columns"),
        ("Name\n" + "Maria\n" * 20_001, "20,000 rows"),
        ("Name\n" + "M" * 200_000, "not a list"),
    ],
)
def test_what_is_no_table_is_refused_with_what_to_do(text: str, sentence: str) -> None:
    with pytest.raises(Refused, match=sentence):
        table.read(text)


@pytest.mark.parametrize(
    ("heading", "meaning"),
    [
        ("First Name,Last Name,Mobile", "first_name,last_name,mobile"),
        ("NAME,Cell Phone,D.O.B.", "name,mobile,"),
        ("Vorname,Name,Handy,Geburtsdatum,Kunde seit,Fax", "first_name,last_name,mobile,birthday,customer_since,fax"),
        ("Prénom,Nom,Téléphone portable,Date de naissance", "first_name,last_name,mobile,birthday"),
        ("Nom,Téléphone", "name,phone"),
        ("Nombre,Apellidos,Móvil,Cumpleaños,Cliente desde", "first_name,last_name,mobile,birthday,customer_since"),
        ("姓,名,携帯電話,誕生日", "last_name,first_name,mobile,birthday"),
        ("Given Name,Name,Family Name", "first_name,name,last_name"),
        ("Phone 1 - Label,Phone 1 - Value,Event 1 - Type,Event 1 - Value", "phone_label,phone,event_label,event"),
        ("Do Not Contact,Consent,Consent Source,Time Zone", "do_not_contact,consent,consent_source,time_zone"),
        ("Birthday,Birthday", "birthday,"),
        ("Name,Hire Date,Contract date,Visits", "name,work_anniversary,contract,visits"),
        ("Name,Visits,Visits reached", "name,visits,reached"),
        ("Name,Eintrittsdatum,Vertragsbeginn,Anzahl Besuche", "name,work_anniversary,contract,visits"),
        ("氏名,入社日,契約日,来店回数", "name,work_anniversary,contract,visits"),
        ("column1,Score,Address,Gender,Assistant's Name", ",,,,"),
    ],
)
def test_a_heading_is_known_in_five_languages_or_not_at_all(heading: str, meaning: str) -> None:
    assert columns.guess(heading.split(",")) == meaning.split(",")


@pytest.mark.parametrize(
    ("text", "first", "day"),
    [
        ("1979-02-28", False, "1979-02-28"),
        ("1979-02-28T00:00:00", False, "1979-02-28"),
        ("19790228", False, "1979-02-28"),
        ("07.01.1971", False, "1971-01-07"),
        ("7/1/1971", False, "1971-07-01"),
        ("7/1/1971", True, "1971-01-07"),
        ("7-1-1971 0:00", True, "1971-01-07"),
        ("1985/3/9", True, "1985-03-09"),
        ("1985年3月9日", False, "1985-03-09"),
        ("31 Jan", False, "--01-31"),
        ("January 31st, 1990", False, "1990-01-31"),
        ("31. März 1990", False, "1990-03-31"),
        ("1er août 1990", False, "1990-08-01"),
        ("3 de marzo de 1990", False, "1990-03-03"),
        (" --02-29", False, "--02-29"),
        ("2/29", False, "--02-29"),
        ("1604-08-17", False, "--08-17"),
        ("3/21/80", False, "--03-21"),
        ("0/0/00", False, None),
        ("00.00.0000", False, None),
        ("", False, None),
    ],
)
def test_a_day_is_read_as_it_is_written_and_its_year_never_guessed(text: str, first: bool, day: str | None) -> None:
    found = dates.parse(text, first=first, today=TODAY)
    assert (str(found) if found else None) == day


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("31.11.2010", "no calendar has"),
        ("2/29/1990", "no calendar has"),
        ("13/13/1990", "no calendar has"),
        ("1.1.1799", "cannot be"),
        ("1.1.2990", "cannot be"),
        ("2026-12-24", "still to come"),
        ("soon", "not written like a day"),
        ("12345", "not written like a day"),
        ("3 Foo 1990", "not written like a day"),
    ],
)
def test_a_day_that_cannot_be_is_told(text: str, why: str) -> None:
    with pytest.raises(dates.BadDate, match=why):
        dates.parse(text, first=False, today=TODAY)


@pytest.mark.parametrize(
    ("values", "country", "told"),
    [
        (["3/4/1990", "13/4/1990"], "US", (True, True)),
        (["3/4/1990", "4/13/1990"], "DE", (False, True)),
        (["3/4/1990"], "US", (False, False)),
        (["3/4/1990"], "GB", (True, False)),
        (["13/4/1990", "4/13/1990"], "GB", (True, False)),
        (["1990-04-03"], "US", (False, True)),
    ],
)
def test_the_column_tells_whether_the_day_comes_first_else_the_country(
    values: list[str], country: str, told: tuple[bool, bool]
) -> None:
    assert dates.day_first(values, country) == told


@pytest.mark.parametrize(
    ("text", "zone"),
    [
        ("America/New_York", "America/New_York"),
        ("america/new york", "America/New_York"),
        ("Berlin", "Europe/Berlin"),
        ("Pacific Time", "America/Los_Angeles"),
        ("EST", "America/New_York"),
        ("somewhere", None),
        ("../etc/passwd", None),
    ],
)
def test_a_zone_is_known_by_name_city_or_not_at_all(text: str, zone: str | None) -> None:
    assert saying.zone(text) == zone


@pytest.mark.parametrize(
    ("text", "source"),
    [
        ("Website signup 2024", "web form"),
        ("signed paper card", "paper form"),
        ("Telefonat", "phone"),
        ("in person at the desk", "in person"),
        ("on site", "in person"),
        ("text", None),
        ("list", None),
        ("bought from a partner", None),
        ("", None),
    ],
)
def test_only_a_place_where_somebody_can_say_yes_is_a_source(text: str, source: str | None) -> None:
    assert saying.source(text) == source
