"""Whether a colour can be read on our paper: contrast as WCAG 2.2 defines it (success criterion 1.4.3)."""

from __future__ import annotations

import re

PAPER = "#fffaf5"
LEAST = 4.5
SWATCHES = (
    ("#b4420f", "Ember"),
    ("#0f6a6e", "Lagoon"),
    ("#7a3b74", "Plum"),
    ("#3f6b2e", "Fern"),
    ("#2f5a94", "Harbor"),
)
_HEX = re.compile(r"#[0-9a-f]{6}")


class WrongColour(ValueError):
    """A colour that can't be used; the message says why and what to do."""


def check(text: str) -> str:
    """`text` as `#rrggbb` in small letters; raises WrongColour when it is none or too light for words on paper."""
    colour = text.strip().lower()
    if not colour.startswith("#"):
        colour = f"#{colour}"
    if len(colour) == 4:
        colour = "#" + "".join(2 * letter for letter in colour[1:])
    if not _HEX.fullmatch(colour):
        raise WrongColour("Write the colour as six letters and digits, such as #b4420f.")
    if contrast(colour, PAPER) < LEAST:
        raise WrongColour("This colour is too light to read on our paper. Pick a darker one.")
    return colour


def contrast(one: str, other: str) -> float:
    """Contrast ratio of two `#rrggbb` colours, from 1 to 21."""
    light, dark = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def _luminance(colour: str) -> float:
    red, green, blue = (_linear(int(colour[at : at + 2], 16) / 255) for at in (1, 3, 5))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _linear(value: float) -> float:
    return value / 12.92 if value <= 0.04045 else float(((value + 0.055) / 1.055) ** 2.4)
