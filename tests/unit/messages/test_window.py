"""Waking hours by the person's own clock, over every turn of the year."""

from __future__ import annotations

import datetime as dt
import zoneinfo

import pytest

from vidmsg.messages import window

CHICAGO = "America/Chicago"


def at(text: str, zone: str = CHICAGO, fold: int = 0) -> dt.datetime:
    return dt.datetime.fromisoformat(text).replace(tzinfo=zoneinfo.ZoneInfo(zone), fold=fold)


@pytest.mark.parametrize(
    ("there", "open_"),
    [
        ("2026-03-04 08:59:59", False),
        ("2026-03-04 09:00", True),
        ("2026-03-04 19:59:59", True),
        ("2026-03-04 20:00", False),
        ("2026-03-08 09:00", False),
        ("2026-03-08 12:00", True),
        ("2026-03-07 09:00", True),
    ],
)
def test_the_hours_are_nine_to_twenty_and_on_sundays_from_twelve(there: str, open_: bool) -> None:
    assert window.is_open(at(there), CHICAGO) is open_


@pytest.mark.parametrize(
    ("there", "opens"),
    [
        ("2026-03-04 03:00", "2026-03-04 09:00"),
        ("2026-03-04 22:40", "2026-03-05 09:00"),
        ("2026-03-07 21:00", "2026-03-08 12:00"),  # Saturday night, and the clock jumps before Sunday noon
        ("2026-03-08 01:30", "2026-03-08 12:00"),
        ("2026-10-31 23:00", "2026-11-01 12:00"),  # the night with 25 hours
        ("2026-12-31 20:00", "2027-01-01 09:00"),
    ],
)
def test_outside_the_hours_it_waits_for_the_next_opening(there: str, opens: str) -> None:
    assert window.next_open(at(there), CHICAGO) == at(opens)


def test_inside_the_hours_nothing_waits() -> None:
    assert window.next_open(at("2026-03-04 14:20"), CHICAGO) == at("2026-03-04 14:20")


def test_the_hour_is_the_persons_and_not_ours() -> None:
    moment = at("2026-03-04 09:30", "America/New_York")
    assert window.is_open(moment, "America/New_York")
    assert not window.is_open(moment, "America/Los_Angeles")
    assert window.next_open(moment, "America/Los_Angeles") == at("2026-03-04 09:00", "America/Los_Angeles")


def test_a_day_that_a_zone_left_out_is_passed_over() -> None:
    """Samoa had no 30 December 2011."""
    samoa = "Pacific/Apia"
    assert window.next_open(at("2011-12-29 21:00", samoa), samoa) == at("2011-12-31 09:00", samoa)


def test_both_passes_of_a_doubled_hour_are_night() -> None:
    for fold in (0, 1):
        assert not window.is_open(at("2026-11-01 01:30", fold=fold), CHICAGO)


def test_the_hours_end_at_twenty_there() -> None:
    assert window.closes_at(at("2026-11-01 15:00"), CHICAGO) == at("2026-11-01 20:00")


def test_no_minute_of_two_years_is_open_at_night_in_any_odd_zone() -> None:
    for zone in ("America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu", "America/St_Johns", "Africa/Casablanca"):
        moment = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)
        while moment.year < 2028:
            opening = window.next_open(moment, zone)
            there = opening.astimezone(zoneinfo.ZoneInfo(zone))
            assert opening >= moment
            assert opening - moment <= dt.timedelta(hours=17)
            assert (12 if there.weekday() == window.SUNDAY else 9) <= there.hour < 20
            moment += dt.timedelta(hours=7, minutes=13)


def test_a_sunday_that_stays_shut_is_shut_to_its_last_hour() -> None:
    shut = window.Hours(9, 24, 24)
    sunday = [at(f"2026-03-08 {hour:02d}:30") for hour in range(24)]
    assert not any(window.is_open(moment, CHICAGO, shut) for moment in sunday)
    assert window.next_open(sunday[0], CHICAGO, shut) == at("2026-03-09 09:00")
