"""The kinds of dates that a person or a company can have: their words, whether they come back and how, and their
colour on the calendar. A table without rows; it knows no database."""

from __future__ import annotations

from dataclasses import dataclass

from flask_babel import lazy_gettext as _l
from flask_babel.speaklater import LazyString

YEARLY, ONCE, EVERY, REACHED = "yearly", "once", "every", "reached"


@dataclass(frozen=True)
class Kind:
    """`comes`: each year on its day, once, every so many weeks or months, or when a count is reached. `colour`: the
    name of a token of the design language."""

    key: str
    word: LazyString
    comes: str
    colour: str


KINDS: dict[str, Kind] = {
    kind.key: kind
    for kind in (
        Kind("birthday", _l("Birthday"), YEARLY, "rose"),
        Kind("customer_since", _l("With us"), YEARLY, "honey"),
        Kind("work_anniversary", _l("Work anniversary"), YEARLY, "plum"),
        Kind("contract", _l("Contract or project"), YEARLY, "sage"),
        Kind("once", _l("One-off"), ONCE, "sky"),
        Kind("check_in", _l("Check-in"), EVERY, "stone"),
        Kind("count", _l("Count reached"), REACHED, "sky"),
    )
}


def of(key: str) -> Kind:
    """The kind with this key. KeyError for one that we don't have."""
    return KINDS[key]
