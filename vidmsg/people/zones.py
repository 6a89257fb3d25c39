"""Which time zone a person lives in, as far as her number tells. Several possible clocks are a question for the one
who knows her, not a guess: a greeting at six in the morning is worse than none."""

from __future__ import annotations

import datetime as dt

from vidmsg import clock, phone
from vidmsg.accounts import places
from vidmsg.people.models import Person


def of_number(e164: str) -> str | None:
    """The zone of the number where it tells exactly one clock, else None. Zones that keep the same hours all year are
    one clock: a British mobile may be on Jersey, and that changes nothing."""
    zones = phone.zones(e164)
    if len({_hours(zone) for zone in zones}) != 1:
        return None
    largest = places.zones_of(phone.region(e164) or "")
    return next((zone for zone in largest if zone in zones), zones[0])


def likely(e164: str, home: str) -> str:
    """What to suggest where the number leaves it open: the organisation's zone if it may be that, else the first."""
    zones = phone.zones(e164)
    return home if not zones or home in zones else zones[0]


def possible(e164: str) -> tuple[str, ...]:
    """One zone for each clock by which the number may live, those named first that the numbers' tables name first."""
    clocks: dict[tuple[dt.timedelta | None, ...], str] = {}
    for zone in phone.zones(e164):
        clocks.setdefault(_hours(zone), zone)
    return tuple(clocks.values())


def others(person: Person) -> tuple[str, ...]:
    """By which other clocks she may live, while the one we took is a guess."""
    if not person.zone_is_guess or not person.phone:
        return ()
    return tuple(zone for zone in possible(person.phone) if _hours(zone) != _hours(person.time_zone))


def _hours(zone: str) -> tuple[dt.timedelta | None, ...]:
    """A zone's distance to UTC in each month that comes."""
    moments = (clock.now() + dt.timedelta(days=30 * month) for month in range(12))
    return tuple(clock.local(moment, zone).utcoffset() for moment in moments)
