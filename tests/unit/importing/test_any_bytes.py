"""Whatever bytes a file holds: it is read, or refused with a sentence."""

from __future__ import annotations

import datetime as dt

from hypothesis import example, given, settings
from hypothesis import strategies as st

from vidmsg.importing import columns, contacts, dates, decoding, rows, table
from vidmsg.importing.rows import Around

NOBODY = Around({}, {}, frozenset(), frozenset(), {})
TODAY = dt.date(2026, 11, 22)
HEADING = (
    "Name,First name,Mobile,Phone 1 - Label,Phone 1 - Value,Birthday,Customer since,Consent,Consent source,Time zone"
)
CELLS = st.text(st.characters(exclude_categories=["Cs"]), max_size=40) | st.sampled_from(
    ['"', "'", "0/0/00", "31.2.", "--02-29", "²/²/²", "١/١/١٩٩٠", "+1 206 555 0142 ::: x", "\0", "\r", "yes", "web"]
)


def whole_way(data: bytes) -> None:
    try:
        found = table.read(decoding.decode(data).text)
    except decoding.Refused:
        return
    how = contacts.reading(found, columns.guess(found.header), country="US", today=TODAY, list_name="a.csv")
    for one in rows.propose(rows.contacts(found, how), NOBODY, set()):
        assert one.kind in {rows.NEW, rows.REFUSED}
        assert one.kind == rows.NEW or one.reason


@settings(max_examples=300, deadline=None)
@given(st.binary(max_size=400))
@example(b"\xff\xfe\x00\xd8")
@example(b'"')
@example(b"sep=;\n")
@example(b"\xef\xbb\xbf")
def test_no_bytes_whatsoever_break_it(data: bytes) -> None:
    whole_way(data)


@settings(max_examples=300, deadline=None)
@given(
    st.lists(st.lists(CELLS, max_size=11), max_size=5),
    st.sampled_from(",;\t|"),
    st.sampled_from(["utf-8", "utf-16", "utf-8-sig"]),
)
def test_no_cells_whatsoever_break_it(cells: list[list[str]], delimiter: str, encoding: str) -> None:
    lines = [HEADING.replace(",", delimiter), *(delimiter.join(row) for row in cells)]
    whole_way("\n".join(lines).encode(encoding))


@settings(max_examples=300, deadline=None)
@given(CELLS, st.booleans())
def test_a_day_is_a_day_or_refused(text: str, first: bool) -> None:
    try:
        day = dates.parse(text, first=first, today=TODAY)
    except dates.BadDate:
        return
    assert day is None or dt.date(day.year or 2000, day.month, day.day) <= TODAY
