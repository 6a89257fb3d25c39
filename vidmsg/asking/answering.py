"""What a rep texts back: LATER puts the day off, PASS hands it over, other words are noted on the customer's page for
her team. Only the two words are answered: a machine that answers by itself must not keep us talking. STOP and the like
are none of its business, they are obeyed before."""

from __future__ import annotations

import datetime as dt
import zoneinfo

import sqlalchemy as sa
from flask_babel import format_date
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from vidmsg import clock
from vidmsg.accounts.models import Organisation, User
from vidmsg.asking import admitting, texting
from vidmsg.asking.models import RecordLink
from vidmsg.asking.texting import Said
from vidmsg.calendar import moving, putting_off, today
from vidmsg.messages import hours, keywords, window
from vidmsg.messages.models import ASK, Inbound, Message
from vidmsg.milestones.models import Occurrence
from vidmsg.people import keeping, ourselves
from vidmsg.people.models import Person

LATER, PASS = "LATER", "PASS"
LONGEST_NOTE = 1000


def heard(session: Session, kept: Inbound) -> None:
    """A text came in. Nothing happens where it is not a rep's."""
    user = _rep(session, kept)
    if user is None or kept.kind != keywords.TEXT:
        return
    kept.seen_at = kept.seen_at or clock.now()
    word = "".join(letter for letter in kept.body if letter.isalpha()).upper()
    if word in {LATER, PASS}:
        _obey(session, kept, user, word)
    else:
        _note(session, kept, user)


def _obey(session: Session, kept: Inbound, user: User, word: str) -> None:
    occurrence = _asked(session, kept, user)
    if occurrence is None:
        about = _about(session, kept)
        if about is not None:
            _answer(session, kept, user, about, _("Nothing waits for you just now."))
        return
    said = _later(session, user, occurrence) if word == LATER else _pass(session, user, occurrence)
    _answer(session, kept, user, occurrence.person, said)


def _later(session: Session, user: User, occurrence: Occurrence) -> str:
    name, until = occurrence.person.first_name, _asked_again(session, user)
    there = clock.local(until, occurrence.person.time_zone).date()
    on = clock.local(until, user.zone).date()
    if max(there, on) > occurrence.planned_on:
        return str(_("%(name)s's day is here, so it can't wait. Reply PASS to hand it over.", name=name))
    try:
        putting_off.put_off(session, occurrence, user.id, on, late_is_fine=False)
    except putting_off.CannotPutOff as reason:
        return str(reason)
    return str(_("%(name)s: we ask you again on %(day)s.", name=name, day=format_date(on, "EEEE")))


def _asked_again(session: Session, user: User) -> dt.datetime:
    """When her hours open on the next day of her own clock."""
    zone = user.zone
    tomorrow = clock.local(clock.now(), zone).date() + dt.timedelta(days=1)
    midnight = dt.datetime.combine(tomorrow, dt.time(), zoneinfo.ZoneInfo(zone))
    return window.next_open(midnight, zone, hours.of(user.organisation, ourselves.row_of(session, user.id)))


def _pass(session: Session, user: User, occurrence: Occurrence) -> str:
    name, to = occurrence.person.first_name, _lightest(session, user, occurrence)
    try:
        if to is None:
            moving.hand_back(session, occurrence, user.id, user.id)
            return str(_("%(name)s's day goes back to your managers.", name=name))
        moving.assign(session, occurrence, to, user.id, user.id)
    except moving.CannotMove:
        return str(_("%(name)s's day is not yours any more.", name=name))
    return str(_("%(to)s looks after %(name)s's day now.", to=to.first_name, name=name))


def _lightest(session: Session, user: User, occurrence: Occurrence) -> User | None:
    """The team's colleague with the fewest open days in the lead time, of those who were not asked for this one before.
    One query: other writers wait meanwhile."""
    asked = sa.select(RecordLink.user_id).where(RecordLink.occurrence_id == occurrence.id)
    team = sa.select(User).where(
        User.organisation_id == occurrence.organisation_id, User.team_id == occurrence.team_id, User.active.is_(True)
    )
    others = team.where(User.id != user.id, User.id.not_in(asked))
    home = session.get_one(Organisation, occurrence.organisation_id)
    on = clock.local(clock.now(), home.time_zone).date()
    soon = Occurrence.planned_on.between(on, on + dt.timedelta(days=home.lead_days))
    people = sa.join(Occurrence, Person, Person.id == Occurrence.person_id)
    hers = sa.select(sa.func.count(Occurrence.id)).select_from(people).where(Occurrence.assignee_id == User.id, soon)
    count = hers.where(*today.unanswered()).correlate(User).scalar_subquery()
    return session.scalars(others.order_by(count, User.id).limit(1)).one_or_none()


def _note(session: Session, kept: Inbound, user: User) -> None:
    about = _about(session, kept)
    if about is not None and about.organisation_id == user.organisation_id and kept.body:
        keeping.note(session, about, user.id, kept.body[:LONGEST_NOTE], None)


def _answer(session: Session, kept: Inbound, user: User, about: Person, words: str) -> None:
    texting.to_rep(session, user, Said(words), key=f"answer-{kept.id}", about=about)


def _rep(session: Session, kept: Inbound) -> User | None:
    """Who of us wrote it; a text to a customer with the same number is the customer's."""
    person = session.get(Person, kept.person_id) if kept.person_id else None
    return session.get(User, person.user_id) if person is not None and person.user_id is not None else None


def _asked(session: Session, kept: Inbound, user: User) -> Occurrence | None:
    """The day that she answers about: that of the text before, else the last one that she was asked about and that is
    still hers to do."""
    open_ = (
        sa.select(Occurrence)
        .join(RecordLink, RecordLink.occurrence_id == Occurrence.id)
        .join(Message, Message.id == RecordLink.message_id)
        .where(RecordLink.user_id == user.id, RecordLink.ended_at.is_(None), Message.tries > 0)
        .where(Occurrence.assignee_id == user.id)
        .order_by((RecordLink.message_id == kept.message_id).desc(), RecordLink.id.desc())
    )
    for occurrence in session.scalars(open_.limit(20)):
        if admitting.is_hers(occurrence, user):
            return occurrence
    return None


def _about(session: Session, kept: Inbound) -> Person | None:
    """The customer of whom the text before told."""
    message = session.get(Message, kept.message_id) if kept.message_id else None
    if message is None or message.purpose != ASK or message.about_id is None:
        return None
    return session.get(Person, message.about_id)
