"""What slips into a text by mistake: a field that only templates fill, a second link. Pure: it knows no rows."""

from __future__ import annotations

import re

FIELDS = ("first_name", "years", "ordinal", "occasion", "rep_first_name", "organisation", "link")
_LEFT = re.compile(rf"\{{\s*(?:{'|'.join(FIELDS)})\s*(?:\|[^{{}}]*)?\}}", re.IGNORECASE)
_ADDRESS = re.compile(r"(?:https?://|www\.)\S+", re.IGNORECASE)


def field_left(text: str) -> str | None:
    """A field of templates that nobody filled: it would go out with its braces."""
    found = _LEFT.search(text)
    return found.group() if found else None


def other_link(body: str) -> str | None:
    """An address that the rep wrote into the text: allowed, but carriers distrust a second one."""
    found = _ADDRESS.search(body)
    return found.group() if found else None
