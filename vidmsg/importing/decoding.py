"""From the bytes of a list to its text. An encoding is taken only where the bytes speak for it, else the file is
refused with a sentence that says how to save it: a name with question marks in it is worse than no name. Knows nothing
of tables or people."""

from __future__ import annotations

import re
from dataclasses import dataclass

from vidmsg.errors import Sentence

MAX_BYTES = 10 * 1024 * 1024
BOMS = (
    (b"\xef\xbb\xbf", "utf-8"),
    (b"\xff\xfe\x00\x00", "utf-32-le"),
    (b"\x00\x00\xfe\xff", "utf-32-be"),
    (b"\xff\xfe", "utf-16-le"),
    (b"\xfe\xff", "utf-16-be"),
)
DOUBLE = re.compile(rb"[\x81-\x9f\xe0-\xfc][\x40-\x7e\x80-\xfc]")
"""One character of two bytes in cp932, Windows' Shift_JIS."""
SAVE = "Save it once more as “CSV UTF-8” and bring that file."


class Refused(Sentence):
    """A file that we do not take; the text says why and what to do."""


@dataclass(frozen=True)
class Text:
    """What a file says, and the encoding that it was read with."""

    text: str
    encoding: str


def decode(data: bytes) -> Text:
    """The text of a file. Raises Refused for what is no text, or in no encoding that we can be sure of."""
    if len(data) > MAX_BYTES:
        raise Refused("This file is larger than 10 MB. Bring it in parts.")
    if not data.strip():
        raise Refused("This file is empty.")
    _not_another_thing(data)
    found = _marked(data) or _wide(data) or _utf8(data) or _japanese(data) or _western(data)
    if found is None:
        raise Refused(f"We can't be sure how the letters in this file are meant. {SAVE}")
    if "\0" in found.text:
        raise Refused(f"This is no list as text. {SAVE}")
    return found


def _not_another_thing(data: bytes) -> None:
    if data.startswith(b"PK\x03\x04") or data.startswith(b"\xd0\xcf\x11\xe0"):
        raise Refused("This is a workbook, not a CSV. Open it, save the sheet as “CSV UTF-8” and bring that file.")
    if data[:20].lstrip().upper().startswith(b"BEGIN:VCARD"):
        raise Refused("These are contact cards. Export your contacts as CSV and bring that file.")


def _marked(data: bytes) -> Text | None:
    """The file says itself what it is, in its first bytes."""
    for mark, encoding in BOMS:
        if data.startswith(mark):
            try:
                return Text(data[len(mark) :].decode(encoding), encoding)
            except UnicodeDecodeError:
                raise Refused(f"This file is damaged: it says {encoding.upper()}, and is not. {SAVE}") from None
    return None


def _wide(data: bytes) -> Text | None:
    """UTF-16 without its mark: every other byte of an ASCII header is zero."""
    start = data[:200]
    for encoding, zeros in (("utf-16-le", start[1::2]), ("utf-16-be", start[0::2])):
        if zeros and len(data) % 2 == 0 and zeros.count(0) > 0.7 * len(zeros):
            try:
                return Text(data.decode(encoding), encoding)
            except UnicodeDecodeError:
                return None
    return None


def _utf8(data: bytes) -> Text | None:
    try:
        return Text(data.decode("utf-8"), "utf-8")
    except UnicodeDecodeError:
        return None


def _japanese(data: bytes) -> Text | None:
    """cp932, where it really is Japanese. Western letters look like it too: é and n make a rare kanji. But Japanese
    comes in runs, and nearly all of its lead bytes lie between 81 and 9F, where Windows-1252 has no common letter."""
    try:
        text = data.decode("cp932")
    except UnicodeDecodeError:
        return None
    pairs = [match.span() for match in DOUBLE.finditer(data)]
    if not pairs:
        return None
    ends, starts = {end for _, end in pairs}, {start for start, _ in pairs}
    in_runs = sum(start in ends or end in starts for start, end in pairs)
    common = sum(data[start] < 0xA0 for start, _ in pairs)
    return Text(text, "cp932") if min(in_runs / 0.7, common / 0.8) >= len(pairs) else None


def _western(data: bytes) -> Text | None:
    """Windows-1252, unless whole words are made of letters outside ASCII: then it is Cyrillic, Greek or the like."""
    try:
        text = data.decode("cp1252")
    except UnicodeDecodeError:
        return None
    words = [word for word in re.findall(r"[^\W\d_]{3,}", text) if not word.isascii()]
    foreign = sum(not any(letter.isascii() for letter in word) for word in words)
    return Text(text, "cp1252") if foreign <= 0.2 * len(words) else None
