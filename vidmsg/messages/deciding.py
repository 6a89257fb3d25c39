"""What a person decides about a message that has not left, or of which nobody knows: cancel, send after all, send
again, it arrived. Each may come too late; then nothing changes and the answer is False."""

from __future__ import annotations

from sqlalchemy.orm import Session

from vidmsg import clock
from vidmsg.messages import states, window
from vidmsg.messages.models import Message
from vidmsg.messages.move import move

CANCELABLE = frozenset({states.PLANNED, states.SCHEDULED, states.HELD, states.MISSED})
RELEASABLE = frozenset({states.HELD, states.MISSED})


def cancel(session: Session, message: Message) -> bool:
    """Take it back before a sender has it."""
    return message.state in CANCELABLE and move(session, message, states.CANCELED, mover=states.PERSON)


def release(session: Session, message: Message) -> bool:
    """Send a held message after all, to the number that the person has now; all is asked again on the way out."""
    return message.state in RELEASABLE and _schedule(session, message)


def send_again(session: Session, message: Message) -> bool:
    """It is unconfirmed and the person believes that it did not arrive."""
    return message.state == states.UNCONFIRMED and _schedule(session, message)


def it_arrived(session: Session, message: Message) -> bool:
    """It is unconfirmed and the person knows that it did arrive."""
    return message.state == states.UNCONFIRMED and move(session, message, states.DELIVERED, mover=states.PERSON)


def _schedule(session: Session, message: Message) -> bool:
    opening = window.next_open(clock.now(), message.person.time_zone)
    phone = message.person.phone or message.phone
    return move(session, message, states.SCHEDULED, mover=states.PERSON, due_at=opening, phone=phone)
