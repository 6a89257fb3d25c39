"""Who speaks in a text: whoever records the video that it waits for. When a day goes to a colleague, its text is from
her, unless the words name somebody else: then it is held, and whoever decides about it settles who speaks. Each verb
writes in the caller's transaction."""

from __future__ import annotations

import re

import sqlalchemy as sa
from sqlalchemy.orm import Session

from vidmsg.accounts.models import User
from vidmsg.messages import states
from vidmsg.messages.models import GREETING, Message
from vidmsg.messages.move import move, rewrite
from vidmsg.milestones.models import Occurrence

WAITING = (states.PLANNED, states.HELD)
_SAYS = "The words say "


def names(message: Message, user: User) -> bool:
    """Whether the words of this one name her, as a whole word: Ann is not in “anniversary”."""
    name = re.escape(user.first_name.casefold())
    return re.search(rf"(?<!\w){name}(?!\w)", f"{message.body} {message.words}".casefold()) is not None


def hand_over(session: Session, occurrence_id: int, to: User) -> None:
    """`to` will record for this occasion, so what waits for its video is from her; words that name the one before are
    held, because only a person can change them. What has its video stays with whom it shows."""
    waiting = (Message.occurrence_id == occurrence_id, Message.state.in_(WAITING), Message.no_video.is_not(None))
    others = sa.select(Message).where(*waiting, Message.video_id.is_(None), Message.sender_id != to.id)
    locked = others.where(Message.purpose == GREETING).with_for_update()
    # locked and read anew, so that nobody comes between the look at the words and the change
    for message in session.scalars(locked.execution_options(populate_existing=True)).all():
        former = message.sender
        if not names(message, former):
            rewrite(session, message, sender_id=to.id)
        elif message.state == states.HELD:
            rewrite(session, message, reason=_why(former))
        else:
            move(session, message, states.HELD, mover=states.PERSON, detail=_why(former))


def after(session: Session, message: Message, by: User | None) -> User:
    """Who speaks once `by` has decided about it: the one who did; where she left, or her words were held because the
    day is a colleague's now, whoever has the day, else `by`."""
    former = message.sender
    if former.active and not (message.state == states.HELD and message.reason == _why(former)):
        return former
    day = session.get(Occurrence, message.occurrence_id) if message.occurrence_id else None
    heir = day.assignee if day else None
    return heir if heir and heir.active else by or former


def names_another(message: Message, sender: User) -> bool:
    """Whether it was held for the name of the one before, nobody changed its words since, and `sender` would speak."""
    former = message.sender
    held = message.state == states.HELD and message.reason == _why(former)
    return held and sender.id != former.id and names(message, former)


def is_held_for_a_name(message: type[Message] = Message) -> sa.ColumnElement[bool]:
    """The same for queries: it is held because its day is a colleague's now, and its words named the one before."""
    return sa.and_(message.state == states.HELD, sa.func.coalesce(message.reason, "").startswith(_SAYS))


def _why(former: User) -> str:
    return f"{_SAYS}{former.first_name}. Change them, then let it go."
