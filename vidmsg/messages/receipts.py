"""What Twilio says became of a text: by callback, or asked for by SID. A receipt moves a message forward only, so that
early, doubled, reordered and replayed ones are harmless. It may not know how the receipt came in."""

from __future__ import annotations

import datetime as dt

import sqlalchemy as sa
from sqlalchemy.orm import Session

from vidmsg import clock, logs
from vidmsg.messages import states
from vidmsg.messages.models import Attempt, Message
from vidmsg.messages.move import move
from vidmsg.people import consent
from vidmsg.sms import codes

log = logs.get(__name__)

# Twilio's statuses (docs: outbound-message-status-in-status-callbacks) as ours. `canceled` can't be ours: we never
# cancel at Twilio, so somebody did it in the console, and it did not arrive.
STATUSES = {
    "accepted": states.ACCEPTED,
    "scheduled": states.ACCEPTED,
    "queued": states.ACCEPTED,
    "sending": states.ACCEPTED,
    "sent": states.SENT,
    "partially_delivered": states.SENT,
    "delivered": states.DELIVERED,
    "read": states.DELIVERED,
    "undelivered": states.UNDELIVERED,
    "failed": states.FAILED,
    "canceled": states.FAILED,
}
QUESTIONS = (dt.timedelta(minutes=10), dt.timedelta(hours=1), dt.timedelta(hours=12), dt.timedelta(hours=48))
TWILIO, OPTED_OUT_WORDS = "twilio", "Twilio refused the text: this number had opted out."
_RACES = 4  # as many receipts as can arrive at one moment; each loser looks again


def apply(session: Session, attempt: Attempt, *, sid: str, status: str, error_code: int | None) -> bool:
    """Move the attempt's message by this receipt; whether anything changed."""
    to = STATUSES.get(status)
    message = session.get_one(Message, attempt.message_id)
    if to is None or not _own(session, attempt, sid):
        log.info("receipt ignored", message=message.id, attempt=attempt.id, status=status[:20])
        return False
    if to in {states.UNDELIVERED, states.FAILED}:
        attempt.error_code = error_code
        if error_code == codes.OPTED_OUT:
            consent.revoke(
                session,
                organisation_id=message.organisation_id,
                phone=message.phone,
                words=OPTED_OUT_WORDS,
                source=TWILIO,
            )
        if attempt.number < _newest(session, message):
            return False  # a later attempt is under way, and it alone can say that the text did not arrive
    for _race in range(_RACES):
        if not states.allowed(message.state, to, states.RECEIPTS):
            return False
        if _forward(session, message, attempt, to, error_code):
            return True
    return False


def next_question(attempt: Attempt) -> dt.datetime | None:
    """When to ask Twilio about this text by itself, should no callback come; None after two days."""
    now = clock.now()
    return next((attempt.created_at + after for after in QUESTIONS if attempt.created_at + after > now), None)


def _forward(session: Session, message: Message, attempt: Attempt, to: str, error_code: int | None) -> bool:
    failed = to in {states.UNDELIVERED, states.FAILED}
    waiting = to in {states.ACCEPTED, states.SENT}
    return move(
        session,
        message,
        to,
        mover=states.RECEIPTS,
        attempt_id=attempt.id,
        error_code=error_code if failed else None,
        detail=_why(error_code) if failed else None,
        look_at=next_question(attempt) if waiting else None,
    )


def _why(error_code: int | None) -> str:
    return codes.meaning(error_code).sentence if error_code else "The network did not deliver it, and did not say why."


def _own(session: Session, attempt: Attempt, sid: str) -> bool:
    """Whether the SID belongs to this attempt; it is noted where the attempt has none yet."""
    if attempt.sid is None:
        taken = session.execute(sa.select(Attempt.id).where(Attempt.sid == sid)).first()
        if taken or not sid:
            return False
        attempt.sid = sid
        session.flush()
    elif attempt.sid != sid:
        log.error("a second text for one attempt", message=attempt.message_id, attempt=attempt.id)
    return attempt.sid == sid


def _newest(session: Session, message: Message) -> int:
    newest = sa.select(sa.func.max(Attempt.number)).where(Attempt.message_id == message.id)
    return session.scalar(newest) or 0
