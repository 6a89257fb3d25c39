"""Names as people write them, in any script. Only what cannot be part of a name is taken out: control characters,
and the invisible marks that turn the direction of a whole line around."""

from __future__ import annotations

import unicodedata

# Bidi embeddings, overrides and isolates (UAX #9) can make a page or a log say something else than it holds.
# Zero-width joiners stay: Persian and Indic names need them.
_BIDI = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


def clean(text: str | None) -> str:
    """One line, composed (NFC), without control and bidi characters, single spaces, no space at the ends."""
    kept = (" " if letter.isspace() else letter for letter in text or "" if _may_stay(letter))
    return " ".join(unicodedata.normalize("NFC", "".join(kept)).split())


def clean_text(text: str | None) -> str:
    """Like `clean`, for longer words that may have lines of their own."""
    lines = (text or "").replace("\r\n", "\n").split("\n")
    return "\n".join(clean(line) for line in lines).strip()


def _may_stay(letter: str) -> bool:
    return letter.isspace() or (letter not in _BIDI and unicodedata.category(letter) not in {"Cc", "Cs", "Co", "Cn"})
