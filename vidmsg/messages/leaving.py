"""When a message of ours may leave, by its day, the person's clock and the organisation's hours; and what is said when
its day is over."""

from __future__ import annotations

import datetime as dt

from vidmsg.messages import hours, timing, window
from vidmsg.messages.models import Message


def moment(message: Message, now: dt.datetime) -> dt.datetime | None:
    """The moment at which it may leave if it is taken up `now`; None when that is too late for its day."""
    return timing.leaves_at(
        now,
        due_at=message.due_at,
        send_on=message.send_on,
        zone=message.person.time_zone,
        hours=hours.of(message.sender.organisation, message.person),
    )


def opening(message: Message, now: dt.datetime) -> dt.datetime:
    """Its own moment, or where that is over, `now`; inside the hours and, while that can be, on its day."""
    due_at = max(message.due_at or now, now)
    home = hours.of(message.sender.organisation, message.person)
    return moment(message, due_at) or window.next_open(due_at, message.person.time_zone, home)


def missed(message: Message) -> str:
    """Why it did not go, kindly, with what to do."""
    if message.send_on is None:
        return "It could not leave for a whole day, so it waits for you. Send it after all, or let it be."
    day = f"{message.send_on.day} {message.send_on:%B}"
    name = message.person.first_name
    return f"{name}'s day was {day}. Nothing goes late by itself: add a kind word and send it, or let it be."
