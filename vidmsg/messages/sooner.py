"""Hours that open sooner, the organisation's or a rep's own, and a greater number of texts a day: what waits for them
goes as soon as they allow now, never before the moment that was chosen for it and never past its day. Hours that open
later need nothing, because they are asked in the moment in which a text leaves."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.orm import Session

from vidmsg import clock
from vidmsg.database import reading, writing
from vidmsg.messages import caps, frozen, hours, leaving, states, timing
from vidmsg.messages.models import ASK, Message
from vidmsg.messages.move import move, rewrite

BATCH = 200


def bring(organisation_id: int, person_id: int | None = None) -> None:
    """Bring forward what may go sooner, in short transactions: of the whole organisation, or what goes to one."""
    whose = [Message.organisation_id == organisation_id]
    if person_id is not None:
        whose.append(Message.person_id == person_id)
    after = ""
    while ids := _some(whose, after):
        with writing() as session:
            for message in session.scalars(sa.select(Message).where(Message.id.in_(ids), *_put_off())).all():
                _forward(session, message)
        after = ids[-1]


def make_room(organisation_id: int) -> None:
    """More texts may leave in a day: those that were put off for that are brought forward, and those that were held for
    that alone go while their day lasts. A rep's question is asked anew instead (asking)."""
    whose = [Message.organisation_id == organisation_id, Message.state == states.HELD, Message.purpose != ASK]
    held = sa.select(Message).where(*whose, Message.reason.contains(caps.USED_UP, autoescape=True))
    after = ""
    while True:
        with writing() as session:
            some = held.where(Message.id > after).order_by(Message.id).limit(BATCH)
            found = [] if frozen.reason(session) else session.scalars(some).all()
            for message in found:
                opening = leaving.moment(message, clock.now())
                if opening:
                    move(session, message, states.SCHEDULED, mover=states.PERSON, due_at=opening)
        if not found:
            break
        after = found[-1].id
    bring(organisation_id)


def _some(whose: list[sa.ColumnElement[bool]], after: str) -> list[str]:
    query = sa.select(Message.id).where(*whose, *_put_off(), Message.id > after)
    with reading() as session:
        return list(session.scalars(query.order_by(Message.id).limit(BATCH)))


def _put_off() -> tuple[sa.ColumnElement[bool], ...]:
    """It goes later than somebody chose. One that was tried already waits for the next try instead."""
    waits = Message.state.in_((states.PLANNED, states.SCHEDULED))
    return waits, Message.wanted_at < Message.due_at, Message.due_at > clock.now(), Message.tries == 0


def _forward(session: Session, message: Message) -> None:
    wanted = max(message.wanted_at or clock.now(), clock.now())
    opening = timing.leaves_at(
        wanted,
        due_at=wanted,
        send_on=message.send_on,
        zone=message.person.time_zone,
        hours=hours.of(message.sender.organisation, message.person),
    )
    if opening and message.due_at and opening < message.due_at:
        look = {"look_at": opening} if message.state == states.PLANNED else {}
        rewrite(session, message, due_at=opening, **look)
