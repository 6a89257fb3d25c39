"""What is to happen with a row, given whom we know."""

from __future__ import annotations

import datetime as dt

from vidmsg.importing import columns, contacts, rows, table
from vidmsg.importing.contacts import Contact
from vidmsg.importing.dates import Day
from vidmsg.importing.rows import Around, Known, Proposal

MARIA = "+12065550142"


def known(**values: object) -> Known:
    given = {"id": 1, "first_name": "Maria", "last_name": "Alvarez", "phone": MARIA, "time_zone": "UTC"}
    return Known(**{**given, **values})  # type: ignore[arg-type]


def around(*people: Known, said: dict[str, str] | None = None, elsewhere: str = "") -> Around:
    by_phone: dict[str, list[Known]] = {}
    without: dict[str, list[Known]] = {}
    for one in people:
        (by_phone.setdefault(one.phone, []) if one.phone else without.setdefault(one.called, [])).append(one)
    called = frozenset(one.called for one in people)
    return Around(by_phone, without, called, frozenset({elsewhere}), said or {})


def read(text: str, country: str = "US") -> list[Contact | Proposal]:
    found = table.read(text)
    today = dt.date(2026, 11, 22)
    fields = columns.guess(found.header)
    return rows.contacts(found, contacts.reading(found, fields, country=country, today=today, list_name="a.csv"))


def proposed(text: str, us: Around | None = None) -> list[Proposal]:
    return rows.propose(read(text), us or around(), set())


def test_somebody_new_is_new_and_somebody_known_by_number_is_the_same() -> None:
    new, same = proposed("Name,Mobile\nTom Wells,206 555 0143\nMaria Alvarez,(206) 555-0142\n", around(known()))
    assert (new.kind, new.contact.first_name, new.contact.last_name) == (rows.NEW, "Tom", "Wells")
    assert (same.kind, same.known and same.known.id) == (rows.SAME, 1)


def test_what_the_list_says_otherwise_is_a_change_and_what_it_does_not_say_stays() -> None:
    here = known(days={"birthday": Day(5, 17, 1990)}, company="Wells Bakery")
    text = "Name,Mobile,Birthday,Company,Time zone\nmaria alvarez,2065550142,{},{},{}\n"
    (same,) = proposed(text.format("5/17", "", ""), around(here))
    assert same.kind == rows.SAME
    (changed,) = proposed(text.format("1990-05-18", "Spa", "Berlin"), around(here))
    assert changed.changes == {
        "birthday": (Day(5, 17, 1990), Day(5, 18, 1990)),
        "company": ("Wells Bakery", "Spa"),
        "time_zone": ("UTC", "Europe/Berlin"),
    }


def test_a_row_that_repeats_an_earlier_one_stays_out_whatever_the_spelling() -> None:
    text = (
        "Name,Mobile,Email\nTom,206 555 0143,t@example.com\nTommy,1-206-555-0143,\nTom,,T@example.com\nAnn,,\nANN,,\n"
    )
    first, *others = proposed(text)
    assert first.kind == rows.NEW
    assert [(one.kind, one.reason) for one in others if one.kind == rows.REFUSED] == [
        (rows.REFUSED, "The same as row 2."),
        (rows.REFUSED, "The same as row 2."),
        (rows.REFUSED, "The same as row 5."),
    ]


def test_a_later_double_does_not_lift_do_not_contact_and_may_set_it() -> None:
    text = "Name,Mobile,Do Not Contact,Consent,Consent source\nTom,206 555 0143,{},yes,web\nTom,2065550143,{},yes,web\n"
    for marks in (("true", ""), ("", "true")):
        first, _second = proposed(text.format(*marks))
        assert (first.stops, first.agrees) == (True, False)


def test_a_yes_counts_only_with_its_place_and_never_over_a_no() -> None:
    text = "Name,Mobile,Consent,Consent source\nTom,206 555 0143,yes,{}\n"
    (good,) = proposed(text.format("paper form"))
    assert (good.agrees, good.contact.agreed and good.contact.agreed.source) == (True, "paper form")
    for source in ("", "a partner", "text"):
        (bad,) = proposed(text.format(source))
        assert (bad.kind, bad.agrees) == (rows.NEW, False)
        assert "not where it was said" in bad.remarks[0]
    (stopped,) = proposed(text.format("web"), around(said={"+12065550143": rows.REVOKED}))
    assert not stopped.agrees
    assert "said no before" in stopped.remarks[0]
    (again,) = proposed(text.format("web"), around(said={"+12065550143": rows.LIFTABLE}))
    assert again.agrees


def test_several_numbers_mobile_first_and_never_a_fax() -> None:
    text = "Name,Business Phone,Home Phone,Mobile Phone,Business Fax\nTom,2065550101,2065550102,2065550103,2065550104\n"
    (tom,) = proposed(text)
    assert tom.contact.phones == ["+12065550103", "+12065550102", "+12065550101"]
    assert tom.contact.faxes == ["2065550104"]


def test_a_number_that_cannot_be_texted_is_told_and_the_person_kept() -> None:
    (tom,) = proposed("Name,Mobile\nTom,206 555 01\n")
    assert (tom.kind, tom.contact.phone) == (rows.NEW, None)
    assert "two digits short" in tom.remarks[0]


def test_a_row_without_a_number_is_nobody_we_can_be_sure_of() -> None:
    (twin,) = proposed("Name,Mobile\nMaria Alvarez,\n", around(known()))
    assert (twin.kind, "can't tell" in twin.reason) == (rows.REFUSED, True)
    (given,) = proposed("Name,Mobile\nMaria Alvarez,206 555 0142\n", around(known(phone=None)))
    assert given.changes == {"phone": (None, MARIA)}


def test_two_rows_never_mean_the_same_person() -> None:
    text = "Name,Mobile\nMaria Alvarez,206 555 0142\nMaria Alvarez,206 555 0143\n"
    first, second = proposed(text, around(known(phone=None)))
    assert (first.kind, second.kind) == (rows.CHANGED, rows.REFUSED)


def test_a_shared_number_is_decided_by_name_and_foreign_or_own_ones_stay_out() -> None:
    text = "Name,Mobile\nTom Alvarez,206 555 0142\n"
    family = around(known(), known(id=2, first_name="Tom"))
    assert proposed(text, family)[0].kind == rows.SAME
    strangers = around(known(), known(id=2, first_name="Ann"))
    assert "share this number" in proposed(text, strangers)[0].reason
    assert "another team" in proposed(text, around(elsewhere=MARIA))[0].reason
    assert "colleague" in proposed(text, around(known(works_here=True)))[0].reason


def test_a_row_that_cannot_be_right_stays_out_with_the_reason() -> None:
    text = f"Name,Mobile\n,206 555 0142\nTom,206 555 0143,more\n{'x' * 61},\n"
    assert [one.reason for one in proposed(text)] == [
        "There is a number, but no name.",
        "It has more cells than the heading, so its values may stand in the wrong columns.",
        "The name is longer than 60 letters.",
    ]


def test_names_are_plain_text_without_tricks() -> None:
    (one,) = proposed('Name,Mobile\n"=HYPERLINK(""http://x"")\u202e",206 555 0142\n')
    assert one.contact.name == '=HYPERLINK("http://x")'


def test_one_column_of_days_tells_for_the_others() -> None:
    (one,) = proposed("Name,Mobile,Birthday,Customer since\nTom,206 555 0143,17/5/1990,3/4/2019\n")
    assert (one.contact.days["birthday"], one.contact.days["customer_since"]) == (Day(5, 17, 1990), Day(4, 3, 2019))


def test_only_round_counts_are_days_and_what_is_no_count_is_told() -> None:
    text = "Name,Mobile,Visits\nTom,206 555 0143,{}\n"
    found = {
        cell: proposed(text.format(cell))[0] for cell in ("50", "1'250", "50 visits", "37", "0", "often", "9999999")
    }
    said = {cell: (one.contact.visits, bool(one.remarks)) for cell, one in found.items()}
    assert said == {
        "50": (50, False), "1'250": (1250, False), "50 visits": (50, False), "37": (None, False), "0": (None, False),
        "often": (None, True), "9999999": (None, True),
    }  # fmt: skip


def test_a_count_that_was_passed_between_two_lists_is_a_day() -> None:
    text = "Name,Mobile,Visits\nMaria Alvarez,206 555 0142,{}\n"
    last = {
        (was, now): proposed(text.format(now), around(known(counted=was)))[0].changes.get("visits")
        for was, now in ((49, 52), (48, 49), (50, 52), (52, 49), (None, 52), (19, 31), (97, 262), (50, 50))
    }
    assert last == {
        (49, 52): (None, 50), (48, 49): None, (50, 52): None, (52, 49): None, (None, 52): None,
        (19, 31): (None, 30), (97, 262): (None, 250), (50, 50): (None, 50),
    }  # fmt: skip


def test_a_count_that_somebody_chose_is_a_day_whatever_its_number() -> None:
    text = "Name,Mobile,Visits,Visits reached\nTom,206 555 0143,{}\n"
    cells = ("50,37", ",37", "50,", "37,", "50,0", ",37th visit", ",often")
    found = {cell: proposed(text.format(cell))[0].contact for cell in cells}
    said = {cell: (one.visits, bool(one.remarks)) for cell, one in found.items()}
    assert said == {
        "50,37": (37, False), ",37": (37, False), "50,": (50, False), "37,": (None, False), "50,0": (50, False),
        ",37th visit": (37, False), ",often": (None, True),
    }  # fmt: skip
