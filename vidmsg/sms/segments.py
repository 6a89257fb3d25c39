"""How a text is cut for the phone network: GSM-7 or UCS-2, and into how many segments, as Twilio bills them; and how
to make a text plain, so that one curly quote doesn't double its price. static/js/segments.js is its twin for the live
count; a test holds both to the same table. Pure: standard library only."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

BASIC = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
EXTENDED = frozenset("\f^{}\\[~]|€")  # two septets each: an escape and the character
GSM_7, UCS_2 = "GSM-7", "UCS-2"
ALONE = {GSM_7: 160, UCS_2: 70}  # septets, or UTF-16 units, of a text in one segment
JOINED = {GSM_7: 153, UCS_2: 67}  # of each segment when there are more: a header takes the rest


@dataclass(frozen=True)
class Count:
    """`characters` are those that a reader would count: an emoji with a skin tone is one."""

    encoding: str
    segments: int
    characters: int


def count(text: str) -> Count:
    """Encoding, segments and characters of a text. An empty text takes one segment, as at Twilio."""
    clusters = list(_clusters(text))
    encoding = GSM_7 if _is_gsm(text) else UCS_2
    sizes = [_septets(cluster) if encoding == GSM_7 else _units(cluster) for cluster in clusters]
    return Count(encoding, _segments(sizes, ALONE[encoding], JOINED[encoding]), len(clusters))


def plain(text: str) -> str:
    """The text in GSM-7 if look-alikes can bring it there (curly quotes, dashes, odd spaces, full-width letters, as
    Twilio's smart encoding has them). A text that needs UCS-2 anyway, for an emoji or its language, keeps its
    typography; only control characters go."""
    composed = unicodedata.normalize("NFC", text)
    replaced = "".join(_REPLACEMENTS.get(character, character) for character in composed)
    return replaced if _is_gsm(replaced) else _CONTROLS.sub("", composed)


def _is_gsm(text: str) -> bool:
    return all(character in BASIC or character in EXTENDED for character in text)


def _septets(cluster: str) -> int:
    return sum(2 if character in EXTENDED else 1 for character in cluster)


def _units(cluster: str) -> int:
    return sum(2 if character > "\uffff" else 1 for character in cluster)


def _segments(sizes: list[int], alone: int, joined: int) -> int:
    """Segments for pieces of these sizes; a piece is not torn unless it alone is larger than a segment."""
    if sum(sizes) <= alone:
        return 1
    segments, free = 1, joined
    for size in sizes:
        if size > free:
            segments, free = segments + 1, joined
        while size > free:
            segments, size = segments + 1, size - free
            free = joined
        free -= size
    return segments


def _clusters(text: str) -> Iterator[str]:
    """What a reader sees as one character: UAX #29 without Hangul jamo, and CR LF counted as two."""
    cluster = ""
    for character in text:
        if cluster and _joins(cluster, character):
            cluster += character
        else:
            if cluster:
                yield cluster
            cluster = character
    if cluster:
        yield cluster


_JOINER = "\u200d"


def _joins(cluster: str, character: str) -> bool:
    if cluster in "\r\n":
        return False
    if character in "\u200c\u200d" or unicodedata.category(character) in {"Mn", "Me", "Mc"}:
        return True
    if "\U0001f3fb" <= character <= "\U0001f3ff" or "\U000e0020" <= character <= "\U000e007f":
        return True
    return cluster[-1] == _JOINER or (_is_flag_letter(character) and len(cluster) == 1 and _is_flag_letter(cluster))


def _is_flag_letter(character: str) -> bool:
    return "\U0001f1e6" <= character <= "\U0001f1ff"


_CONTROLS = re.compile(r"[\x00-\x09\x0b\x0e-\x1f\x7f-\x9f]")
_LOOKALIKES = {
    '"': "«»“”„ʺˮ‟❝❞〝〞",
    "'": "‘’‚‛ʻʼʽˈˊˋ´`｀❛❜′\u0312\u0313\u0314\ufe10\ufe11",
    "/": "÷⧸∕⁄\u0337\u0338",
    "\\": "⧹\u20e5",
    "|": "\u20d2\u20d3∣⎹⎸⎜⎟",
    "-": "‐‑‒–—―−⁃⎼⎽﹣",
    "_": "‗",
    "!": "︕﹗",
    "#": "﹟",
    "$": "﹩",
    "%": "﹪",
    "&": "﹠",
    "@": "﹫",
    ",": "\u0326﹐﹑､、",
    "(": "❨❪⦅﹙",
    ")": "❩❫⦆﹚",
    "*": "∗✢✣✤✥✱✲✳✺✻✼✽❃❉❊❋﹡",
    "+": "˖﹢",
    ".": "﹒｡",
    ":": "˸꞉︓﹕",
    ";": "︔﹔",
    "=": "꞊﹦",
    "?": "︖﹖",
    "<": "‹›﹤",
    ">": "﹥",
    "^": "ˆ",
    "~": "˜∼\u0303\u0334\u0330",
    "{": "❴﹛",
    "}": "❵﹜",
    "[": "⟦",
    "]": "⟧",
    "R": "ʀ",
    "S": "ꜱ",
    "T": "ᴛ",
    "U": "ᴜ",
    "V": "ᴠ",
    "W": "ᴡ",
    "Z": "ᴢ",
    " ": "\u00a0\u2028\u2029\t",
    # Two spaces, as Twilio's own table has it.
    "  ": "\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u3000",
    "": "\u00ad\u200b\u200c\u200d\u200e\u200f\u2060\ufeff\ufe0e",
    "...": "…",
    "1/4": "¼",
    "1/2": "½",
    "3/4": "¾",
}
_REPLACEMENTS = {
    **{chr(code): "" for code in range(0x20) if chr(code) not in "\n\r\f"},
    "\x7f": "",
    **{chr(code): "  " for code in range(0x80, 0xA0)},
    **{chr(0xFF01 + offset): chr(0x21 + offset) for offset in range(94)},  # full-width ASCII
    **{character: becomes for becomes, characters in _LOOKALIKES.items() for character in characters},
}
