"""Words that a list uses for yes and no, for the place where a yes was said, and for time zones. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache

from vidmsg import clock
from vidmsg.accounts import places

YES = frozenset(
    {"yes", "y", "true", "1", "x", "✓", "ok", "granted", "opted-in", "opted in", "subscribed", "ja", "j", "wahr"}
    | {"oui", "o", "vrai", "si", "sí", "s", "verdadero", "はい", "可"}
)
STOP = frozenset({"stop", "never", "opted-out", "opted out", "unsubscribed", "revoked", "do not contact"})
"""What a column of consent says of somebody who asked for an end. A plain "no" only says that nobody agreed."""
PLACES = (
    ("web form", ("web", "online", "internet", "formulaire en ligne", "ウェブ")),
    ("paper form", ("paper", "form", "card", "papier", "karte", "papel", "tarjeta", "用紙", "signed")),
    ("phone", ("phone", "telephone", "call", "telefon", "téléphone", "teléfono", "電話")),
    (
        "in person",
        (
            "person",
            "store",
            "desk",
            "verbal",
            "visit",
            "on site",
            "persönlich",
            "vor ort",
            "personne",
            "persona",
            "口頭",
        ),
    ),
)
"""The first place that one of whose words stands in the list's own. What is none of them is no proof."""
ZONES = {
    "eastern": "America/New_York",
    "et": "America/New_York",
    "est": "America/New_York",
    "edt": "America/New_York",
    "central": "America/Chicago",
    "ct": "America/Chicago",
    "cst": "America/Chicago",
    "cdt": "America/Chicago",
    "mountain": "America/Denver",
    "mt": "America/Denver",
    "mst": "America/Denver",
    "mdt": "America/Denver",
    "pacific": "America/Los_Angeles",
    "pt": "America/Los_Angeles",
    "pst": "America/Los_Angeles",
    "pdt": "America/Los_Angeles",
}
"""How lists in the US write them."""


@dataclass(frozen=True)
class Yes:
    """A yes to texts: its words and where it was said (consent.SOURCES)."""

    words: str
    source: str


def is_yes(text: str) -> bool:
    """Whether the cell says yes."""
    return text.strip().casefold() in YES


def is_stop(text: str) -> bool:
    """Whether a cell of consent says no, rather than nothing."""
    return text.strip().casefold() in STOP


def source(text: str) -> str | None:
    """Where a yes was said, or None where the list's word is no such place."""
    word = text.strip().casefold()
    words = re.findall(r"\w+", word)

    def _stands(part: str) -> bool:
        return any(one.startswith(part) for one in words) or (not part.isalpha() and part in word)

    return next((place for place, parts in PLACES if any(_stands(part) for part in parts)), None)


def zone(text: str) -> str | None:
    """The IANA zone that `text` names: itself, its city, or an American word for it."""
    plain = " ".join(text.replace("_", " ").split()).casefold()
    short = plain.removesuffix(" time").removesuffix(" standard").removesuffix(" daylight")
    if short in ZONES:
        return ZONES[short]
    return _named().get(plain) or (text.strip() if "/" in text and clock.is_zone(text.strip()) else None)


@cache
def _named() -> dict[str, str]:
    """Zones by their name and by their city, in small letters."""
    zones = [name for name, _words in places.time_zones()]
    by_city = {places.city(name).casefold(): name for name in zones}
    return by_city | {name.replace("_", " ").casefold(): name for name in zones}
