"""The occasion that a page or a take is for, as an address names it: it counts only inside the caller's walls and for
that very person. It may not know videos, messages or the calendar, which all ask it."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.orm import Session

from vidmsg.milestones import words
from vidmsg.milestones.models import Occurrence
from vidmsg.people.models import Person
from vidmsg.web import access

LONGEST = 18  # digits of a number that every database takes


def find(session: Session, person: Person, given: str) -> Occurrence | None:
    """The occasion of this person with the number `given`, if the one who asks may see it."""
    if not (given.isascii() and given.isdigit() and len(given) <= LONGEST):
        return None
    query = sa.select(Occurrence).where(Occurrence.id == int(given), Occurrence.person_id == person.id)
    return session.scalars(query.where(access.visible(Occurrence))).one_or_none()


def spoken(occurrence: Occurrence) -> str:
    """What is kept, after a name and a comma: "five years with us". A title keeps its own capitals."""
    said = words.occasion(occurrence.kind, occurrence.milestone.title, occurrence.count)
    return said if occurrence.milestone.title else said[:1].lower() + said[1:]
