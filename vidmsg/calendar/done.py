"""Whom a rep has thought of today: the people whose day she looked after, for the kind end of Today. Reads only."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import sqlalchemy as sa
from babel.lists import format_list
from flask_babel import get_locale
from flask_babel import gettext as _
from sqlalchemy.orm import Session, joinedload

from vidmsg.accounts.models import User
from vidmsg.calendar.known import HELLOS
from vidmsg.messages.models import GREETING, Message
from vidmsg.people.models import Person

FACES = 3
MOST = 100


@dataclass(frozen=True)
class Done:
    """The people whose faces are shown, and everybody's names as one phrase."""

    faces: list[Person]
    names: str


def today(session: Session, user: User, now: dt.datetime) -> Done | None:
    """The people of today, on the user's clock `now`; None if there were none. One query."""
    midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
    query = (
        sa.select(Message)
        .options(joinedload(Message.person))
        .where(Message.sender_id == user.id, Message.created_at >= midnight, Message.occurrence_id.is_not(None))
        .where(Message.state.in_(HELLOS), Message.purpose == GREETING)
        .order_by(Message.created_at, Message.id)
        .limit(MOST)
    )
    people = list({message.person_id: message.person for message in session.scalars(query)}.values())
    if not people:
        return None
    return Done(people[:FACES], _names(people))


def _names(people: list[Person]) -> str:
    named = [person.first_name for person in people[:FACES]]
    if len(people) > FACES:
        named.append(_("%(n)s more", n=len(people) - FACES))
    return format_list(named, locale=get_locale() or "en")
