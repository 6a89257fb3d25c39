"""While sending is frozen, each message that is past due is looked up at Twilio: one that another copy of us sent is
found by its own link token and adopted; where another text went to the person about then, somebody decides. No
transaction is open during a call."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import Session

from vidmsg import clock, logs
from vidmsg.accounts.models import Installation
from vidmsg.database import reading, writing
from vidmsg.messages import frozen, links, states
from vidmsg.messages.models import Attempt, Message, StatusEvent
from vidmsg.messages.move import move, rewrite
from vidmsg.sms import current_gateway
from vidmsg.sms.gateway import Listed, ListingFailed

log = logs.get(__name__)

BEFORE = dt.timedelta(hours=24)  # another copy may have sent it that much sooner, because somebody moved it there
NOT_THERE = "Looked for at Twilio: it has not left."


@dataclass(frozen=True)
class Sought:
    """A message to be looked up; `tag` is its link's token, or without a link its whole body."""

    message_id: str
    phone: str
    tag: str
    whole: bool
    since: dt.datetime
    around: dt.datetime


def is_due() -> bool:
    """Whether there is a message to look up."""
    with reading() as session:
        return _next(session) is not None


def look() -> bool:
    """Look one message up. False when there is none, or Twilio can't tell."""
    with reading() as session:
        sought = _next(session)
    if sought is None:
        return False
    try:
        listed = current_gateway().find(sought.phone, containing="", since=sought.since)
    except ListingFailed as error:
        log.warning("listing failed", message=sought.message_id, error=type(error).__name__)
        return False
    with writing() as session:
        message = session.get_one(Message, sought.message_id, with_for_update=True)
        if message.state in frozen.WAITING:
            _settle(session, message, sought, _unknown(session, listed))
    return True


def _next(session: Session) -> Sought | None:
    began = session.execute(sa.select(Installation.frozen_at, Installation.frozen_reason)).first()
    now = clock.now()
    if (
        began is None
        or began.frozen_reason is None
        or began.frozen_at is None
        or now < began.frozen_at + frozen.SETTLED
    ):
        return None
    message = session.scalars(frozen.unlooked(now, began.frozen_at).limit(1)).one_or_none()
    if message is None:
        return None
    link = links.current(session, message.id)
    due_at = message.due_at or message.created_at
    since = min(message.created_at, due_at - BEFORE)
    token = link.token if link else links.token_in(message.body)
    return Sought(message.id, message.phone, token or message.body, token is None, since, due_at - BEFORE)


def _unknown(session: Session, listed: list[Listed]) -> list[Listed]:
    """Texts at Twilio of which this database knows nothing."""
    known = set(session.scalars(sa.select(Attempt.sid).where(Attempt.sid.in_([one.sid for one in listed]))))
    return [one for one in listed if one.sid not in known]


def _settle(session: Session, message: Message, sought: Sought, unknown: list[Listed]) -> None:
    found = next((one for one in unknown if _is(one, sought)), None)
    another = any(one.created_at is None or one.created_at >= sought.around for one in unknown)
    if found and message.state != states.PLANNED:
        _adopt(session, message, found)
    elif another and message.state in frozen.OPEN:
        move(session, message, states.HELD, mover=states.RECONCILER, detail=frozen.ANOTHER_LEFT)
    elif another:
        rewrite(session, message, reason=frozen.ANOTHER_LEFT)
        _note(session, message, frozen.ANOTHER_LEFT)
    else:
        _note(session, message, NOT_THERE)


def _note(session: Session, message: Message, detail: str) -> None:
    """It was looked up, and stays where it is."""
    event = {"from_state": message.state, "to_state": message.state, "mover": states.RECONCILER}
    session.add(StatusEvent(message_id=message.id, detail=detail, at=clock.now(), **event))


def _is(one: Listed, sought: Sought) -> bool:
    return one.body.strip() == sought.tag.strip() if sought.whole else sought.tag in one.body


def _adopt(session: Session, message: Message, found: Listed) -> None:
    """It left from another copy of us: note that attempt as ours, and ask Twilio what became of it."""
    earlier = session.scalar(sa.select(sa.func.max(Attempt.number)).where(Attempt.message_id == message.id)) or 0
    now = clock.now()
    attempt = Attempt(
        message_id=message.id,
        number=earlier + 1,
        phone=message.phone,
        body=found.body,
        sender_number=current_gateway().sender,
        sid=found.sid,
        outcome="found",
        created_at=found.created_at or now,
        settled_at=now,
    )
    session.add(attempt)
    session.flush()
    move(
        session,
        message,
        states.ACCEPTED,
        mover=states.RECONCILER,
        attempt_id=attempt.id,
        look_at=now,
        tries=message.tries + 1,
    )
