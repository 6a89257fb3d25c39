"""When a message of ours may leave, by its day, the person's clock and the organisation's hours; and what is said when
its day is over."""

from __future__ import annotations

import datetime as dt
import zoneinfo

from vidmsg.messages import hours, states, timing, window
from vidmsg.messages.models import GREETING, Message


def moment(message: Message, now: dt.datetime) -> dt.datetime | None:
    """The moment at which it may leave if it is taken up `now`; None when that is too late for its day."""
    return timing.leaves_at(
        now,
        due_at=message.due_at,
        send_on=message.send_on,
        zone=message.person.time_zone,
        hours=hours.everywhere(message.sender.organisation, message.person),
    )


def opening(message: Message, now: dt.datetime) -> dt.datetime:
    """Its own moment, or where that is over, `now`; inside the hours and, while that can be, on its day."""
    due_at = max(message.due_at or now, now)
    home = hours.everywhere(message.sender.organisation, message.person)
    return moment(message, due_at) or window.next_open(due_at, message.person.time_zone, home)


def is_late(message: Message, now: dt.datetime) -> bool:
    """Whether it waits for somebody's word and its day is over, so that its words are looked at before it goes."""
    return message.state in {states.HELD, states.MISSED} and is_over(message, now)


def is_over(message: Message, now: dt.datetime) -> bool:
    """Whether the day that a greeting is for is over, or its last good hour."""
    return message.purpose == GREETING and message.send_on is not None and moment(message, now) is None


def day_ends(message: Message) -> dt.datetime | None:
    """When its day is over where its person is; None for one that is for no day in particular."""
    if message.send_on is None:
        return None
    midnight = dt.datetime.combine(message.send_on + dt.timedelta(days=1), dt.time())
    return midnight.replace(tzinfo=zoneinfo.ZoneInfo(message.person.time_zone)).astimezone(dt.UTC)


def missed(message: Message) -> str:
    """Why it did not go, kindly, with what to do."""
    if message.send_on is None:
        return "It could not leave for a whole day, so it waits for you. Send it after all, or let it be."
    day = f"{message.send_on.day} {message.send_on:%B}"
    name = message.person.first_name
    return f"{name}'s day was {day}. Nothing goes late by itself: add a kind word and send it, or let it be."
