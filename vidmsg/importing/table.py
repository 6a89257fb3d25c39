"""From text to a table: the character between the cells, the header, and rows with the numbers that a spreadsheet
shows. Cells are plain text; nothing in them is ever evaluated. Knows nothing of what a column means."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass

from vidmsg.importing.decoding import Refused

DELIMITERS = (",", ";", "\t", "|")
MAX_ROWS = 20_000
MAX_COLUMNS = 200
NOT_CLOSED = "unexpected end of data"


@dataclass(frozen=True)
class Row:
    """One row. `number` counts from 1 with the header, as a spreadsheet does; `cells` are as many as the header's.
    `more`: it had further cells with something in them, so its values may stand in the wrong columns."""

    number: int
    cells: tuple[str, ...]
    more: bool = False

    @property
    def is_empty(self) -> bool:
        """Whether nothing stands in it."""
        return not any(self.cells)


@dataclass(frozen=True)
class Table:
    """A header and its rows. Without a header in the file, columns are called by their place."""

    header: tuple[str, ...]
    rows: tuple[Row, ...]
    delimiter: str

    def column(self, index: int) -> list[str]:
        """What stands in a column, without the empty cells."""
        return [row.cells[index] for row in self.rows if row.cells[index]]


def read(text: str) -> Table:
    """The table in `text`. Raises Refused with a sentence when it is none, or too large."""
    text, delimiter = _separator(text.lstrip("\ufeff"))
    records = _records(text, delimiter or _likely(text))
    header_at = next((at for at, cells in enumerate(records) if any(cells)), None)
    if header_at is None:
        raise Refused("There is nothing in this file.")
    first = records[header_at]
    if len(first) > MAX_COLUMNS:
        raise Refused(f"This file has more than {MAX_COLUMNS} columns. Keep only those about the people.")
    headless = any(_is_value(cell) for cell in first)
    header = tuple((not headless and cell) or f"Column {at}" for at, cell in enumerate(first, 1))
    begin = header_at if headless else header_at + 1
    rows = tuple(_row(at + 1, records[at], len(header)) for at in range(begin, len(records)))
    if len(rows) > MAX_ROWS:
        raise Refused(f"This file has more than {MAX_ROWS:,} rows. Bring it in parts.")
    return Table(header, rows, delimiter or _likely(text))


def _separator(text: str) -> tuple[str, str | None]:
    """Some spreadsheets write the separator into a first line of its own: sep=;"""
    match = re.match(r"\"?sep=([,;\t|])\"?\r?\n", text, re.IGNORECASE)
    return (text[match.end() :], match[1]) if match else (text, None)


def _likely(text: str) -> str:
    """The delimiter that cuts the first line into the most cells."""
    head = text.lstrip("\r\n ")[:20_000]
    return max(DELIMITERS, key=lambda delimiter: len(next(iter(_cut(head, delimiter, strict=False)), [])))


def _records(text: str, delimiter: str) -> list[list[str]]:
    try:
        return _all(text, delimiter, strict=True)
    except csv.Error as error:
        if NOT_CLOSED in str(error):
            raise Refused("A quotation mark in this file is never closed. Export the list once more.") from None
    try:
        return _all(text, delimiter, strict=False)
    except csv.Error:
        raise Refused("This file is not a list with rows and columns. Export it as CSV.") from None


def _all(text: str, delimiter: str, *, strict: bool) -> list[list[str]]:
    records: list[list[str]] = []
    for cells in _cut(text, delimiter, strict=strict):
        records.append([cell.strip() for cell in cells])
        if len(records) > MAX_ROWS + 1000:  # empty rows before and after do not count
            raise Refused(f"This file has more than {MAX_ROWS:,} rows. Bring it in parts.")
    while records and not any(records[-1]):
        records.pop()
    return records


def _cut(text: str, delimiter: str, *, strict: bool) -> Iterator[list[str]]:
    return csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=strict)


def _row(number: int, cells: list[str], width: int) -> Row:
    padded = (*cells[:width], *[""] * (width - len(cells)))
    return Row(number, padded, more=any(cells[width:]))


def _is_value(cell: str) -> bool:
    """Whether a cell of the first row is somebody's value: a number or an address is no heading."""
    return bool(re.search(r"\S@\S+\.\S", cell)) or sum(letter.isdigit() for letter in cell) >= 7
