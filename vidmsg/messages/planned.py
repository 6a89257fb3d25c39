"""A message that was planned before its video: the video comes, or the moment does. When it is due without one, the
plan says what happens: the plain text, a video of the library, or a rep is asked."""

from __future__ import annotations

import re
from typing import Any

import sqlalchemy as sa
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from vidmsg import clock
from vidmsg.messages import approval, compose, frozen, leaving, links, obstacles, states
from vidmsg.messages.models import ASK_THE_REP, LIBRARY_VIDEO, PLAIN_TEXT, Link, Message, StatusEvent
from vidmsg.messages.move import move, rewrite
from vidmsg.videos import choosing
from vidmsg.videos.models import Video

TAKES_A_VIDEO = frozenset({states.PLANNED, states.HELD, states.MISSED, states.SCHEDULED})
WITHOUT = (ASK_THE_REP, PLAIN_TEXT, LIBRARY_VIDEO)  # what may happen when none comes
NO_VIDEO = "There is no video yet. Record one, choose one, or send the text alone."
SPEAKS_OF_A_VIDEO = "The text speaks of a video, and there is none. Record one, or change the words."
_VIDEO_WORDS = re.compile(r"\bvideos?\b|\bwatch\b|\brecorded\b|:\s*$", re.IGNORECASE)


def attach(session: Session, message: Message, video: Video, *, mover: str = states.PERSON) -> bool:
    """Give it this video, kept from now on. A planned one is scheduled, or held for a manager's yes; one that waited
    for its video goes; one with a yes to another video waits for it again; any other stays in its state. False when it
    is too late. Raises CannotSend."""
    if message.state not in TAKES_A_VIDEO:
        return False
    session.refresh(video, with_for_update=True)  # nobody lets it go between the question and the link
    compose.refuse_video(video, message.person)
    if not _move(session, message, video.id, mover):
        return False
    choosing.keep(session, video.id)
    link = links.current(session, message.id)
    if link is None:
        session.add(Link(message_id=message.id, video_id=video.id, created_at=clock.now()))
    else:
        link.video_id = video.id
    session.flush()
    session.expire(message, ["video", "link"])
    return True


def take_chosen(session: Session, video: Video, occurrence_id: int) -> None:
    """A rep kept a take for an occasion: its message, where one waits, goes with that take."""
    waiting = (Message.occurrence_id == occurrence_id, Message.state.in_(TAKES_A_VIDEO))
    message = session.scalars(sa.select(Message).where(*waiting, Message.person_id == video.person_id)).one_or_none()
    if message is None:
        return
    try:
        attach(session, message, video)
    except compose.CannotSend:
        return  # it is kept all the same, and its page says what is the matter


def fall_due(session: Session, message: Message) -> None:
    """It is due and has no video: do what the plan says."""
    if message.state != states.PLANNED:
        return
    unwanted = obstacles.no_consent(session, message)
    if unwanted:  # nobody shall record for somebody who said stop
        move(session, message, states.SUPPRESSED, mover=states.SENDER, detail=unwanted)
    elif leaving.moment(message, clock.now()) is None:
        move(session, message, states.MISSED, mover=states.SENDER, detail=leaving.missed(message))
    elif message.no_video == LIBRARY_VIDEO and _fallback(session, message):
        return
    elif message.no_video != PLAIN_TEXT:
        move(session, message, states.HELD, mover=states.SENDER, detail=NO_VIDEO)
    elif speaks_of_a_video(message.body):
        move(session, message, states.HELD, mover=states.SENDER, detail=SPEAKS_OF_A_VIDEO)
    else:
        _let_go(session, message, states.SENDER, approval.is_missing(message))


def day_is_over(session: Session, message: Message) -> None:
    """Nobody has said anything about one that is held, and its day went by: it is missed, and its page offers words for
    that."""
    now = clock.now()
    if leaving.is_late(message, now):
        doubt = frozen.ANOTHER_LEFT if message.reason == frozen.ANOTHER_LEFT else None
        move(session, message, states.MISSED, mover=states.SENDER, detail=doubt or leaving.missed(message))
        return
    ends = leaving.day_ends(message)  # its day was moved, or nothing of ours waits here
    message.look_at = ends if ends and ends > now else None


def waits_on(session: Session, message: Message) -> bool:
    """Whether one that is held waited for its video when it was, so that it waits on once somebody lets it go."""
    if message.state != states.HELD or message.no_video is None or message.video_id is not None:
        return False
    held = sa.select(StatusEvent.from_state, StatusEvent.detail).where(
        StatusEvent.message_id == message.id,
        StatusEvent.to_state == states.HELD,
        StatusEvent.from_state.is_distinct_from(states.HELD),  # only looked up meanwhile
    )
    last = session.execute(held.order_by(StatusEvent.id.desc()).limit(1)).first()
    asked = {NO_VIDEO, SPEAKS_OF_A_VIDEO, approval.WAITS}  # it had come to its moment
    return last is not None and last.from_state == states.PLANNED and last.detail not in asked


def speaks_of_a_video(body: str) -> bool:
    """Whether this text makes no sense without the link to a video behind it."""
    return _VIDEO_WORDS.search(body) is not None


def refuse_alone(body: str) -> None:
    """Raise CannotSend for words that must not go without a video."""
    if speaks_of_a_video(body):
        sentence = _("The text speaks of a video, and it may go alone. Change the words.")
        raise compose.CannotSend("no_video", sentence)


def _fallback(session: Session, message: Message) -> bool:
    video = session.get(Video, message.fallback_video_id) if message.fallback_video_id else None
    try:
        return video is not None and attach(session, message, video, mover=states.SENDER)
    except compose.CannotSend:
        return False


def _move(session: Session, message: Message, video_id: str, mover: str) -> bool:
    """Write the video down, and move on what only waited for it. A yes was for what the manager saw then."""
    another = mover == states.PERSON and message.video_id != video_id
    values: dict[str, Any] = {"video_id": video_id, "approved_by": None if another else message.approved_by}
    unapproved = values["approved_by"] is None and approval.is_wanted(message.sender, message.purpose)
    if message.state == states.SCHEDULED and another and unapproved:
        return move(session, message, states.HELD, mover=mover, detail=approval.WAITS, **values)
    if message.state != states.PLANNED and not _waits_for_video(message):
        return rewrite(session, message, **values)
    return _let_go(session, message, mover, unapproved, **values)


def _let_go(session: Session, message: Message, mover: str, unapproved: bool, **values: Any) -> bool:
    if unapproved and message.state == states.HELD:
        return rewrite(session, message, reason=approval.WAITS, **values)
    if unapproved:
        return move(session, message, states.HELD, mover=mover, detail=approval.WAITS, **values)
    due_at = leaving.opening(message, clock.now())
    return move(session, message, states.SCHEDULED, mover=mover, due_at=due_at, **values)


def _waits_for_video(message: Message) -> bool:
    return message.state == states.HELD and message.reason in {NO_VIDEO, SPEAKS_OF_A_VIDEO}
