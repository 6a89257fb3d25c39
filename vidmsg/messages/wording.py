"""Moments, lengths and names as they stand on the pages of messages. It reads the reader's zone and the clock, but no
rows."""

from __future__ import annotations

import datetime as dt

from flask import Flask
from flask_babel import format_date

from vidmsg import clock
from vidmsg.web import moments

WEEK = dt.timedelta(days=6)


def init_app(app: Flask) -> None:
    """Add the filters `moment`, `shortly`, `as_length` and `initials`."""
    app.jinja_env.filters.update(moment=when, shortly=shortly, as_length=as_length, initials=initials)


def when(moment: dt.datetime) -> str:
    """A moment on the reader's clock: "9:14" today, "12 May, 9:14" on other days."""
    time = moments.wall_time(moment)
    return time if _is_today(moment) else f"{moments.day(moment)}, {time}"


def shortly(moment: dt.datetime) -> str:
    """The same for narrow places: "9:10", "Tue", "14 Jul"."""
    if _is_today(moment):
        return moments.wall_time(moment)
    local = clock.local(moment, moments.zone())
    return str(format_date(local.date(), "EEE" if clock.now() - moment < WEEK else "d MMM"))


def as_length(seconds: float) -> str:
    """How long a video is, as a player writes it: "0:31"."""
    whole = max(1, round(seconds))
    return f"{whole // 60}:{whole % 60:02d}"


def initials(name: str) -> str:
    """One or two letters for a face: the first of the first and of the last word."""
    parts = name.split()
    return "".join(part[0] for part in (parts[:1] + parts[1:][-1:])).upper()


def _is_today(moment: dt.datetime) -> bool:
    zone = moments.zone()
    return clock.local(moment, zone).date() == clock.local(clock.now(), zone).date()
