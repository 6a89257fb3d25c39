"""Who speaks in a text that waits for its video: whoever will record it, unless the words name somebody else. It knows
no days; each verb writes in the caller's transaction."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.orm import Session

from vidmsg.accounts.models import User
from vidmsg.messages import states
from vidmsg.messages.models import GREETING, Message
from vidmsg.messages.move import move, rewrite


def names(message: Message, user: User) -> bool:
    """Whether the words of this one name her."""
    return user.first_name.casefold() in f"{message.body} {message.words}".casefold()


def hand_over(session: Session, occurrence_id: int, to: User) -> None:
    """`to` will record for this occasion, so what is planned for it is from her; words that name the one before are
    held, because only a person can change them. What has its video stays with whom it shows."""
    waiting = (Message.occurrence_id == occurrence_id, Message.state == states.PLANNED, Message.video_id.is_(None))
    others = sa.select(Message).where(*waiting, Message.purpose == GREETING, Message.sender_id != to.id)
    # locked and read anew, so that nobody comes between the look at the words and the change
    for message in session.scalars(others.with_for_update().execution_options(populate_existing=True)).all():
        if names(message, message.sender):
            reason = f"The words say {message.sender.first_name}. Change them, then let it go."
            move(session, message, states.HELD, mover=states.PERSON, detail=reason)
        else:
            rewrite(session, message, sender_id=to.id)
