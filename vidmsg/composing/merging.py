"""Merge fields of templates: {first_name} or, with words for when nobody knows, {first_name|there}. A field that has
neither a value nor such words is never sent as a blank: it is an error that names it. Pure: it knows no rows."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from flask_babel import gettext as _

from vidmsg.errors import Sentence
from vidmsg.messages.slips import FIELDS

LINK = "link"
_FIELD = re.compile(r"\{([^{}|]*)(?:\|([^{}]*))?\}")


class WrongTemplate(Sentence):
    """Why this template can't be kept, or can't be filled for this person. `fields` names the ones in question."""

    def __init__(self, message: str, fields: tuple[str, ...] = ()) -> None:
        super().__init__(message)
        self.fields = fields


@dataclass(frozen=True)
class Field:
    """One field as it stands in a template; `fallback` None: it must have a value."""

    name: str
    fallback: str | None


def fields_of(text: str) -> list[Field]:
    """The fields of a template in order. Raises WrongTemplate for one that we don't have, a lone brace, or a link that
    does not stand last (carriers and previews want it there)."""
    found = [Field(match[1].strip(), _trimmed(match[2])) for match in _FIELD.finditer(text)]
    unknown = tuple(dict.fromkeys(field.name for field in found if field.name not in FIELDS))
    if unknown:
        known = ", ".join(f"{{{name}}}" for name in FIELDS)
        sentence = _("There is no field “%(name)s”. You can use %(known)s.", name=unknown[0], known=known)
        raise WrongTemplate(sentence, unknown)
    if re.search(r"[{}]", _FIELD.sub("", text)):
        raise WrongTemplate(_("A brace stands alone. Write fields like {first_name}, and no other braces."))
    links = [field for field in found if field.name == LINK]
    if len(links) > 1 or (links and not _FIELD.sub(_only_link, text).rstrip().endswith("\0")):
        raise WrongTemplate(_("The link goes once, at the very end."), (LINK,))
    return found


def missing(text: str, values: Mapping[str, str | None]) -> tuple[str, ...]:
    """The fields of this template that have neither a value nor words instead, except the link, which comes later."""
    wanting = (f for f in fields_of(text) if f.name != LINK and not values.get(f.name) and not f.fallback)
    return tuple(dict.fromkeys(field.name for field in wanting))


def fill(text: str, values: Mapping[str, str | None]) -> str:
    """The template for one person, without its link. Raises WrongTemplate when something would stay blank."""
    wanting = missing(text, values)
    if wanting:
        sentence = _(
            "We don't know {%(name)s} of this person. Add it, or write {%(name)s|other words}.", name=wanting[0]
        )
        raise WrongTemplate(sentence, wanting)

    def value(match: re.Match[str]) -> str:
        name = match[1].strip()
        # A value with braces must not become a field of the next round.
        given = (values.get(name) or "").replace("{", "(").replace("}", ")").strip()
        return "" if name == LINK else given or match[2].strip()

    return _FIELD.sub(value, text).strip()


def ordinal(number: int) -> str:
    """1st, 2nd, 3rd, 4th, 11th, 112th."""
    last = {1: "st", 2: "nd", 3: "rd"}
    return f"{number}{'th' if 10 <= number % 100 <= 20 else last.get(number % 10, 'th')}"


def _trimmed(text: str | None) -> str | None:
    return text.strip() or None if text is not None else None


def _only_link(match: re.Match[str]) -> str:
    return "\0" if match[1].strip() == LINK else "x"
