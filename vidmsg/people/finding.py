"""Finding people: by name or number, a page at a time. Pages go by key, not by count, so that they stay right and
quick while people are added."""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session, selectinload

from vidmsg import phone
from vidmsg.people.models import Person

PAGE = 30


@dataclass(frozen=True)
class Page:
    """Some people in order, and where the next page begins (None: this is the last)."""

    people: list[Person]
    next: str | None


def page(session: Session, inside: sa.ColumnElement[bool], *, words: str, after: str | None, country: str) -> Page:
    """People inside the walls `inside` who match `words` (all of them if empty), by last and first name; customers and
    colleagues, but not the rows by which we are texted ourselves."""
    query = (
        sa.select(Person)
        .where(inside, Person.user_id.is_(None), *_matches(words, country))
        .options(selectinload(Person.owner))
    )
    order = (sa.func.lower(Person.last_name), sa.func.lower(Person.first_name), Person.id)
    key = _unpack(after)
    if key:
        query = query.where(sa.tuple_(*order) > sa.tuple_(*(sa.literal(part) for part in key)))
    found = list(session.execute(query.order_by(*order).limit(PAGE + 1)).scalars())
    last = found[PAGE - 1] if len(found) > PAGE else None
    return Page(found[:PAGE], _pack(session, last) if last else None)


def same_number(session: Session, organisation_id: int, e164: str, but: int | None = None) -> list[Person]:
    """Everybody in the organisation with this number, apart from the person `but` and from ourselves."""
    query = sa.select(Person).where(
        Person.organisation_id == organisation_id,
        Person.phone == e164,
        Person.id != (but or 0),
        Person.user_id.is_(None),
    )
    return list(session.execute(query.order_by(Person.id)).scalars())


def _matches(words: str, country: str) -> list[sa.ColumnElement[bool]]:
    whole = Person.first_name + " " + Person.last_name
    conditions: list[sa.ColumnElement[bool]] = []
    digits = "".join(letter for letter in words if letter.isdigit())
    if len(digits) >= 3 and not any(letter.isalpha() for letter in words):
        return [sa.or_(Person.phone == _e164(words, country), Person.phone.contains(digits.lstrip("0") or digits))]
    for word in words.split():
        spellings = {word, word.lower(), word.title(), word.upper()}  # SQLite's lower() knows ASCII only
        hits = [whole.contains(spelling, autoescape=True) for spelling in sorted(spellings)]
        conditions.append(sa.or_(sa.func.lower(whole).contains(word.lower(), autoescape=True), *hits))
    return conditions


def _e164(words: str, country: str) -> str | None:
    try:
        return phone.parse(words, country)
    except phone.WrongNumber:
        return None


def _pack(session: Session, last: Person) -> str:
    row = session.execute(
        sa.select(sa.func.lower(Person.last_name), sa.func.lower(Person.first_name), Person.id).where(
            Person.id == last.id
        )
    ).one()
    return base64.urlsafe_b64encode(json.dumps(list(row)).encode()).decode()


def _unpack(after: str | None) -> tuple[str, str, int] | None:
    """The key in an address; anything else than a key of ours begins at the first page."""
    try:
        key: Any = json.loads(base64.urlsafe_b64decode((after or "").encode()))
        last, first, row_id = key
    except ValueError:
        return None
    return (
        (last, first, row_id) if isinstance(last, str) and isinstance(first, str) and isinstance(row_id, int) else None
    )
