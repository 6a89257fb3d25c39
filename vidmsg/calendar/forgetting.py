"""Forgetting a person for good: whatever says who she is, what she said and what was made for her. What stays names
nobody: the ledger of yes and no by number, and of each text that left its number, moments and SID, so that the sending
engine counts right and nothing is sent twice. Everything in one transaction, the caller's; leaves before branches."""

from __future__ import annotations

from dataclasses import dataclass

import sqlalchemy as sa
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from vidmsg import clock
from vidmsg.accounts import audit
from vidmsg.errors import Sentence
from vidmsg.messages import states
from vidmsg.messages.models import FORGOTTEN as NO_WORDS
from vidmsg.messages.models import Attempt, Inbound, Link, Message, StatusEvent
from vidmsg.messages.move import move
from vidmsg.milestones.models import Milestone, Occurrence
from vidmsg.people.models import FORGOTTEN, Consent, ImportChange, JoinRequest, Note, Person
from vidmsg.videos.models import Rendition, Upload, Video
from vidmsg.watching.models import Visit

LEAVING = (states.CLAIMED, states.SUBMITTING, states.UNKNOWN)
OPEN = (states.PLANNED, states.SCHEDULED, states.HELD, states.MISSED)


class Leaving(Sentence):
    """A text to her is just leaving, and what it says is needed until it is known what became of it."""


@dataclass(frozen=True)
class Known:
    """How much there is of her."""

    notes: int
    days: int
    videos: int
    unsent: int
    sent: int


def count(session: Session, person: Person) -> Known:
    """What would go, and what would stay without its words."""
    hers = Message.person_id == person.id
    return Known(
        _many(session, Note.id, Note.person_id == person.id),
        _many(session, Milestone.id, Milestone.person_id == person.id, Milestone.active.is_(True)),
        _many(session, Video.id, Video.person_id == person.id, Video.discarded_at.is_(None)),
        _many(session, Message.id, hers, Message.state.in_(OPEN)),
        _many(session, Message.id, hers, _tried()),
    )


def forget(session: Session, person: Person, by: int) -> None:
    """She goes. Raises Leaving, with nothing written."""
    session.get_one(Person, person.id, with_for_update=True)
    about = sa.or_(Message.person_id == person.id, Message.about_id == person.id)
    texts = sa.select(Message).where(about).order_by(Message.id).with_for_update()
    messages = list(session.scalars(texts.execution_options(populate_existing=True)))
    if any(one.state in LEAVING for one in messages):
        raise Leaving(_("A text is just leaving. Wait until it has arrived, then forget %(name)s.", name=person.name))
    _texts(session, person, messages)
    _answers(session, person)
    _days(session, person)
    _videos(session, person)
    _person(session, person)
    audit.record(session, by, person.organisation_id, "person.forget", f"person:{person.id}")


def _texts(session: Session, person: Person, messages: list[Message]) -> None:
    """The links end; what never left goes, and what left keeps no word."""
    ids = [one.id for one in messages]
    links = sa.select(Link.id).where(Link.message_id.in_(ids))
    session.execute(sa.delete(Visit).where(Visit.link_id.in_(links)))
    session.execute(sa.update(Upload).where(Upload.link_id.in_(links)).values(link_id=None))
    session.execute(sa.delete(Link).where(Link.message_id.in_(ids)))
    session.execute(sa.update(Inbound).where(Inbound.message_id.in_(ids)).values(message_id=None, person_id=person.id))
    session.execute(sa.update(Rendition).where(Rendition.message_id.in_(ids)).values(message_id=None))
    left = set(session.scalars(sa.select(Message.id).where(Message.id.in_(ids), _tried())))
    for one in messages:
        if one.id in left and one.state in OPEN:
            move(session, one, states.CANCELED, mover=states.PERSON)
    events = sa.update(StatusEvent).where(StatusEvent.message_id.in_(left))
    session.execute(events.values(detail=None))
    session.execute(sa.update(Attempt).where(Attempt.message_id.in_(left)).values(body="", error=None))
    silent = {"body": "", "words": "", "reason": None, "video_id": None, "fallback_video_id": None, "about_id": None}
    quiet = {"occurrence_id": None, "template_version_id": None, "look_at": None, "version": Message.version + 1}
    session.execute(sa.update(Message).where(Message.id.in_(left)).values(**silent, **quiet))
    hers = sa.update(Message).where(Message.id.in_(left), Message.person_id == person.id)
    session.execute(hers.values(purpose=NO_WORDS))
    never = [one for one in ids if one not in left]
    session.execute(sa.delete(StatusEvent).where(StatusEvent.message_id.in_(never)))
    session.execute(sa.delete(Message).where(Message.id.in_(never)))


def _answers(session: Session, person: Person) -> None:
    """What she wrote; its SID stays, so that Twilio telling of it again is known."""
    others = sa.select(Person.id).where(Person.phone == person.phone, Person.id != person.id).exists()
    a_strangers = sa.and_(Inbound.person_id.is_(None), Inbound.from_number == person.phone, ~others)
    inside = Inbound.organisation_id == person.organisation_id
    hers = sa.update(Inbound).where(inside, sa.or_(Inbound.person_id == person.id, a_strangers))
    silent = {"person_id": None, "body": "", "from_number": "", "seen_at": clock.now()}
    session.execute(hers.values(**silent))


def _days(session: Session, person: Person) -> None:
    days = sa.select(Occurrence.id).where(Occurrence.person_id == person.id)
    session.execute(sa.update(Upload).where(Upload.occurrence_id.in_(days)).values(occurrence_id=None))
    session.execute(sa.update(Message).where(Message.occurrence_id.in_(days)).values(occurrence_id=None))
    session.execute(sa.delete(Occurrence).where(Occurrence.person_id == person.id))
    session.execute(sa.delete(Milestone).where(Milestone.person_id == person.id))


def _videos(session: Session, person: Person) -> None:
    """Those made for her are let go, so that the sweep takes their bytes; one that somebody else got too is hers no
    more."""
    carried = sa.or_(Message.video_id == Video.id, Message.fallback_video_id == Video.id)
    elsewhere = sa.or_(
        sa.select(Message.id).where(carried).exists(), sa.select(Link.id).where(Link.video_id == Video.id).exists()
    )
    alone = sa.update(Video).where(Video.person_id == person.id, ~elsewhere)
    session.execute(alone.values(kept_at=None, discarded_at=clock.now()))
    session.execute(sa.update(Video).where(Video.person_id == person.id).values(person_id=None))


def _person(session: Session, person: Person) -> None:
    """Notes and what lists said of her go. Texts that left need somebody to point to: then a row without a name."""
    for model in (Note, ImportChange):
        session.execute(sa.delete(model).where(model.person_id == person.id))
    session.execute(sa.update(Consent).where(Consent.person_id == person.id).values(person_id=None))
    asked = sa.update(JoinRequest).where(JoinRequest.person_id == person.id)
    session.execute(asked.values(person_id=None, month=None, day=None))
    if not _many(session, Message.id, Message.person_id == person.id):
        session.execute(sa.delete(Person).where(Person.id == person.id))
        return
    person.kind, person.first_name, person.last_name, person.phone = FORGOTTEN, "", "", None
    person.owner_id = person.company_id = person.visits = person.hold_until = person.hold_reason = None
    session.flush()


def _tried() -> sa.ColumnElement[bool]:
    """A text of which Twilio may know."""
    return sa.select(Attempt.id).where(Attempt.message_id == Message.id).exists()


def _many(session: Session, column: sa.orm.InstrumentedAttribute[int] | sa.orm.InstrumentedAttribute[str],
          *which: sa.ColumnElement[bool]) -> int:  # fmt: skip
    return session.scalar(sa.select(sa.func.count(column)).where(*which)) or 0
