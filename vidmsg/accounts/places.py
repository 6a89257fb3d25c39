"""Time zones and countries to choose from, and which zone belongs to which country, from the IANA tables that ship
with tzdata. Knows nothing of numbers or people."""

from __future__ import annotations

from functools import cache
from importlib.resources import files

import phonenumbers
from babel import Locale

from vidmsg import clock

LOCALE = Locale("en")


@cache
def _country_of_zones() -> dict[str, str]:
    """Zone → country as two letters, in the table's order."""
    table = (files("tzdata") / "zoneinfo" / "zone.tab").read_text(encoding="utf-8")
    rows = (line.split("\t") for line in table.splitlines() if line and not line.startswith("#"))
    return {row[2]: row[0] for row in rows}


@cache
def time_zones() -> tuple[tuple[str, str], ...]:
    """Every zone with a place of its own, as (IANA name, words), sorted by words."""
    named = [(zone, _words(zone)) for zone in _country_of_zones() if clock.is_zone(zone)]
    return (*sorted(named, key=lambda pair: pair[1]), ("UTC", "UTC"))


@cache
def countries() -> tuple[tuple[str, str], ...]:
    """Every country whose numbers we can read, as (two letters, name), sorted by name."""
    names = [(code, str(LOCALE.territories.get(code, code))) for code in phonenumbers.SUPPORTED_REGIONS]
    return tuple(sorted(names, key=lambda pair: pair[1]))


def country_of(zone: str) -> str | None:
    """The country of an IANA zone as two letters, or None for zones without a place."""
    return _country_of_zones().get(zone)


def zones_of(country: str) -> tuple[str, ...]:
    """The zones of a country, the largest place first where the table says so."""
    return tuple(zone for zone, code in _country_of_zones().items() if code == country)


def city(zone: str) -> str:
    """The place that names a zone, as people write it: `America/New_York` → `New York`."""
    return zone.rsplit("/", maxsplit=1)[-1].replace("_", " ")


def _words(zone: str) -> str:
    country = str(LOCALE.territories.get(_country_of_zones()[zone], ""))
    parts = [city(part) for part in zone.split("/")[1:]]
    return f"{', '.join(reversed(parts))} ({country})" if country else ", ".join(reversed(parts))
