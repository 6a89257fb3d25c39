"""An organisation's decency in words, and how it is changed: its waking hours, the countries it texts, how much leaves
in a day, whether a manager says yes first. What is kept here is asked in the moment in which a text leaves (hours.py,
caps.py, approval.py), so a change holds for everything that has not left."""

from __future__ import annotations

from typing import Any

from flask_babel import gettext as _
from sqlalchemy.orm import Session

from vidmsg.accounts import audit
from vidmsg.accounts.models import Organisation
from vidmsg.messages.window import Hours

NEVER = 24
"""The hour at which a Sunday opens that stays shut."""
EARLIEST, LATEST = 8, 21
"""The widest hours of US federal rules, by the person's own clock (47 CFR 64.1200(c)(1))."""
HOURS = frozenset({"opens", "closes", "opens_sunday"})
FIELDS = ("opens", "closes", "opens_sunday", "allowed_countries", "person_daily_cap", "daily_cap", "approval")


def in_words(hours: Hours) -> str:
    """When texts go, as one sentence."""
    kind = "shut" if hours.opens_sunday >= hours.closes else "same" if hours.opens_sunday == hours.opens else "later"
    return patterns()[kind].format(opens=hours.opens, closes=hours.closes, sunday=hours.opens_sunday)


def patterns() -> dict[str, str]:
    """The sentence for each kind of Sunday, with {opens}, {closes} and {sunday} still to be filled in."""
    week = {"opens": "{opens}", "closes": "{closes}"}
    return {
        "later": _(
            "Texts go between %(opens)s and %(closes)s, Sundays %(sunday)s to %(closes)s, in each person's own time.",
            sunday="{sunday}",
            **week,
        ),
        "same": _("Texts go between %(opens)s and %(closes)s, every day, in each person's own time.", **week),
        "shut": _("Texts go between %(opens)s and %(closes)s, never on Sundays, in each person's own time.", **week),
    }


def are_bold(hours: Hours) -> bool:
    """Whether these hours are wider than US federal rules allow."""
    sunday_opens = min(hours.opens, hours.opens_sunday)
    return sunday_opens < EARLIEST or hours.closes > LATEST


def countries(home: Organisation) -> set[str]:
    """The countries that are texted, two letters each."""
    return {code.strip().upper() for code in home.allowed_countries.split(",") if code.strip()} or {home.country}


def as_list(home: Organisation, chosen: set[str]) -> str:
    """How a choice of countries is kept: the organisation's own alone is no list, so that it follows a move."""
    return "" if chosen == {home.country} else ",".join(sorted(chosen))


def change(session: Session, organisation_id: int, by: int, values: dict[str, Any]) -> list[str]:
    """Write what differs, with a line in the audit; the names of the fields that did."""
    home = session.get_one(Organisation, organisation_id)
    changed = [name for name in FIELDS if getattr(home, name) != values[name]]
    for name in changed:
        setattr(home, name, values[name])
    if changed:
        audit.record(session, by, home.id, "organisation.decency", f"organisation:{home.id}", {"fields": changed})
    return changed
