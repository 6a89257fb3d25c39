"""What happened to one message, as a rep reads it: the word on its chip, and the steps from written to answered. It
reads rows and makes sentences; the same story stands on the message's page, beside the practice phone and in lists."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import sqlalchemy as sa
from flask_babel import gettext as _
from flask_babel import ngettext
from sqlalchemy.orm import Session

from vidmsg import clock
from vidmsg.composing import both_clocks
from vidmsg.messages import (
    keywords,
    leaving,
    progress,
    replies,
    states,
    when,
    window,
)
from vidmsg.messages.compose import is_on_its_way, is_usable
from vidmsg.messages.models import LIBRARY_VIDEO, PLAIN_TEXT, Inbound, Message, StatusEvent
from vidmsg.messages.progress import Progress
from vidmsg.messages.when import Moment
from vidmsg.messages.wording import when as told_at
from vidmsg.web import moments

Chip = tuple[str, str, str]
TO_THE_END = 95


@dataclass(frozen=True)
class Step:
    """One entry. `done` is filled, otherwise it is still to come; `said` are somebody's own words."""

    title: str
    detail: str = ""
    done: bool = True
    said: str = ""
    at: dt.datetime | None = None


def chip(message: Message, seen: Progress) -> Chip:
    """Word, tint and ring of a message's state, for the chip macro."""
    if message.state in states.RANK:
        return _left(message, seen)
    if message.state == states.SCHEDULED and is_on_its_way(message.video):
        return _("Waits for the video"), "honey", "dashed"
    words: dict[str, Chip] = {
        states.PLANNED: (_("Planned"), "stone", "dashed"),
        states.SCHEDULED: (_("Scheduled"), "sage", "half"),
        states.CLAIMED: (_("Leaving"), "sage", "half"),
        states.SUBMITTING: (_("Leaving"), "sage", "half"),
        states.UNKNOWN: (_("Not sure yet"), "honey", "half"),
        states.UNCONFIRMED: (_("Look, then decide"), "honey", "open"),
        states.HELD: (_("Waits for you"), "honey", "open"),
        states.MISSED: (_("Missed"), "rose", "cross"),
        states.SUPPRESSED: (_("Not sent"), "stone", "cross"),
        states.CANCELED: (_("Canceled"), "stone", "cross"),
    }
    return words[message.state]


def _left(message: Message, seen: Progress) -> Chip:
    if seen["played_at"]:
        return _("Watched"), "sage", "full"
    if seen["opened_at"]:
        return _("Opened"), "sky", "dotted"
    if message.state in {states.FAILED, states.UNDELIVERED}:
        return _("Didn't arrive"), "rose", "cross"
    if message.video and not is_usable(message.video):
        return _("Can't be played"), "rose", "cross"
    return (_("Arrived") if message.state == states.DELIVERED else _("Sent")), "sky", "dotted"


def steps(session: Session, message: Message) -> list[Step]:
    """Everything that happened, oldest first, and at most one step that is still to come."""
    seen = progress.of(session, message)
    came_back = replies.to_message(session, message)
    later = _watched(message, seen) + [_reply(message, text) for text in came_back]
    later.sort(key=lambda step: step.at or clock.now())
    told = [*_sent(session, message), *later]
    return told + _to_come(message, seen)


def leaves(message: Message) -> str:
    """When a scheduled message goes, by the person's clock: the sentence for the rep."""
    now = clock.now()
    opening = leaving.opening(message, now)
    if opening <= now:
        waits = is_on_its_way(message.video)
        return str(_("It goes as soon as the video is ready.") if waits else _("It goes in a moment."))
    clocks = when.clocks(message.person, message.sender.organisation, moments.zone())
    if opening == window.next_open(now, clocks.theirs, clocks.hours):
        said = both_clocks.present(Moment(now, opening), clocks)
    else:
        said = both_clocks.say_at(opening, clocks)
    return said.whole


def _sent(session: Session, message: Message) -> list[Step]:
    events = session.execute(
        sa.select(StatusEvent).where(StatusEvent.message_id == message.id).order_by(StatusEvent.id)
    ).scalars()
    first: dict[str, StatusEvent] = {}
    for event in events:
        first.setdefault(event.to_state, event)
    told = []
    left = next((first[state] for state in (states.ACCEPTED, states.SENT, states.DELIVERED) if state in first), None)
    if left:
        told.append(Step(_("Sent"), _sent_detail(message, left.at), at=left.at))
    if message.state == states.DELIVERED:
        arrived = first[states.DELIVERED]
        by_hand = arrived.mover == states.PERSON
        detail = _("Somebody here said so, %(at)s", at=told_at(arrived.at)) if by_hand else told_at(arrived.at)
        told.append(Step(_("Arrived"), detail, at=arrived.at))
    return told + _stopped(message)


def _sent_detail(message: Message, at: dt.datetime) -> str:
    count = message.attempts[-1].segments if message.attempts else 1
    texts = _("one text") if count <= 1 else ngettext("%(num)s text", "%(num)s texts in one", count)
    return f"{told_at(at)}, {texts}"


def _stopped(message: Message) -> list[Step]:
    """The step that ends or halts the story, where there is one."""
    reason, at = message.reason or "", message.changed_at
    match message.state:
        case states.FAILED | states.UNDELIVERED:
            return [Step(_("Didn't arrive"), reason, at=at)]
        case states.SUPPRESSED:
            return [Step(_("Not sent"), reason, at=at)]
        case states.HELD:
            return [Step(_("It waits for you"), reason, at=at)]
        case states.CANCELED:
            return [Step(_("Canceled"), told_at(at), at=at)]
        case states.MISSED:
            return [Step(_("Missed"), reason, at=at)]
        case states.UNCONFIRMED:
            return [Step(_("We are not sure this one arrived"), reason or _("Look, then decide."), at=at)]
        case _:
            return []


def _watched(message: Message, seen: Progress) -> list[Step]:
    told = []
    if seen["opened_at"]:
        told.append(Step(_("Opened"), told_at(seen["opened_at"]), at=seen["opened_at"]))
    if seen["played_at"]:
        how_far = _("to the end") if seen["percent"] >= TO_THE_END else _("%(n)s %% so far", n=seen["percent"])
        times = ", " + ngettext("%(num)s time", "%(num)s times", seen["plays"]) if seen["plays"] > 1 else ""
        far = f", {how_far}" if seen["percent"] else ""
        told.append(Step(_("Watched"), told_at(seen["played_at"]) + far + times, at=seen["played_at"]))
        if seen["felt"]:
            told.append(Step(*_felt(message, seen["felt"]), at=seen["played_at"]))
    return told


def _felt(message: Message, felt: str) -> tuple[str, str]:
    name = message.person.first_name
    faces = {
        "loved": (_("Loved"), _("%(name)s tapped “Loved it”.", name=name)),
        "smiled": (_("It made %(name)s smile", name=name), _("%(name)s tapped “Smiled”.", name=name)),
        "touched": (_("It touched %(name)s", name=name), _("%(name)s tapped “Touched”.", name=name)),
        "unsure": (_("Not for %(name)s", name=name), _("%(name)s tapped “Not for me”.", name=name)),
    }
    return faces[felt]


def _reply(message: Message, text: Inbound) -> Step:
    name = message.person.first_name
    match text.kind:
        case keywords.STOP:
            detail = _("%(at)s. The texts are off.", at=told_at(text.at))
            return Step(_("%(name)s asked us to stop", name=name), detail, at=text.at)
        case keywords.START:
            return Step(_("%(name)s wants texts again", name=name), told_at(text.at), at=text.at)
        case keywords.HELP:
            return Step(_("%(name)s asked for help", name=name), told_at(text.at), at=text.at)
        case _:
            return Step(_("%(name)s wrote back", name=name), told_at(text.at), said=text.body, at=text.at)


def _to_come(message: Message, seen: Progress) -> list[Step]:
    """The one thing that is waited for."""
    match message.state:
        case states.PLANNED:
            return [Step(_("Waits for its video"), f"{leaves(message)} {_otherwise(message)}", done=False)]
        case states.SCHEDULED:
            why = f"{message.reason} " if message.reason else ""  # the day's number is used up
            return [Step(_("Not gone yet"), why + leaves(message), done=False)]
        case states.CLAIMED | states.SUBMITTING:
            return [Step(_("Sent"), _("It is leaving just now."), done=False)]
        case states.UNKNOWN:
            detail = _("The line broke while it left. We are looking for it, for up to a quarter of an hour.")
            return [Step(_("Sent"), detail, done=False)]
        case states.ACCEPTED | states.SENT | states.DELIVERED if message.video and not is_usable(message.video):
            name = message.person.first_name
            detail = _("%(name)s reads that it went wrong, and whom to call. Record another.", name=name)
            return [Step(_("The video can't be played"), detail)]
        case states.ACCEPTED | states.SENT if not seen["opened_at"]:
            return [Step(_("Arrived"), _("Not heard yet."), done=False)]
        case states.ACCEPTED | states.SENT | states.DELIVERED:
            return _rest(message, seen)
        case _:
            return []


def _otherwise(message: Message) -> str:
    """What happens to a planned one when no video comes."""
    if message.no_video == PLAIN_TEXT:
        return str(_("If none comes, the text goes alone."))
    if message.no_video == LIBRARY_VIDEO:
        return str(_("If none comes, a video of the library goes with it."))
    return str(_("If none comes, you are asked."))


def _rest(message: Message, seen: Progress) -> list[Step]:
    if message.video_id is None or seen["felt"]:
        return []
    if not seen["opened_at"]:
        return [Step(_("Opened"), _("Not yet."), done=False)]
    if not seen["played_at"]:
        return [Step(_("Watched"), _("Not yet."), done=False)]
    return [Step(_("Loved"), _("Not yet. There are faces to tap under the video."), done=False)]
