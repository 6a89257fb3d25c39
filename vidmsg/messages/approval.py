"""A manager's yes before a rep's message leaves, where the organisation wants that. It is asked when a message is
written, when its video comes, and once more in the moment of sending."""

from __future__ import annotations

from vidmsg.accounts.models import User
from vidmsg.messages.models import GREETING, Message

WAITS = "It waits for a manager's yes."


def is_wanted(sender: User, purpose: str) -> bool:
    """Whether what this user sends needs a yes. A manager's own does not, nor what the application itself writes."""
    home = sender.organisation
    return bool(home and home.approval and purpose == GREETING and not sender.is_manager)


def is_missing(message: Message) -> bool:
    """Whether it may not leave yet, because nobody has said yes."""
    return message.approved_by is None and is_wanted(message.sender, message.purpose)
