"""A date in the words of the people who keep it: "Five years with us", "50th visit", "every 6 weeks". Only words; it
reads no rows and no clock."""

from __future__ import annotations

import datetime as dt
from typing import Any

from flask_babel import format_date, ngettext
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from vidmsg.milestones import kinds
from vidmsg.milestones.cycles import MONTHS

_SMALL = (
    _l("No"), _l("One"), _l("Two"), _l("Three"), _l("Four"), _l("Five"), _l("Six"), _l("Seven"), _l("Eight"),
    _l("Nine"), _l("Ten"), _l("Eleven"), _l("Twelve"),
)  # fmt: skip


def number(count: int) -> str:
    """Up to twelve in letters, then in digits."""
    return str(_SMALL[count]) if 0 <= count < len(_SMALL) else str(count)


def ordinal(count: int) -> str:
    """1st, 2nd, 3rd, 11th, 50th."""
    if count % 100 in {11, 12, 13}:
        return f"{count}th"
    return f"{count}{ {1: 'st', 2: 'nd', 3: 'rd'}.get(count % 10, 'th') }"


def occasion(kind: str, title: str, count: int | None) -> str:
    """What is kept on the day. `count`: years or visits, None where nobody knows."""
    if kind == "count":
        return str(_("%(nth)s %(what)s", nth=ordinal(count or 0), what=title or _("visit")))
    if not count:
        return title or str(kinds.of(kind).word)
    if kind == "birthday":
        return str(_("%(nth)s birthday", nth=ordinal(count)))
    years = str(ngettext("%(n)s year", "%(n)s years", count, n=number(count)))
    if kind == "customer_since":
        return str(_("%(years)s with us", years=years))
    if kind == "work_anniversary":
        return str(_("%(years)s at work", years=years))
    return f"{title or kinds.of(kind).word}, {years.lower()}"


def rhythm(milestone: Any) -> str:
    """When it comes: "17 May 1990", "every 6 weeks from 3 March 2026"."""
    comes = kinds.of(milestone.kind).comes
    if comes == kinds.YEARLY:
        first = dt.date(milestone.year or 2000, milestone.month, milestone.day)
        return str(format_date(first, "d MMMM y" if milestone.year else "d MMMM"))
    day, steps = str(format_date(milestone.on_date, "d MMMM y")), milestone.step or 1
    if comes != kinds.EVERY:
        return day
    if milestone.unit == MONTHS:
        return str(ngettext("every month from %(day)s", "every %(num)s months from %(day)s", steps, day=day))
    return str(ngettext("every week from %(day)s", "every %(num)s weeks from %(day)s", steps, day=day))
