"""Which passwords are refused: short ones, those everybody tries first, and those made of the person's own address
or the organisation's name (NIST SP 800-63B-4, 3.1.1.2). Length is what counts; nobody is asked for symbols.

A list of common passwords would hold few of twelve characters, so the list here holds the common *words*, and a
password is refused when nothing but one or two of them, digits and signs is in it: `Password2024!`, `qwerty-qwerty`,
`iloveyou1234`. Three ordinary words in a row are a good password and pass."""

from __future__ import annotations

import itertools
import re
import unicodedata
from functools import cache
from importlib.resources import files

from flask_babel import lazy_gettext as _l

MIN_LENGTH = 12
MAX_LENGTH = 128
_LEET = str.maketrans("013457@$", "oieastas")
_OWN_LEFT = 6  # letters that must remain once the own address or name is taken out


def reason_against(password: str, own: tuple[str, ...] = ()) -> str | None:
    """Why this password can't be taken, as a sentence, or None. `own` are the address, name and organisation."""
    text = unicodedata.normalize("NFKC", password)
    if len(text) < MIN_LENGTH:
        return str(_l("Use at least %(count)s characters. Three words in a row are easy to keep.", count=MIN_LENGTH))
    if len(text) > MAX_LENGTH:
        return str(_l("This is longer than we can keep. Use at most %(count)s characters.", count=MAX_LENGTH))
    small = text.lower()
    if _repeats(small) or _runs(small):
        return str(_l("This repeats or counts up, so it is easy to guess. Three words in a row are better."))
    if _is_own(small, own):
        return str(_l("This is mostly your own name, address or organisation. Pick other words."))
    if _is_common(small) or _is_common(_unmasked(small)):
        return str(_l("Many people use this one, so it is tried first. Three other words in a row are better."))
    return None


@cache
def _common_words() -> tuple[str, ...]:
    text = (files("vidmsg.accounts") / "common_words.txt").read_text(encoding="utf-8")
    words = {word for line in text.splitlines() if not line.startswith("#") for word in line.split()}
    return tuple(sorted(words, key=len, reverse=True))


def _is_common(small: str) -> bool:
    """Whether nothing but one or two common words remains between digits and signs."""
    pieces = re.findall(r"[^\W\d_]+", small)
    rest = "".join(pieces)
    if not rest:
        return True
    found: set[str] = set()
    while rest:
        word = next((word for word in _common_words() if rest.startswith(word)), None)
        if word is None:
            return len(rest) < 3 and len(found) == 1
        found.add(word)
        rest = rest.removeprefix(word)
    return len(found) <= 2


def _unmasked(small: str) -> str:
    """`p@ssw0rd2024` → `password`: digits and signs at the ends fall away, those inside are read as letters."""
    return re.sub(r"^[\W\d_]+|[\W\d_]+$", "", small).translate(_LEET)


def _repeats(small: str) -> bool:
    """Four different characters or fewer, or one short piece over and over."""
    if len(set(small)) <= 4:
        return True
    return any((small[:size] * len(small))[: len(small)] == small for size in range(1, 5))


def _runs(small: str) -> bool:
    """Mostly characters that follow each other: abcdefghijkl, 987654321012."""
    steps = [ord(after) - ord(before) for before, after in itertools.pairwise(small)]
    return sum(abs(step) == 1 for step in steps) > 0.7 * len(steps)


def _is_own(small: str, own: tuple[str, ...]) -> bool:
    rest = small
    for text in own:
        for piece in re.split(r"[\W_]+", text.lower()):
            if len(piece) >= 3:
                rest = rest.replace(piece, "")
    return rest != small and len(re.findall(r"[^\W\d_]", rest)) < _OWN_LEFT
