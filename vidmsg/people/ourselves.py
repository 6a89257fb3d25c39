"""The row of somebody who works here, so that she can be texted like anybody: with her number, her yes in the ledger,
and her own hours. She is no customer: no list shows her, and only she sees the row. It may not know what she is texted
about."""

from __future__ import annotations

from dataclasses import dataclass

import sqlalchemy as sa
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from vidmsg import clock
from vidmsg.accounts import audit
from vidmsg.accounts.models import Team, User
from vidmsg.errors import Sentence
from vidmsg.people import confirming, consent, keeping
from vidmsg.people.models import COLLEAGUE, Person

PURPOSE = "texts that ask a colleague to record"
SOURCE = "web form"


class Taken(Sentence):
    """This number is a colleague's."""


@dataclass(frozen=True)
class Choice:
    """What she chose: her number in E.164, and the hours of her own clock in which she may be texted."""

    phone: str
    opens: int
    closes: int


def row_of(session: Session, user_id: int) -> Person | None:
    """Her own row, if she has one yet."""
    return session.scalars(sa.select(Person).where(Person.user_id == user_id)).one_or_none()


def words(organisation: str) -> str:
    """What she agrees to, as it stands on the page and in the ledger."""
    said = _(
        "I agree that %(name)s texts me at this number: before a day that needs a video of mine, and when a video of "
        "mine is watched or answered. How many depends on whose days I keep. I can answer STOP at any time to end it, "
        "or HELP for help. Message and data rates may apply.",
        name=organisation,
    )
    return str(said)


def question(organisation: str) -> str:
    """What a number that she typed is asked before anything else goes there."""
    asked = _(
        "%(name)s: you asked to be texted when a day needs your video. Reply YES to get these texts. "
        "Reply HELP for help, STOP to opt out. Msg & data rates may apply.",
        name=organisation,
    )
    return str(asked)


def agree(session: Session, user: User, choice: Choice) -> Person:
    """She wants to be texted: her row, her number, her yes, her hours. A number that never answered YES waits for that,
    because a digit is mistyped soon. Raises Taken; consent.Stopped where the number
    said stop by text, which only its own START ends."""
    _refuse_taken(session, user, choice.phone)
    person = row_of(session, user.id) or _add(session, user, choice.phone)
    in_step(session, person, user, choice.phone)
    name = user.organisation.name if user.organisation else ""
    confirming.ask(session, person, choice.phone, words(name))
    if not consent.is_granted(session, person.organisation_id, choice.phone):
        said = {"number": choice.phone, "words": words(name), "source": SOURCE, "purpose": PURPOSE}
        consent.grant(session, person, **said, user_id=user.id)
    user.text_to_record, user.texts_from, user.texts_until = True, choice.opens, choice.closes
    audit.record(session, user.id, user.organisation_id, "texts.on", f"user:{user.id}")
    return person


def end(session: Session, user: User) -> None:
    """She wants no more of them, and the ledger says so."""
    person = row_of(session, user.id)
    user.text_to_record = False
    if person is not None and consent.is_granted(session, person.organisation_id, person.phone):
        said = {"phone": person.phone or "", "words": _("Switched off on her own page."), "source": SOURCE}
        consent.revoke(session, organisation_id=person.organisation_id, **said, user_id=user.id)
    audit.record(session, user.id, user.organisation_id, "texts.off", f"user:{user.id}")


def in_step(session: Session, person: Person, user: User, phone: str | None = None) -> None:
    """Her row says what her account says: name, clock, team."""
    home = user.organisation
    zone = user.time_zone or (home.time_zone if home else person.time_zone)
    first, _space, last = user.name.partition(" ")
    keeping.change(
        session,
        person,
        keeping.Details((first or user.first_name)[:60], last[:60], phone or person.phone, zone),
        user.id,
    )
    person.team_id = user.team_id or person.team_id


def _add(session: Session, user: User, phone: str) -> Person:
    teams = sa.select(Team.id).where(Team.organisation_id == user.organisation_id, Team.sample.is_(False))
    person = Person(
        organisation_id=user.organisation_id,
        team_id=user.team_id or session.execute(teams.order_by(Team.id).limit(1)).scalar_one(),
        owner_id=user.id,
        user_id=user.id,
        kind=COLLEAGUE,
        first_name=user.first_name[:60],
        phone=phone,
        time_zone=user.zone,
        created_at=clock.now(),
    )
    session.add(person)
    session.flush()
    return person


def _refuse_taken(session: Session, user: User, phone: str) -> None:
    others = (Person.organisation_id == user.organisation_id, Person.phone == phone, Person.user_id != user.id)
    if session.execute(sa.select(Person.id).where(*others).limit(1)).first():
        raise Taken(_("A colleague gets her texts at this number. Write your own."))
