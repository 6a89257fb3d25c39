"""When a due message may leave: now, later, or not any more. Pure: it reads no clock and no table."""

from __future__ import annotations

import datetime as dt
import zoneinfo

from vidmsg.messages import window
from vidmsg.messages.window import Hours

LATEST = dt.timedelta(hours=24)
"""How late a message may leave that is for no day in particular: later than that nobody was at work, so a person is
asked."""
ROOM = dt.timedelta(minutes=1)  # a text that leaves with less before closing time may arrive after it


def leaves_at(
    now: dt.datetime, *, due_at: dt.datetime | None, send_on: dt.date | None, zone: str, hours: Hours
) -> dt.datetime | None:
    """The moment at which it may leave: `now` itself or the next opening; None when that is past its day `send_on`
    where the clock shows `zone`, or without a day too late after `due_at`."""
    if send_on is None:
        late = due_at is not None and now - due_at > LATEST
        return None if late else _opening(now, zone, hours)
    there = zoneinfo.ZoneInfo(zone)
    begins = dt.datetime.combine(send_on, dt.time(), there).astimezone(dt.UTC)
    opening = _opening(max(now, begins), zone, hours)
    return opening if opening.astimezone(there).date() <= send_on else None


def _opening(moment: dt.datetime, zone: str, hours: Hours) -> dt.datetime:
    opening = window.next_open(moment, zone, hours)
    closing = window.closes_at(opening, zone, hours)
    return opening if closing - opening > ROOM else window.next_open(closing, zone, hours)
