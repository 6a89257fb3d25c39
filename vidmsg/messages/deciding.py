"""What a person decides about a message that has not left, or of which nobody knows: cancel, send after all, send
again, it arrived. Each may come too late; then nothing changes and the answer is False."""

from __future__ import annotations

from typing import Any

from flask_babel import gettext as _
from sqlalchemy.orm import Session

from vidmsg import clock
from vidmsg.accounts.models import User
from vidmsg.errors import Sentence
from vidmsg.messages import approval, frozen, leaving, numbers, planned, speaking, states
from vidmsg.messages.models import Message
from vidmsg.messages.move import move

CANCELABLE = frozenset({states.PLANNED, states.SCHEDULED, states.HELD, states.MISSED})
RELEASABLE = frozenset({states.HELD, states.MISSED})


class NeedsYes(Sentence):
    """A rep may not let this go by herself."""


class SomebodyWasFaster(Sentence):
    """It is not as it was when she looked, so her yes was for something else."""


class NamesAnother(Sentence):
    """Its words say another name than that of whoever will speak."""


class ItsDayIsOver(Sentence):
    """Its words were for a day that is over, so they are looked at first, on its own page."""


def cancel(session: Session, message: Message) -> bool:
    """Take it back before a sender has it."""
    return message.state in CANCELABLE and move(session, message, states.CANCELED, mover=states.PERSON)


def release(session: Session, message: Message, by: User | None = None, seen_version: int | None = None) -> bool:
    """Send a held or missed message after all, to the number that the person has now; all is asked again on the way
    out. One that waited for its video waits on. A manager's word is her yes too, for what she saw. Raises ItsDayIsOver;
    NeedsYes where that is missing, CannotSend where its words speak of a video that never came, NotYet while sending is
    frozen, SomebodyWasFaster, NamesAnother."""
    frozen.refuse(session)
    if seen_version not in {None, message.version}:
        raise SomebodyWasFaster(_("Somebody changed this meanwhile. Look at it once more."))
    if leaving.is_late(message, clock.now()):
        name = message.person.first_name
        raise ItsDayIsOver(_("%(name)s's day is over. Look at the words once more, then send them.", name=name))
    sender = speaking.after(session, message, by)
    if speaking.names_another(message, sender):
        name = message.sender.first_name
        raise NamesAnother(_("The words still say %(name)s. Change them first, then let it go.", name=name))
    if planned.waits_on(session, message):
        back: dict[str, Any] = {"look_at": message.due_at, "sender_id": sender.id}
        back["phone"] = numbers.of_now(session, message)
        return move(session, message, states.PLANNED, mover=states.PERSON, **back)
    values: dict[str, Any] = {}
    if message.no_video and message.video_id is None:
        planned.refuse_alone(message.body)
    if approval.is_missing(message):
        if by is None or not by.is_manager:
            raise NeedsYes(_("A manager says yes to this one first."))
        values["approved_by"] = by.id
    return message.state in RELEASABLE and _schedule(session, message, **values)


def send_again(session: Session, message: Message) -> bool:
    """It is unconfirmed and the person believes that it did not arrive. Once its day is over it counts as missed, so
    that its words are looked at before they go."""
    frozen.refuse(session)
    if message.state == states.UNCONFIRMED and leaving.is_over(message, clock.now()):
        return move(session, message, states.MISSED, mover=states.PERSON, detail=leaving.missed(message))
    return message.state == states.UNCONFIRMED and _schedule(session, message)


def it_arrived(session: Session, message: Message) -> bool:
    """It is unconfirmed and the person knows that it did arrive."""
    return message.state == states.UNCONFIRMED and move(session, message, states.DELIVERED, mover=states.PERSON)


def _schedule(session: Session, message: Message, **values: Any) -> bool:
    opening = leaving.opening(message, clock.now())  # one whose moment is still to come keeps it
    values |= {"due_at": opening, "phone": numbers.of_now(session, message)}
    if message.send_on:  # somebody looked and lets it go today; late once more, it asks again
        values["send_on"] = max(message.send_on, clock.local(opening, message.person.time_zone).date())
    return move(session, message, states.SCHEDULED, mover=states.PERSON, **values)
