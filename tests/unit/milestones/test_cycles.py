"""Which days a milestone has: yearly, once, every so often, when a count is reached."""

from __future__ import annotations

import datetime as dt
import json
from itertools import islice

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.conftest import CORPUS
from vidmsg.milestones import cycles, kinds
from vidmsg.milestones.cycles import MONTHS, WEEKS, Pattern
from vidmsg.milestones.rules import AFTER, BEFORE, FEB_28, MAR_1, ON_THE_DAY, Rules

ANY_RULES = st.builds(
    Rules, leap=st.sampled_from([FEB_28, MAR_1]), weekend=st.sampled_from([ON_THE_DAY, BEFORE, AFTER]),
    holidays=st.sampled_from(["", "US"]),
)  # fmt: skip


def days(pattern: Pattern, first: str, last: str, rules: Rules | None = None) -> list[tuple[str, str, int | None]]:
    found = cycles.between(pattern, rules or Rules(), dt.date.fromisoformat(first), dt.date.fromisoformat(last))
    return [(cycle.key, cycle.kept.isoformat(), cycle.count) for cycle in found]


def test_a_birthday_comes_each_year_and_counts_where_the_year_is_known() -> None:
    known, unknown = Pattern(kinds.YEARLY, 5, 17, 1990), Pattern(kinds.YEARLY, 5, 17)
    assert days(known, "2026-01-01", "2027-12-31") == [("2026", "2026-05-17", 36), ("2027", "2027-05-17", 37)]
    assert days(unknown, "2026-05-17", "2026-05-17") == [("2026", "2026-05-17", None)]


def test_the_first_anniversary_is_a_year_on() -> None:
    since = Pattern(kinds.YEARLY, 5, 17, 2026)
    assert days(since, "2026-01-01", "2027-12-31") == [("2027", "2027-05-17", 1)]


def test_a_day_kept_in_the_year_before_belongs_to_its_own_cycle() -> None:
    rules = Rules(weekend=BEFORE, holidays="US")
    assert days(Pattern(kinds.YEARLY, 1, 1), "2026-12-31", "2026-12-31", rules) == [("2027", "2026-12-31", None)]


def test_a_special_day_comes_once() -> None:
    once = Pattern(kinds.ONCE, on=dt.date(2026, 12, 4))
    assert days(once, "2026-01-01", "2030-01-01") == [("once", "2026-12-04", None)]


def test_a_count_that_was_reached_is_said() -> None:
    reached = Pattern(kinds.REACHED, on=dt.date(2026, 12, 4), target=50)
    assert days(reached, "2026-12-01", "2026-12-31") == [("reached-50", "2026-12-04", 50)]
    assert days(Pattern(kinds.REACHED, target=50), "2026-12-01", "2026-12-31") == []


def test_a_check_in_comes_every_so_many_weeks_or_months() -> None:
    fortnight = Pattern(kinds.EVERY, on=dt.date(2026, 11, 2), step=2, unit=WEEKS)
    assert days(fortnight, "2026-11-03", "2026-12-01") == [("1-1", "2026-11-16", None), ("1-2", "2026-11-30", None)]
    month_end = Pattern(kinds.EVERY, on=dt.date(2026, 8, 31), step=3, unit=MONTHS, series=2)
    assert days(month_end, "2026-11-01", "2027-03-01") == [("2-1", "2026-11-30", None), ("2-2", "2027-02-28", None)]


@given(
    st.dates(dt.date(2021, 1, 1), dt.date(2035, 1, 1)),
    st.integers(1, 12),
    st.sampled_from([WEEKS, MONTHS]),
    st.integers(0, 4000),
)
def test_check_ins_are_the_same_from_wherever_one_looks(start: dt.date, step: int, unit: str, away: int) -> None:
    pattern = Pattern(kinds.EVERY, on=start, step=step, unit=unit)
    looked = start + dt.timedelta(days=away)
    whole = [c for c in cycles.between(pattern, Rules(), start, looked + dt.timedelta(days=800)) if c.kept >= looked]
    assert list(cycles.between(pattern, Rules(), looked, looked + dt.timedelta(days=800))) == whole
    assert len(whole) >= 2


@given(st.dates(dt.date(2024, 1, 1), dt.date(2024, 12, 31)), ANY_RULES, st.integers(2024, 2060))
def test_each_year_has_exactly_one_cycle_under_any_rule(born: dt.date, rules: Rules, year: int) -> None:
    pattern = Pattern(kinds.YEARLY, born.month, born.day)
    found = [c.key for c in cycles.between(pattern, rules, dt.date(year - 1, 1, 1), dt.date(year + 2, 12, 31))]
    assert found.count(str(year)) == 1
    assert len(found) == len(set(found))


@given(st.dates(dt.date(2020, 1, 1), dt.date(2030, 12, 31)), ANY_RULES, st.integers(1, 12), st.integers(1, 28))
def test_what_follows_is_the_next_one(after: dt.date, rules: Rules, month: int, day: int) -> None:
    found = cycles.following(Pattern(kinds.YEARLY, month, day), rules, after)
    assert found is not None
    assert after < found <= after + dt.timedelta(days=366)


def test_nothing_follows_what_comes_once() -> None:
    once = Pattern(kinds.ONCE, on=dt.date(2026, 12, 4))
    assert cycles.following(once, Rules(), dt.date(2026, 12, 3)) == dt.date(2026, 12, 4)
    assert cycles.following(once, Rules(), dt.date(2026, 12, 4)) is None


def test_the_last_days_of_the_calendar_do_no_harm() -> None:
    assert days(Pattern(kinds.YEARLY, 12, 31), "9999-01-01", "9999-12-31") in ([("9999", "9999-12-31", None)], [])


@pytest.mark.corpus
@pytest.mark.parametrize("case", ["plain", "new_year", "last_day_of_february"])
def test_yearly_days_agree_with_what_calendars_make_of_them(case: str) -> None:
    table = {row["id"]: row for row in json.loads((CORPUS / "ics" / "yearly_rules.json").read_text())}
    row = table[case]
    start = dt.date.fromisoformat(row["dtstart"])
    pattern = Pattern(kinds.YEARLY, start.month, start.day)
    ours = cycles.between(pattern, Rules(leap=FEB_28), start, dt.date(start.year + 40, 1, 1))
    theirs = row["first_occurrences"]
    assert [cycle.kept.isoformat() for cycle in islice(ours, len(theirs))] == theirs
