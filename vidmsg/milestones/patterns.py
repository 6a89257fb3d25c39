"""What a milestone's row says, as the pure modules understand it: its pattern and its rules, and who of its kind can
be there only once. Rows may be ORM objects or plain result rows with the same names."""

from __future__ import annotations

from typing import Any

from vidmsg.milestones import kinds
from vidmsg.milestones.cycles import WEEKS, Pattern
from vidmsg.milestones.rules import Rules

RULE_COLUMNS = ("leap", "weekend", "lead_days", "send_at", "send_zone", "no_video")


def pattern_of(row: Any) -> Pattern:
    """Its days. A row of a kind that we don't know any more has none."""
    kind = kinds.KINDS.get(row.kind)
    return Pattern(
        comes=kind.comes if kind else "",
        month=row.month or 1,
        day=row.day or 1,
        year=row.year,
        on=row.on_date if kind else None,
        step=row.step or 1,
        unit=row.unit or WEEKS,
        series=row.series,
        target=row.target,
    )


def defaults_of(organisation: Any) -> Rules:
    """The organisation's rules."""
    return Rules(
        leap=organisation.leap,
        weekend=organisation.weekend,
        holidays=organisation.holidays,
        lead_days=organisation.lead_days,
        at=organisation.send_at,
        zone=organisation.send_zone,
    )


def rules_of(row: Any, defaults: Rules) -> Rules:
    """The organisation's rules with what this milestone says otherwise."""
    if row.leap is row.weekend is row.lead_days is row.send_at is row.send_zone is None:
        return defaults
    return defaults.overridden(
        leap=row.leap, weekend=row.weekend, lead_days=row.lead_days, at=row.send_at, zone=row.send_zone
    )
