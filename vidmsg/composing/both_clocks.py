"""One moment on two clocks, in words: the person's first, then the reader's; and why it goes at another time than was
chosen. Only words; it reads no rows."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from flask_babel import format_date
from flask_babel import gettext as _

from vidmsg import clock
from vidmsg.messages.when import Clocks, Moment

GAP = "gap"
A_WEEK = dt.timedelta(days=6)


@dataclass(frozen=True)
class Said:
    """`theirs`: a sentence or its beginning, by the person's clock; `yours`: the same moment by the reader's; `notes`:
    what was put right on the way; `short`: for a button, "Thursday"; `stamp`: for a handset, "Thursday 9:10"."""

    theirs: str
    yours: str
    notes: tuple[str, ...]
    short: str
    stamp: str

    @property
    def whole(self) -> str:
        """In one sentence."""
        ended = self.theirs.endswith(".")
        return " ".join((f"{self.theirs} ({self.yours}){'' if ended else '.'}", *self.notes))


def say(moment: Moment, clocks: Clocks) -> Said:
    """A chosen moment."""
    return _said(moment.goes_at, clocks, tuple(_notes(moment, clocks)))


def say_at(goes_at: dt.datetime, clocks: Clocks) -> Said:
    """A moment at which something goes."""
    return _said(goes_at, clocks, ())


def present(moment: Moment, clocks: Clocks) -> Said:
    """Now, or when the quiet hours end: "It is 22:40 for Tom. This will go at 9:00, Tom's morning." """
    there, now = clock.local(moment.goes_at, clocks.theirs), clock.now()
    short = _time(there)
    if moment.goes_at > now:
        waits = put_off(clocks.name, clocks.theirs, moment.goes_at)
        return Said(waits, yours(moment.goes_at, clocks), (), short, short)
    said = _("Now. It is %(time)s for %(name)s", time=short, name=clocks.name)
    return Said(said, yours(moment.goes_at, clocks), (), _("now"), short)


def put_off(name: str, zone: str, opening: dt.datetime) -> str:
    """Why it does not go now, while it is quiet where the clock shows `zone`."""
    there, then = clock.local(clock.now(), zone), clock.local(opening, zone)
    values = {"name": name, "now": _time(there), "then": _time(then)}
    if then.date() - there.date() > dt.timedelta(days=1):
        return str(_("It goes on %(day)s at %(then)s, %(name)s's time.", day=format_date(then, "d MMMM"), **values))
    if then.hour < 12:
        return str(_("It is %(now)s for %(name)s. This will go at %(then)s, %(name)s's morning.", **values))
    return str(_("It is %(now)s for %(name)s. This will go at %(then)s, %(name)s's noon.", **values))


def yours(moment: dt.datetime, clocks: Clocks) -> str:
    """The moment by the reader's clock, with its day where that is another one: "7:10 yours"."""
    there, here = clock.local(moment, clocks.theirs), clock.local(moment, clocks.mine)
    if here.replace(tzinfo=None) == there.replace(tzinfo=None):
        return str(_("%(time)s yours too", time=_time(here)))
    if here.date() == there.date():
        return str(_("%(time)s yours", time=_time(here)))
    return str(_("%(day)s %(time)s yours", day=format_date(here.date(), "EEEE"), time=_time(here)))


def _said(goes_at: dt.datetime, clocks: Clocks, notes: tuple[str, ...]) -> Said:
    there = clock.local(goes_at, clocks.theirs)
    today = clock.local(clock.now(), clocks.theirs).date()
    near = there.date() - today <= A_WEEK
    weekday, date = str(format_date(there.date(), "EEEE")), str(format_date(there.date(), "d MMMM"))
    written = str(format_date(there.date(), "EEEE d MMMM" if there.year == today.year else "EEEE d MMMM y"))
    values = {"day": written, "time": _time(there), "name": clocks.name}
    theirs = str(_("%(day)s, %(time)s %(name)s's time", **values))
    short = weekday if near else date
    return Said(theirs, yours(goes_at, clocks), notes, short, f"{short} {_time(there)}")


def _notes(moment: Moment, clocks: Clocks) -> list[str]:
    told, asked = [], _time(moment.asked) if moment.asked else ""
    if moment.change == GAP:
        told.append(_("The clocks go forward then and leave out %(time)s. We take the first minute after.", time=asked))
    elif moment.change:
        told.append(_("The clocks go back then and show %(time)s twice. We take the first.", time=asked))
    if moment.goes_at > moment.wanted:
        then = _time(clock.local(moment.wanted, clocks.theirs))
        told.append(
            _("At %(time)s it is quiet for %(name)s, so it waits for the next good hour.", time=then, name=clocks.name)
        )
    return told


def _time(there: dt.datetime | dt.time) -> str:
    return f"{there.hour}:{there.minute:02d}"
