"""How much may leave, and to where: a list of countries, so that nobody's texts run up a bill abroad, and as many texts
a day to one person and from the organisation as it has set. Asked in the transaction in which a message leaves; several
workers in one moment may go over the organisation's number by as many as they are."""

from __future__ import annotations

import datetime as dt
import zoneinfo

import sqlalchemy as sa
from sqlalchemy.orm import Session

from vidmsg import clock, phone
from vidmsg.accounts.models import Organisation
from vidmsg.messages.models import ASK, Attempt, Message
from vidmsg.people.models import Person

USED_UP = "texts that may leave in a day are used up."


def country(home: Organisation, number: str) -> str | None:
    """Why nothing goes to the country of this number (E.164), or None."""
    allowed = {code.strip().upper() for code in home.allowed_countries.split(",") if code.strip()}
    if phone.region(number) in (allowed or {home.country}):
        return None
    return "This number is in a country that is not on your list. A manager can add it, then send it or not."


def person(session: Session, home: Organisation, message: Message) -> str | None:
    """Why nobody texts this person once more today, or None. Questions to our own reps are not counted."""
    if message.purpose == ASK:
        return None
    same = sa.select(Person.id).where(Person.organisation_id == home.id, Person.phone == message.phone)
    sent = (
        sa.select(sa.func.count(sa.distinct(Attempt.message_id)))
        .join(Message, Message.id == Attempt.message_id)
        .where(
            Message.person_id.in_(same),
            Message.id != message.id,
            Message.purpose != ASK,
            Attempt.created_at >= midnight(message.person.time_zone),
            _may_have_left(),
        )
    )
    count = session.execute(sent).scalar_one()
    if count < home.person_daily_cap:
        return None
    name = message.person.first_name
    return f"{name} had {_texts(count)} from here today already. Look, then send it or not."


def day(session: Session, home: Organisation) -> str | None:
    """Why nothing more leaves today from this organisation, or None."""
    if session.execute(_since_midnight(home)).scalar_one() < home.daily_cap:
        return None  # the whole installation is below, told by the index alone
    if today(session, home) < home.daily_cap:
        return None
    return f"The {home.daily_cap} {USED_UP} A manager can allow more."


def next_room(home: Organisation) -> dt.datetime:
    """When texts may leave again once today's are used up: the organisation's next midnight."""
    tomorrow = clock.local(clock.now(), home.time_zone).date() + dt.timedelta(days=1)
    return dt.datetime.combine(tomorrow, dt.time(), zoneinfo.ZoneInfo(home.time_zone)).astimezone(dt.UTC)


def today(session: Session, home: Organisation) -> int:
    """How many texts of this organisation have left today, or may have."""
    ours = (
        _since_midnight(home)
        .join(Message, Message.id == Attempt.message_id)
        .where(Message.organisation_id == home.id, _may_have_left())
    )
    return session.execute(ours).scalar_one()


def _since_midnight(home: Organisation) -> sa.Select[int]:
    since = midnight(home.time_zone)
    return sa.select(sa.func.count()).select_from(Attempt).where(Attempt.created_at >= since)


def _may_have_left() -> sa.ColumnElement[bool]:
    return sa.or_(Attempt.outcome.is_(None), Attempt.outcome != "refused")


def midnight(zone: str) -> dt.datetime:
    """The beginning of today where the clock shows `zone`."""
    there = zoneinfo.ZoneInfo(zone)
    return dt.datetime.combine(clock.now().astimezone(there).date(), dt.time(), there).astimezone(dt.UTC)


def _texts(count: int) -> str:
    return "a text" if count == 1 else f"{count} texts"
