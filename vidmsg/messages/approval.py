"""A manager's yes before a rep's message leaves, where the organisation wants that. It is asked when a message is
written, when its video comes, and once more in the moment of sending."""

from __future__ import annotations

from sqlalchemy.orm import Session

from vidmsg import clock
from vidmsg.accounts.models import User
from vidmsg.messages import leaving, states
from vidmsg.messages.models import GREETING, Message
from vidmsg.messages.move import move

WAITS = "It waits for a manager's yes."


def is_wanted(sender: User, purpose: str) -> bool:
    """Whether what this user sends needs a yes. A manager's own does not, nor what the application itself writes."""
    home = sender.organisation
    return bool(home and home.approval and purpose == GREETING and not sender.is_manager)


def is_missing(message: Message) -> bool:
    """Whether it may not leave yet, because nobody has said yes."""
    return message.approved_by is None and is_wanted(message.sender, message.purpose)


def approve(session: Session, message: Message, manager: User) -> bool:
    """A manager lets a held message go, as it is now. False when it is held no more."""
    if message.state != states.HELD or not manager.is_manager:
        return False
    due_at = leaving.opening(message, clock.now())
    return move(session, message, states.SCHEDULED, mover=states.PERSON, approved_by=manager.id, due_at=due_at)
