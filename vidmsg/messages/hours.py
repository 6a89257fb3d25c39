"""The waking hours of an organisation, as its settings have them, and of a rep who chose hours of her own for texts
that ask her to record: never outside of them does a text leave. Where nobody knows by which of several clocks a person
lives, they are the hours that are open by all of them."""

from __future__ import annotations

import dataclasses
import datetime as dt

from sqlalchemy.orm import Session

from vidmsg import clock
from vidmsg.accounts.models import Organisation
from vidmsg.messages import window
from vidmsg.messages.window import Hours
from vidmsg.people import zones
from vidmsg.people.models import Person

SHORTEST = dt.timedelta(hours=2)
"""With less of a day open by all clocks that a number may live by, somebody is asked which it is."""


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


def everywhere(organisation: Organisation | None, person: Person) -> Hours:
    """Her hours, and those of all clocks by which she may live as well, while nobody has said which it is."""
    home, others = of(organisation, person), zones.others(person)
    return dataclasses.replace(home, also=others) if others and _shared(home, person, others) >= SHORTEST else home


def never(organisation: Organisation | None, person: Person) -> str | None:
    """Why nothing goes to a number that may be in too many zones at once, or None."""
    others = zones.others(person)
    if not others or _shared(of(organisation, person), person, others) >= SHORTEST:
        return None
    name = person.first_name
    return f"{name}'s number does not tell which time zone it is in. Choose one on {name}'s page, then send it."


def _shared(home: Hours, person: Person, others: tuple[str, ...]) -> dt.timedelta:
    """How long all of these clocks are within the hours at once."""
    away = [clock.local(clock.now(), zone).utcoffset() or dt.timedelta() for zone in (person.time_zone, *others)]
    return dt.timedelta(hours=home.closes - home.opens) - (max(away) - min(away))


def of_person(session: Session, person: Person) -> Hours:
    """The hours in which texts reach this person, for her page."""
    return of(session.get(Organisation, person.organisation_id), person)


def _of_home(organisation: Organisation | None) -> Hours:
    if organisation is None or not 0 <= organisation.opens < organisation.closes <= window.MIDNIGHT:
        return window.DEFAULT
    return Hours(organisation.opens, organisation.closes, organisation.opens_sunday)
