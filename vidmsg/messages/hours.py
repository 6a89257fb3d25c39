"""The waking hours of an organisation, as its settings have them, and of a rep who chose hours of her own for texts
that ask her to record: never outside of them does a text leave."""

from __future__ import annotations

from sqlalchemy.orm import Session

from vidmsg.accounts.models import Organisation
from vidmsg.messages import window
from vidmsg.messages.window import Hours
from vidmsg.people.models import Person


def of(organisation: Organisation | None, person: Person | None = None) -> Hours:
    """The organisation's hours; the default ones where there is none, or where its own are never open. For a rep's own
    row, hers, where she chose some."""
    home = _of_home(organisation)
    user = person.user if person is not None and person.user_id is not None else None
    if user is None or user.texts_from is None or user.texts_until is None:
        return home
    if not 0 <= user.texts_from < user.texts_until <= window.MIDNIGHT:
        return home
    return Hours(user.texts_from, user.texts_until, max(user.texts_from, home.opens_sunday))


def of_person(session: Session, person: Person) -> Hours:
    """The hours in which texts reach this person, for her page."""
    return of(session.get(Organisation, person.organisation_id), person)


def _of_home(organisation: Organisation | None) -> Hours:
    if organisation is None or not 0 <= organisation.opens < organisation.closes <= window.MIDNIGHT:
        return window.DEFAULT
    return Hours(organisation.opens, organisation.closes, organisation.opens_sunday)
