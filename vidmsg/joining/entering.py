"""Taking somebody in who filled in the public page: person, ledger, birthday, and one text that asks whether it was
really her. What the page answers is the same for every number: nobody learns here who is known."""

from __future__ import annotations

from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import Session

from vidmsg import clock, logs, tokens
from vidmsg.accounts.models import MANAGER, Organisation, Role, Team, User, user_role
from vidmsg.joining import wording
from vidmsg.messages import caps, compose, states
from vidmsg.messages.models import CONFIRM, Message
from vidmsg.milestones import keeping as dates
from vidmsg.milestones.keeping import Details
from vidmsg.milestones.models import Milestone
from vidmsg.people import confirming, consent, keeping, zones
from vidmsg.people.models import CUSTOMER, JoinRequest, Person

log = logs.get(__name__)

BIRTHDAY = "birthday"
NEVER_ARRIVED = (states.FAILED, states.UNDELIVERED, states.CANCELED, states.SUPPRESSED)


@dataclass(frozen=True)
class Entry:
    """What was filled in: checked names, a number in E.164, perhaps a birthday without a year."""

    first_name: str
    last_name: str
    phone: str
    month: int | None = None
    day: int | None = None


def enter(session: Session, home: Organisation, entry: Entry, texts_a_day: int) -> bool:
    """Take her in, and have the question texted. False when nothing was done: the number said no, in whatever way, was
    asked already, everything to somebody with it is held, or the day's questions are used up. Of somebody who is
    known, nothing is changed before her YES; her birthday waits for it on the request."""
    session.execute(sa.select(Organisation.id).where(Organisation.id == home.id).with_for_update())  # one at a time
    if _may_not_be_asked(session, home, entry.phone):
        log.info("join request without effect", organisation=home.id)
        return False
    same = (Person.organisation_id == home.id, Person.phone == entry.phone, Person.user_id.is_(None))
    known = session.scalars(sa.select(Person).where(*same).order_by(Person.id).limit(1)).one_or_none()
    waits = confirming.waits(session, home.id, entry.phone)
    agreed = known is not None and not waits and consent.is_granted(session, home.id, entry.phone)
    if not agreed and asked_today(session, home) >= texts_a_day:
        log.warning("join request not asked, the day's questions are used up", organisation=home.id)
        return False
    person = known or _add(session, home, entry)
    words, now = wording.consent(home), clock.now()
    session.add(
        JoinRequest(
            organisation_id=home.id,
            person_id=person.id,
            phone=entry.phone,
            words=words,
            month=entry.month if known and not agreed else None,
            day=entry.day if known and not agreed else None,
            at=now,
            confirmed_at=now if agreed else None,  # nobody asks her, and she takes nobody's place in the day's number
        )
    )
    if agreed:
        return False
    consent.grant(session, person, number=entry.phone, words=words, source=confirming.PAGE, user_id=None)
    if not keeping.is_paused(person):
        confirming.wait_for_yes(person)
    return _ask(session, home, person)


def asked_today(session: Session, home: Organisation) -> int:
    """How many numbers that were typed into the page are asked today for a YES. Who had agreed before is not asked, and
    a colleague types hers on a page of her own."""
    today = (JoinRequest.organisation_id == home.id, JoinRequest.at >= caps.midnight(home.time_zone))
    asked = sa.or_(JoinRequest.confirmed_at.is_(None), JoinRequest.confirmed_at > JoinRequest.at)
    page = sa.select(sa.func.count(JoinRequest.id)).outerjoin(Person, Person.id == JoinRequest.person_id)
    return session.execute(page.where(*today, asked, Person.user_id.is_(None))).scalar_one()


def birthday_of(session: Session, request: JoinRequest) -> None:
    """Her YES came: the birthday that she typed is kept, where none is known."""
    person = session.get(Person, request.person_id) if request.person_id else None
    if person is None or not (request.month and request.day):
        return
    there = (Milestone.person_id == person.id, Milestone.kind == BIRTHDAY)
    if session.execute(sa.select(Milestone.id).where(*there).limit(1)).first() is None:
        dates.add(session, person, Details(BIRTHDAY, month=request.month, day=request.day), None)


def manager(session: Session, home: Organisation) -> User | None:
    """In whose name the question goes: the first manager who still works here."""
    query = sa.select(User).join(user_role, user_role.c.user_id == User.id).join(Role, Role.id == user_role.c.role_id)
    here = query.where(User.organisation_id == home.id, User.active.is_(True), Role.name == MANAGER)
    return session.scalars(here.order_by(User.id).limit(1)).one_or_none()


def _may_not_be_asked(session: Session, home: Organisation, phone: str) -> bool:
    return (
        consent.said_no(session, home.id, phone)
        or confirming.asked_lately(session, home.id, phone, came_to_nothing())
        or confirming.is_held(session, home.id, phone)
    )


def came_to_nothing() -> sa.ColumnElement[bool]:
    """Of a request: its question did not arrive, or was taken back, so she may fill in the page once more."""
    return sa.exists().where(
        Message.phone == JoinRequest.phone,
        Message.organisation_id == JoinRequest.organisation_id,
        Message.purpose == CONFIRM,
        Message.state.in_(NEVER_ARRIVED),
        Message.created_at >= JoinRequest.at,
    )


def _add(session: Session, home: Organisation, entry: Entry) -> Person:
    sender = manager(session, home)
    team_id = sender.team_id if sender and sender.team_id else None
    if team_id is None:
        teams = sa.select(Team.id).where(Team.organisation_id == home.id, Team.sample.is_(False)).order_by(Team.id)
        team_id = session.execute(teams.limit(1)).scalar_one()
    zone = zones.of_number(entry.phone)
    person = Person(
        organisation_id=home.id,
        team_id=team_id,
        owner_id=sender.id if sender else None,
        kind=CUSTOMER,
        first_name=entry.first_name,
        last_name=entry.last_name,
        phone=entry.phone,
        time_zone=zone or zones.likely(entry.phone, home.time_zone),
        zone_is_guess=zone is None,
        created_at=clock.now(),
    )
    session.add(person)
    session.flush()
    if entry.month and entry.day:
        dates.add(session, person, Details(BIRTHDAY, month=entry.month, day=entry.day), None)
    return person


def _ask(session: Session, home: Organisation, person: Person) -> bool:
    sender = manager(session, home)
    if sender is None:
        return False
    try:
        message = compose.compose(
            session,
            sender=sender,
            person=person,
            video=None,
            body=wording.confirmation(home),
            words="",
            request_key=tokens.new_token(),
            due_at=clock.now(),
        )
    except compose.CannotSend as error:
        log.warning("join request not asked", organisation=home.id, code=error.code)
        return False
    message.purpose = CONFIRM
    return True
