"""Days as lists write them: ISO, 31.1.1990, 1/31/1990 or 31/1/1990, 31 Jan, --01-31. Whether the month or the day
comes first is told by the column as a whole, else by the country. A year is never guessed; a day that no calendar has
is refused with a sentence. Pure; what a day means is not known here."""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache

from babel import Locale

MONTH_FIRST = frozenset({"US", "PH", "FM", "MH", "PW", "GU", "PR", "VI", "AS", "MP", "CA"})
"""Countries where 3/2 is the second of March (CLDR; Canada writes both, its spreadsheets mostly this one)."""
YEAR_FILLER = 1604  # what Apple writes where the year is unknown
LEAP_YEAR = 2000
LANGUAGES = ("en", "de", "fr", "es")
ISO = re.compile(r"(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})(?:[T ].*)?")
COMPACT = re.compile(r"(\d{4})(\d{2})(\d{2})")
NO_YEAR = re.compile(r"--(\d{1,2})-?(\d{2})")
JAPANESE = re.compile(r"(?:(\d{4})年)?(\d{1,2})月(\d{1,2})日")
DOTS = re.compile(r"(\d{1,2})\.\s?(\d{1,2})\.?(?:\s?(\d{4}|\d{2}))?")
SLASHES = re.compile(r"(\d{1,2})[/-](\d{1,2})(?:[/-](\d{4}|\d{2}))?(?: .*)?")
DAY_NAME = re.compile(
    r"(\d{1,2})(?:st|nd|rd|th|er|\.)?\s*(?:de |of )?([^\W\d_]+)\.?,?(?:\s*(?:de |del )?(\d{4}|\d{2}))?"
)
NAME_DAY = re.compile(r"([^\W\d_]+)\.?\s*(\d{1,2})(?:st|nd|rd|th)?(?:,?\s+(\d{4}))?")


class BadDate(ValueError):
    """Not a day; the text says why."""


@dataclass(frozen=True)
class Day:
    """A day of the year, and the year where it is known. `short`: the list had two digits of it, which we left out."""

    month: int
    day: int
    year: int | None = None
    short: bool = False

    def __str__(self) -> str:
        """As ISO 8601 writes it, --MM-DD without the year."""
        head = f"{self.year:04d}" if self.year else "-"
        return f"{head}-{self.month:02d}-{self.day:02d}"


def day_first(values: Iterable[str], country: str) -> tuple[bool, bool]:
    """Whether the day comes before the month in a column, and whether the column itself says so."""
    firsts, seconds = [0], [0]
    for value in values:
        match = SLASHES.fullmatch(_plain(value))
        if match:
            firsts.append(int(match[1]))
            seconds.append(int(match[2]))
    if (max(firsts) > 12) != (max(seconds) > 12):
        return max(firsts) > 12, True
    return country not in MONTH_FIRST, len(firsts) == 1


def parse(text: str, *, first: bool, today: dt.date) -> Day | None:
    """The day that `text` says; `first`: the day comes before the month where only the order tells. None for nothing,
    written as 0/0/00 too. Raises BadDate."""
    plain = _plain(text)
    if not plain or not plain.strip("0/.- :T"):
        return None
    year, month, day = _parts(plain, first)
    short = year is not None and len(year) == 2
    return _checked(int(year) if year and not short else None, month, day, short, today)


def _plain(text: str) -> str:
    return " ".join(unicodedata.normalize("NFKC", text).split())


def _parts(text: str, first: bool) -> tuple[str | None, int, int]:
    """Year as written, month, day."""
    if match := ISO.fullmatch(text) or COMPACT.fullmatch(text) or JAPANESE.fullmatch(text):
        return match[1], int(match[2]), int(match[3])
    if match := NO_YEAR.fullmatch(text):
        return None, int(match[1]), int(match[2])
    if match := DOTS.fullmatch(text):
        return match[3], int(match[2]), int(match[1])
    if match := SLASHES.fullmatch(text):
        day, month = (match[1], match[2]) if first else (match[2], match[1])
        return match[3], int(month), int(day)
    if match := DAY_NAME.fullmatch(text):
        return match[3], _month(match[2]), int(match[1])
    if match := NAME_DAY.fullmatch(text):
        return match[3], _month(match[1]), int(match[2])
    raise BadDate("is not written like a day")


def _checked(year: int | None, month: int, day: int, short: bool, today: dt.date) -> Day:
    if year == YEAR_FILLER:
        year = None
    if year is not None and not 1900 <= year <= today.year:
        raise BadDate("has a year that cannot be")
    try:
        found = dt.date(year or LEAP_YEAR, month, day)
    except ValueError:
        raise BadDate("is a day that no calendar has") from None
    if year is not None and found > today:
        raise BadDate("is still to come")
    return Day(month, day, year, short)


def _month(word: str) -> int:
    try:
        return _months()[word.casefold()]
    except KeyError:
        raise BadDate("is not written like a day") from None


@cache
def _months() -> dict[str, int]:
    named: dict[str, int] = {"sept": 9}
    for language in LANGUAGES:
        months = Locale(language).months
        for use in ("format", "stand-alone"):
            for width in ("wide", "abbreviated"):
                for number, word in months[use][width].items():
                    named.setdefault(str(word).casefold().rstrip("."), number)
    return named
