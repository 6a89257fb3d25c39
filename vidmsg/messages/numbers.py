"""To which number a text goes once somebody lets it go: the one that the person has then. If that never had a text from
here, the words have to say who writes and how to stop, as any first ones do."""

from __future__ import annotations

from sqlalchemy.orm import Session

from vidmsg.messages import compose
from vidmsg.messages.models import GREETING, Message


def of_now(session: Session, message: Message) -> str:
    """The number to send to. Raises CannotSend where a new one needs other words."""
    person = message.person
    if not person.phone or person.phone == message.phone:
        return message.phone
    if message.purpose == GREETING:
        compose.refuse_first(session, message.sender, person, message.body)
    return person.phone
