"""Which time zone a person lives in, as far as her number tells. Several possible zones are a question for the one
who knows her, not a guess: a greeting at six in the morning is worse than none."""

from __future__ import annotations

from vidmsg import phone


def of_number(e164: str) -> str | None:
    """The zone of the number where it tells exactly one, else None."""
    zones = phone.zones(e164)
    return zones[0] if len(zones) == 1 else None


def likely(e164: str, home: str) -> str:
    """What to suggest where the number leaves it open: the organisation's zone if it may be that, else the first."""
    zones = phone.zones(e164)
    return home if not zones or home in zones else zones[0]
