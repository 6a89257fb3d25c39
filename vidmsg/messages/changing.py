"""Changing a message until a sender has it: its words, its moment. Each change holds only while state and version are
as the person saw them; who comes too late hears that, and nothing is changed."""

from __future__ import annotations

import datetime as dt
from typing import Any

from flask_babel import gettext as _
from sqlalchemy.orm import Session

from vidmsg import clock
from vidmsg.accounts import audit
from vidmsg.accounts.models import User
from vidmsg.errors import Sentence
from vidmsg.messages import (
    approval,
    compose,
    frozen,
    hours,
    leaving,
    numbers,
    planned,
    speaking,
    states,
    timing,
    when,
    wording,
)
from vidmsg.messages.models import LIBRARY_VIDEO, PLAIN_TEXT, Message
from vidmsg.messages.move import move, rewrite
from vidmsg.messages.when import WrongMoment
from vidmsg.videos.models import Video

CHANGEABLE = frozenset({states.PLANNED, states.SCHEDULED, states.HELD, states.MISSED})


class TooLate(Sentence):
    """Somebody was faster: the sender, or another person."""


def change(
    session: Session, message: Message, *, by: User, body: str, words: str, seen_version: int | None = None
) -> None:
    """Other words. A manager's yes was for the old ones, so a rep's change asks for it again. Where the one who wrote
    it left, or her day is a colleague's now, it is from whoever has the day, or else from `by`.

    Raises TooLate, or CannotSend as for a new message."""
    _check(message, seen_version)
    body, words = compose.cleaned(body), compose.cleaned(words)
    person, video, sender = message.person, message.video, speaking.after(session, message, by)
    compose.refuse(session, sender=sender, person=person, video=video, body=body, words=words)
    values: dict[str, Any] = {"body": body, "words": words, "approved_by": by.id if by.is_manager else None}
    values["sender_id"] = sender.id
    unapproved = not by.is_manager and approval.is_wanted(sender, message.purpose)
    if unapproved and message.state == states.SCHEDULED:
        done = move(session, message, states.HELD, mover=states.PERSON, detail=approval.WAITS, **values)
    else:
        done = rewrite(session, message, **values)
    _finish(session, message, by, "message.change", done)


def reschedule(
    session: Session,
    message: Message,
    *,
    by: User,
    due_at: dt.datetime,
    send_on: dt.date | None = None,
    seen_version: int | None = None,
) -> None:
    """Another moment, and with it another day or none. A missed one is scheduled again, and a held one whose day is
    over; any other that is held stays held.

    Raises TooLate, WrongMoment, or CannotSend where its words speak of a video that never came."""
    _check(message, seen_version)
    over = message.state == states.MISSED or leaving.is_late(message, clock.now())
    if over:
        frozen.refuse(session)
    if over and message.no_video and message.video_id is None:
        planned.refuse_alone(message.body)
    values: dict[str, Any] = {"due_at": _fitting(message, due_at, send_on), "send_on": send_on, "wanted_at": due_at}
    if over:
        values["phone"] = numbers.of_now(session, message)
        done = move(session, message, states.SCHEDULED, mover=states.PERSON, **values)
        if done and approval.is_missing(message):
            done = move(session, message, states.HELD, mover=states.PERSON, detail=approval.WAITS)
    elif message.state == states.PLANNED:
        done = rewrite(session, message, look_at=values["due_at"], **values)
    else:
        done = rewrite(session, message, **values)
    _finish(session, message, by, "message.reschedule", done)


def otherwise(
    session: Session,
    message: Message,
    *,
    by: User,
    no_video: str,
    fallback: Video | None = None,
    seen_version: int | None = None,
) -> None:
    """Something else happens when no video comes for one that waits for it.

    Raises TooLate, or CannotSend as for a new message."""
    _check(message, seen_version)
    if message.state != states.PLANNED or no_video not in planned.WITHOUT:
        raise TooLate(too_late(message, _("to change")))
    if no_video == PLAIN_TEXT:
        planned.refuse_alone(message.body)
    if no_video == LIBRARY_VIDEO:
        compose.refuse_fallback(fallback, message.person)
    chosen = fallback.id if fallback and no_video == LIBRARY_VIDEO else None
    done = rewrite(session, message, no_video=no_video, fallback_video_id=chosen)
    _finish(session, message, by, "message.otherwise", done)


def too_late(message: Message, wish: str = "") -> str:
    """Why `wish` ("to cancel") comes too late for this message, as a sentence."""
    late = _("Too late %(wish)s", wish=wish) if wish else _("Too late")
    if message.state == states.CANCELED:
        return str(_("%(late)s: somebody here took it back already.", late=late))
    if message.state in CHANGEABLE:
        return str(_("Somebody changed this meanwhile. Look at it once more."))
    if message.state == states.CLAIMED or not message.attempts:
        return str(_("%(late)s: it is leaving just now.", late=late))
    return str(_("%(late)s: it left at %(at)s.", late=late, at=wording.when(message.attempts[-1].created_at)))


def _check(message: Message, seen_version: int | None) -> None:
    if message.state not in CHANGEABLE or seen_version not in {None, message.version}:
        raise TooLate(too_late(message, _("to change")))


def _finish(session: Session, message: Message, by: User, action: str, done: bool) -> None:
    if not done:
        raise TooLate(too_late(message, _("to change")))
    audit.record(session, by.id, message.organisation_id, action, f"message:{message.id}")


def _fitting(message: Message, due_at: dt.datetime, send_on: dt.date | None) -> dt.datetime:
    """The moment itself, or the next one inside the hours. Raises WrongMoment."""
    if due_at < clock.now() - when.GRACE:
        raise WrongMoment(_("That moment is over. Choose a later one."))
    zone, home = message.person.time_zone, hours.of(message.sender.organisation)
    opening = timing.leaves_at(due_at, due_at=due_at, send_on=send_on, zone=zone, hours=home)
    if opening is None:
        raise WrongMoment(_("That is too late for that day. Choose an earlier moment, or a later day."))
    return opening
