"""Whoever asked for texts on the public page, or on her own page as a colleague, is texted once, and gets nothing more
until she answers yes: anybody can type any number. The pause ends with her answer."""

from __future__ import annotations

import datetime as dt
import unicodedata
from collections.abc import Callable

import sqlalchemy as sa
from sqlalchemy.orm import Session

from vidmsg import clock
from vidmsg.people import consent
from vidmsg.people.keeping import FOREVER, is_paused
from vidmsg.people.models import JoinRequest, Person

PAGE = "web form"
WAITS = "Waits for a YES by text."
AGAIN_AFTER = dt.timedelta(days=30)
_YES = frozenset({"YES", "Y", "YEP", "YEAH", "OK", "SI", "SÍ"})

Listener = Callable[[Session, JoinRequest], None]
_listeners: list[Listener] = []


def is_yes(body: str) -> bool:
    """Whether a text says yes and nothing else."""
    return "".join(letter for letter in unicodedata.normalize("NFC", body) if letter.isalpha()).upper() in _YES


def wait_for_yes(person: Person) -> None:
    """Hold everything but the question itself."""
    person.hold_until, person.hold_reason = FOREVER, WAITS


def is_held(session: Session, organisation_id: int, phone: str) -> bool:
    """Whether everything to anybody with this number is paused, but for the pause that waits for the YES itself."""
    paused = (Person.organisation_id == organisation_id, Person.phone == phone, Person.hold_until > clock.now())
    another = Person.hold_reason.is_distinct_from(WAITS)
    return session.execute(sa.select(Person.id).where(*paused, another).limit(1)).first() is not None


def ask(session: Session, person: Person, phone: str, words: str) -> None:
    """Somebody who works here typed her number: it waits for its YES, unless it gave one before. Call it before her yes
    goes into the ledger."""
    if is_confirmed(session, person.id, phone):
        if person.hold_reason == WAITS:  # of a number that she typed in between
            person.hold_until = person.hold_reason = None
        return
    mine = JoinRequest.person_id == person.id, JoinRequest.phone == phone, JoinRequest.confirmed_at.is_(None)
    if session.execute(sa.select(JoinRequest.id).where(*mine).limit(1)).first() is None:
        home = person.organisation_id
        session.add(JoinRequest(organisation_id=home, person_id=person.id, phone=phone, words=words, at=clock.now()))
    if not is_paused(person):
        wait_for_yes(person)


def is_confirmed(session: Session, person_id: int, phone: str | None) -> bool:
    """Whether a YES came from this number for this person."""
    mine = JoinRequest.person_id == person_id, JoinRequest.phone == phone, JoinRequest.confirmed_at.is_not(None)
    return session.execute(sa.select(JoinRequest.id).where(*mine).limit(1)).first() is not None


def waits(session: Session, organisation_id: int, phone: str) -> bool:
    """Whether all that speaks for this number is what was typed on the page, and no YES has come: whatever became of
    the pause meanwhile, nothing but the question may go."""
    latest = consent.current(session, organisation_id, phone)
    if latest is None or latest.source != PAGE:
        return False
    # A colleague's typing error asks a number that may have said its yes long before: what she typed came after it.
    newest = sa.select(JoinRequest.confirmed_at).where(
        JoinRequest.organisation_id == organisation_id, JoinRequest.phone == phone, JoinRequest.at <= latest.at
    )
    asked = session.execute(newest.order_by(JoinRequest.id.desc()).limit(1)).first()
    return asked is not None and asked[0] is None


def on_yes(listener: Listener) -> None:
    """Let a feature above hear, in the same transaction, of each request that a YES confirmed."""
    if listener not in _listeners:
        _listeners.append(listener)


def confirm(session: Session, organisation_id: int, phone: str) -> int:
    """Her yes to this organisation came: its open requests of this number are confirmed, their pause lifted. How
    many."""
    waiting = (JoinRequest.organisation_id == organisation_id, JoinRequest.phone == phone)
    query = sa.select(JoinRequest).where(*waiting, JoinRequest.confirmed_at.is_(None))
    requests = session.scalars(query.with_for_update()).all()
    for request in requests:
        request.confirmed_at = clock.now()
        person = session.get(Person, request.person_id) if request.person_id else None
        if person and person.phone == phone and person.hold_reason == WAITS:
            person.hold_until = person.hold_reason = None
        for listener in _listeners:
            listener(session, request)
    return len(requests)


def asked_lately(session: Session, organisation_id: int, phone: str, came_to_nothing: sa.ColumnElement[bool]) -> bool:
    """Whether this number was asked on the public page within a month: once is enough, whoever types it in again.
    `came_to_nothing`: which of the requests are none, because the question never reached anybody."""
    asked = sa.select(JoinRequest.id).outerjoin(Person, Person.id == JoinRequest.person_id)
    recent = asked.where(
        JoinRequest.organisation_id == organisation_id,
        JoinRequest.phone == phone,
        JoinRequest.at > clock.now() - AGAIN_AFTER,
        Person.user_id.is_(None),
        ~came_to_nothing,
    )
    return session.execute(recent.limit(1)).first() is not None
