"""Moments as people say them, for templates: "20 minutes ago", "12 May". In the reader's zone where she is known."""

from __future__ import annotations

import datetime as dt

from flask import Flask
from flask_babel import format_date, format_timedelta
from flask_babel import gettext as _
from flask_login import current_user

from vidmsg import clock


def init_app(app: Flask) -> None:
    """Add the filters `ago`, `day` and `time`."""
    app.jinja_env.filters.update(ago=ago, day=day, time=wall_time)


def zone() -> str:
    """The reader's zone: her own, else her organisation's, else UTC."""
    if current_user and current_user.is_authenticated:
        return str(current_user.zone)
    return "UTC"


def ago(moment: dt.datetime) -> str:
    """How long ago, in one unit: "20 minutes ago"; "just now" below a minute."""
    passed = clock.now() - moment
    if passed < dt.timedelta(minutes=1):
        return str(_("just now"))
    return str(format_timedelta(-passed, add_direction=True, threshold=1.2))


def day(moment: dt.datetime) -> str:
    """The day: "12 May", with the year when it is not this one."""
    local = clock.local(moment, zone())
    same_year = local.year == clock.local(clock.now(), zone()).year
    return str(format_date(local.date(), "d MMMM" if same_year else "d MMMM y"))


def wall_time(moment: dt.datetime) -> str:
    """The time on the reader's wall clock: "9:10"."""
    local = clock.local(moment, zone())
    return f"{local.hour}:{local.minute:02d}"
