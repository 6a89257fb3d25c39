"""The ledger of who agreed to texts. It is kept by number, because a number is what a text goes to, and it only
grows: nothing here changes or removes an entry. The latest entry of a number decides.

US law asks for prior express consent, provable by who said which words when and where, and for any reasonable way to
say stop (47 CFR 64.1200(a)(10))."""

from __future__ import annotations

import sqlalchemy as sa
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from vidmsg import clock
from vidmsg.accounts import audit
from vidmsg.accounts.models import Organisation
from vidmsg.people.models import GRANTED, REVOKED, Consent, Person

PURPOSE = "personal video texts"
FROM_LIST = "list"  # a "do not contact" of a list that was brought
LIST_UNDONE = "list taken back"  # ends a yes that came by a list which was a mistake; it is nobody's no
SOURCES = ("in person", "phone", "paper form", "web form", FROM_LIST, LIST_UNDONE)
BY_TEXT = "text"  # she wrote it herself: STOP, START


class NoNumber(ValueError):
    """There is no number that somebody could agree for."""


class Stopped(ValueError):
    """This number asked by text to stop, so nobody but its own START turns texts on again."""


def current(session: Session, organisation_id: int, phone: str) -> Consent | None:
    """The latest entry of this number (E.164), or None. Texts may go only while its action is GRANTED."""
    query = sa.select(Consent).where(Consent.organisation_id == organisation_id, Consent.phone == phone)
    return session.execute(query.order_by(Consent.id.desc()).limit(1)).scalar_one_or_none()


def is_granted(session: Session, organisation_id: int, phone: str | None) -> bool:
    """Whether texts may go to this number now."""
    latest = current(session, organisation_id, phone) if phone else None
    return latest is not None and latest.action == GRANTED


def of_person(session: Session, person: Person) -> list[Consent]:
    """Everything that was said for this person's number, the latest first."""
    if not person.phone:
        return []
    query = sa.select(Consent).where(Consent.organisation_id == person.organisation_id, Consent.phone == person.phone)
    return list(session.execute(query.order_by(Consent.id.desc())).scalars())


def grant(
    session: Session,
    person: Person,
    *,
    number: str | None,
    words: str,
    source: str,
    user_id: int | None,
    purpose: str = PURPOSE,
) -> Consent:
    """Note that this person said yes for `number` (E.164), which need not be the one she has now: the words she heard
    or read, and where. Raises Stopped after a stop by text, which only her own START ends (start_again); NoNumber
    without a number."""
    if not number:
        raise NoNumber
    _one_at_a_time(session, person.organisation_id)
    if asked_to_stop(session, person.organisation_id, number):
        raise Stopped
    return _add(session, person.organisation_id, number, GRANTED, words, source, user_id, person.id, purpose)


def start_again(session: Session, organisation_id: int, phone: str, words: str, person: Person | None) -> Consent:
    """Note the START that this number texted; `person` is whose number it is, where that is known."""
    _one_at_a_time(session, organisation_id)
    return _add(session, organisation_id, phone, GRANTED, words, BY_TEXT, None, person.id if person else None)


def revoke(
    session: Session, *, organisation_id: int, phone: str, words: str, source: str, user_id: int | None = None
) -> Consent:
    """Note that whoever has this number said no more. It holds for every person with the number."""
    _one_at_a_time(session, organisation_id)
    known = (
        sa.select(Person.id).where(Person.organisation_id == organisation_id, Person.phone == phone).order_by(Person.id)
    )
    person_id = session.execute(known.limit(1)).scalar_one_or_none()
    return _add(session, organisation_id, phone, REVOKED, words, source, user_id, person_id)


def asked_to_stop(session: Session, organisation_id: int, phone: str) -> bool:
    """Whether the last word from this number was a stop that she texted herself. Only a START from her own phone ends
    that; nobody may note a yes for her."""
    latest = current(session, organisation_id, phone)
    return latest is not None and latest.action == REVOKED and latest.source not in SOURCES


def said_no(session: Session, organisation_id: int, phone: str) -> bool:
    """Whether the last word of this number is a no, by text or as somebody noted it. A list that was taken back is
    nobody's no."""
    latest = current(session, organisation_id, phone)
    return latest is not None and latest.action == REVOKED and latest.source != LIST_UNDONE


def known_to(session: Session, phone: str) -> list[int]:
    """Every organisation here that knows this number: as somebody's, or by an entry of its ledger."""
    somebodys = sa.exists().where(Person.organisation_id == Organisation.id, Person.phone == phone)
    entered = sa.exists().where(Consent.organisation_id == Organisation.id, Consent.phone == phone)
    return list(session.scalars(sa.select(Organisation.id).where(somebodys | entered).order_by(Organisation.id)))


def sentence(organisation: str) -> str:
    """The words to read out or print: who, what, how often, how to stop (CTIA Messaging Principles, 5.1.2)."""
    words = _(
        "May %(organisation)s text you a short personal video now and then, on days that matter to you? "
        "You can answer STOP at any time, and it ends. Message and data rates may apply.",
        organisation=organisation,
    )
    return str(words)


def _one_at_a_time(session: Session, organisation_id: int) -> None:
    """Wait for other writers of this ledger, so that no stop comes between what is asked and what is written."""
    session.execute(
        sa.select(Organisation.id).where(Organisation.id == organisation_id).with_for_update(key_share=True)
    )


def _add(
    session: Session,
    organisation_id: int,
    phone: str,
    action: str,
    words: str,
    source: str,
    user_id: int | None,
    person_id: int | None,
    purpose: str = PURPOSE,
) -> Consent:
    entry = Consent(
        organisation_id=organisation_id,
        phone=phone,
        person_id=person_id,
        action=action,
        words=words,
        source=source,
        purpose=purpose,
        recorded_by=user_id,
        at=clock.now(),
    )
    session.add(entry)
    session.flush()
    audit.record(session, user_id, organisation_id, f"consent.{action}", f"consent:{entry.id}", {"source": source})
    return entry
