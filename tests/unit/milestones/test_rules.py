"""How a date becomes a day and a moment: leap days, weekends, holidays, clocks that change."""

from __future__ import annotations

import datetime as dt
import zoneinfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vidmsg.milestones import rules
from vidmsg.milestones.rules import AFTER, BEFORE, FEB_28, MAR_1, ON_THE_DAY, Rules

US_ZONES = (
    "America/New_York", "America/Detroit", "America/Indiana/Indianapolis", "America/Chicago", "America/Denver",
    "America/Phoenix", "America/Los_Angeles", "America/Anchorage", "America/Adak", "Pacific/Honolulu",
    "America/Puerto_Rico", "Pacific/Guam",
)  # fmt: skip
OTHER_ZONES = ("Australia/Lord_Howe", "Europe/Dublin", "Africa/Casablanca", "Asia/Kathmandu", "America/Sao_Paulo")


@pytest.mark.parametrize(
    ("leap", "year", "kept"),
    [(FEB_28, 2027, (2, 28)), (MAR_1, 2027, (3, 1)), (FEB_28, 2028, (2, 29)), (MAR_1, 2028, (2, 29)),
     (FEB_28, 2100, (2, 28)), (MAR_1, 2100, (3, 1)), (FEB_28, 2000, (2, 29))],
)  # fmt: skip
def test_29_february_is_what_the_rule_says_in_other_years(leap: str, year: int, kept: tuple[int, int]) -> None:
    assert rules.in_year(2, 29, year, Rules(leap=leap)) == dt.date(year, *kept)


@pytest.mark.parametrize(
    ("weekend", "day", "kept"),
    [
        (ON_THE_DAY, "2026-11-22", "2026-11-22"),
        (BEFORE, "2026-11-22", "2026-11-20"),
        (AFTER, "2026-11-21", "2026-11-23"),
        (BEFORE, "2026-11-26", "2026-11-25"),  # Thanksgiving
        (AFTER, "2026-12-25", "2026-12-28"),  # Christmas on a Friday
        (BEFORE, "2027-01-01", "2026-12-31"),
        (AFTER, "2026-11-24", "2026-11-24"),
    ],
)
def test_a_day_off_is_kept_before_or_after(weekend: str, day: str, kept: str) -> None:
    there = Rules(weekend=weekend, holidays="US")
    assert rules.observed(dt.date.fromisoformat(day), there) == dt.date.fromisoformat(kept)


def test_holidays_count_only_where_a_country_was_chosen() -> None:
    thanksgiving = dt.date(2026, 11, 26)
    assert rules.is_working_day(thanksgiving, "")
    assert rules.is_working_day(thanksgiving, "DE")
    assert not rules.is_working_day(thanksgiving, "US")
    assert {"US", "DE", "GB", "MX"} <= set(rules.countries())


@given(st.dates(dt.date(2020, 1, 1), dt.date(2040, 12, 31)), st.sampled_from([BEFORE, AFTER]))
def test_what_is_kept_is_the_nearest_working_day_on_its_side(day: dt.date, weekend: str) -> None:
    kept = rules.observed(day, Rules(weekend=weekend, holidays="US"))
    assert rules.is_working_day(kept, "US")
    between = range(1, abs((kept - day).days))
    step = 1 if weekend == AFTER else -1
    assert (kept - day).days * step >= 0
    assert not any(
        rules.is_working_day(day + dt.timedelta(days=step * away), "US")
        for away in (0, *between)[: len(between) + (kept != day)]
    )


def test_a_milestone_says_only_what_it_says_otherwise() -> None:
    default = Rules(leap=MAR_1, lead_days=5)
    own = default.overridden(leap=None, weekend=BEFORE, lead_days=None, unknown="x")
    assert own == Rules(leap=MAR_1, weekend=BEFORE, lead_days=5)


@given(
    st.dates(dt.date(2020, 1, 1), dt.date(2037, 12, 31)),
    st.times().map(lambda at: at.replace(second=0, microsecond=0)),
    st.sampled_from(US_ZONES + OTHER_ZONES),
)
def test_a_moment_shows_its_wall_time_or_the_first_after_a_gap(day: dt.date, at: dt.time, zone: str) -> None:
    there = rules.moment(day, at, zone).astimezone(zoneinfo.ZoneInfo(zone))
    wall = dt.datetime.combine(day, at)
    if rules.was_moved_by_clock(day, at, zone) == "gap":
        assert wall < there.replace(tzinfo=None) <= wall + dt.timedelta(hours=1)
    else:
        assert there.replace(tzinfo=None) == wall


@pytest.mark.parametrize(
    ("day", "at", "zone", "told", "utc"),
    [
        ("2027-03-14", "02:30", "America/New_York", "gap", "2027-03-14T07:00:00+00:00"),
        ("2026-11-01", "01:30", "America/New_York", "overlap", "2026-11-01T05:30:00+00:00"),
        ("2026-11-22", "09:10", "America/New_York", None, "2026-11-22T14:10:00+00:00"),
        ("2026-10-04", "02:10", "Australia/Lord_Howe", "gap", "2026-10-03T15:30:00+00:00"),
    ],
)
def test_a_time_that_the_clocks_leave_out_or_double_is_resolved_and_told(
    day: str, at: str, zone: str, told: str | None, utc: str
) -> None:
    when, time = dt.date.fromisoformat(day), dt.time.fromisoformat(at)
    assert rules.was_moved_by_clock(when, time, zone) == told
    assert rules.moment(when, time, zone) == dt.datetime.fromisoformat(utc)
