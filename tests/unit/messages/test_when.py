"""Choosing when a text goes: on its day, now or another moment; through changes of the clock and quiet hours, past
moments refused, and always on both clocks."""

from __future__ import annotations

import datetime as dt

import pytest
from flask import Flask

from tests.unit.messages.conftest import NOON, Clock
from tests.unit.messages.days import TEN_PAST_NINE, THE_DAY
from vidmsg.composing import both_clocks
from vidmsg.composing.when_form import WhenForm
from vidmsg.messages import when
from vidmsg.messages.when import MINE, THEIRS, Clocks, Day, WrongMoment
from vidmsg.messages.window import Hours

SEATTLE, CHICAGO, TOKYO = "America/Los_Angeles", "America/Chicago", "Asia/Tokyo"
MARIA = Clocks("Maria", SEATTLE, CHICAGO, Hours())
NINE_TEN = dt.time(9, 10)
SUNDAY = dt.date(2026, 3, 8)  # the clocks go forward at two
AUTUMN = dt.date(2026, 11, 1)  # and back


@pytest.fixture(autouse=True)
def _words(app: Flask) -> object:
    with app.test_request_context():
        yield


def said(moment: when.Moment, clocks: Clocks = MARIA) -> str:
    return both_clocks.say(moment, clocks).whole


def test_on_the_day_at_ten_past_nine_her_time() -> None:
    moment = when.on_the_day(Day(THE_DAY, NINE_TEN, SEATTLE), MARIA)
    assert (moment.goes_at, moment.send_on) == (TEN_PAST_NINE, THE_DAY)
    assert said(moment) == "Thursday 12 March, 9:10 Maria's time (11:10 yours)."


def test_on_the_day_by_our_clock() -> None:
    moment = when.on_the_day(Day(THE_DAY, dt.time(14), CHICAGO), MARIA)
    assert said(moment) == "Thursday 12 March, 12:00 Maria's time (14:00 yours)."


def test_by_our_clock_it_may_be_another_day_there_and_still_goes(time: Clock) -> None:
    yuki = Clocks("Yuki", TOKYO, SEATTLE, Hours())
    moment = when.on_the_day(Day(THE_DAY, dt.time(17, 30), SEATTLE), yuki)
    assert moment.send_on == dt.date(2026, 3, 13)
    assert said(moment, yuki) == "Friday 13 March, 9:30 Yuki's time (Thursday 17:30 yours)."


def test_the_same_clock_is_said_too() -> None:
    neighbour = Clocks("Maria", SEATTLE, SEATTLE, Hours())
    assert said(when.on_the_day(Day(THE_DAY, NINE_TEN, SEATTLE), neighbour), neighbour).endswith("(9:10 yours too).")


def test_when_its_time_is_over_and_its_day_is_not_it_goes_at_once() -> None:
    moment = when.on_the_day(Day(NOON.date(), NINE_TEN, SEATTLE), MARIA)
    assert moment.goes_at - NOON < dt.timedelta(minutes=1)
    assert moment.send_on == NOON.date()


def test_a_day_that_is_over_or_too_late_an_hour_is_refused(time: Clock) -> None:
    with pytest.raises(WrongMoment, match="Maria's day is over"):
        when.on_the_day(Day(dt.date(2026, 3, 3), NINE_TEN, SEATTLE), MARIA)
    with pytest.raises(WrongMoment, match="too late for that day"):
        when.on_the_day(Day(THE_DAY, dt.time(21), SEATTLE), MARIA)
    time.at(NOON + dt.timedelta(hours=9))  # 21:00 on the day itself
    with pytest.raises(WrongMoment, match="Maria's day is over"):
        when.on_the_day(Day(NOON.date(), NINE_TEN, SEATTLE), MARIA)


def test_a_sunday_begins_later_and_says_so() -> None:
    whole = said(when.on_the_day(Day(SUNDAY, NINE_TEN, SEATTLE), MARIA))
    assert whole == (
        "Sunday 8 March, 12:00 Maria's time (14:00 yours). "
        "At 9:10 it is quiet for Maria, so it waits for the next good hour."
    )


def test_another_moment_in_quiet_hours_waits_for_the_morning() -> None:
    moment = when.at(dt.date(2026, 3, 5), dt.time(22, 40), THEIRS, MARIA)
    assert moment.send_on == dt.date(2026, 3, 6)
    assert said(moment).startswith("Friday 6 March, 9:00 Maria's time (11:00 yours). At 22:40 it is quiet for Maria")


def test_another_moment_by_my_clock() -> None:
    whole = said(when.at(dt.date(2026, 3, 5), dt.time(16), MINE, MARIA))
    assert whole == "Thursday 5 March, 14:00 Maria's time (16:00 yours)."


def test_a_time_that_the_clocks_leave_out_is_said_and_resolved() -> None:
    """By the clock in Chicago there is no 2:30 that night; in Berlin, far from there, it is decently late."""
    berlin = Clocks("Anna", "Europe/Berlin", CHICAGO, Hours())
    moment = when.at(SUNDAY, dt.time(2, 30), MINE, berlin)
    assert moment.wanted == dt.datetime(2026, 3, 8, 8, 0, tzinfo=dt.UTC)
    assert "The clocks go forward then and leave out 2:30. We take the first minute after." in said(moment, berlin)


def test_a_doubled_time_is_said_and_the_first_is_taken(time: Clock) -> None:
    time.at(dt.datetime(2026, 10, 30, 20, tzinfo=dt.UTC))
    paris = Clocks("Anna", "Europe/Paris", CHICAGO, Hours(opens_sunday=7))
    moment = when.at(AUTUMN, dt.time(1, 30), MINE, paris)
    assert moment.wanted == dt.datetime(2026, 11, 1, 6, 30, tzinfo=dt.UTC)
    assert "show 1:30 twice. We take the first." in said(moment, paris)


@pytest.mark.parametrize(
    ("day", "at", "sentence"),
    [
        (dt.date(2026, 3, 4), dt.time(11, 58), "That moment is over. Choose a later one."),
        (dt.date(2020, 1, 1), dt.time(9), "That moment is over. Choose a later one."),
        (dt.date(1, 1, 1), dt.time(0), "That moment is over. Choose a later one."),
        (dt.date(2028, 1, 1), dt.time(9), "That is more than a year away. Choose a nearer day."),
        (dt.date(9999, 12, 31), dt.time(23), "That is more than a year away. Choose a nearer day."),
    ],
)
def test_a_moment_that_can_not_be_is_refused_with_a_sentence(day: dt.date, at: dt.time, sentence: str) -> None:
    for whose in (THEIRS, MINE):
        with pytest.raises(WrongMoment) as refused:
            when.at(day, at, whose, MARIA)
        assert str(refused.value) == sentence


def test_the_minute_that_was_just_chosen_is_not_over(time: Clock) -> None:
    time.at(NOON + dt.timedelta(seconds=30))
    assert when.at(dt.date(2026, 3, 4), dt.time(12, 0), THEIRS, MARIA).goes_at >= NOON


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({"day": "2026-02-30", "at": "09:10"}, "Choose a day that the calendar has."),
        ({"day": "", "at": "09:10"}, "Choose a day that the calendar has."),
        ({"day": "2026-03-12", "at": ""}, "Write a time of the day, such as 9:10."),
        ({"day": "2026-03-12", "at": "24:00"}, "Write a time of the day, such as 9:10."),
        ({"day": "2026-03-12", "at": "9:10+02:00"}, "Write a time of the day, such as 9:10."),
        ({"day": "2026-03-12", "at": "²:10"}, "Write a time of the day, such as 9:10."),
    ],
)
def test_what_is_no_day_or_time_is_refused_with_a_sentence(given: dict[str, str], sentence: str) -> None:
    form = WhenForm(formdata=None, data={"when": "other", **given})
    with pytest.raises(WrongMoment) as refused:
        form.moment(MARIA, None)
    assert str(refused.value) == sentence


def test_on_the_day_comes_first_and_is_left_out_when_it_is_over() -> None:
    form = WhenForm(formdata=None)
    coming, over = Day(THE_DAY, NINE_TEN, SEATTLE), Day(dt.date(2026, 3, 3), NINE_TEN, SEATTLE)
    assert [one.key for one in form.choices(MARIA, coming)] == ["day", "now", "other"]
    assert [one.key for one in form.choices(MARIA, over)] == ["now", "other"]
    assert [one.key for one in form.choices(MARIA, None)] == ["now", "other"]


def test_what_is_for_now_is_for_the_day_on_which_it_goes(time: Clock) -> None:
    assert when.now(MARIA).send_on == NOON.date()
    time.at(NOON + dt.timedelta(hours=10))  # 22:00
    assert when.now(MARIA).send_on == dt.date(2026, 3, 5)


def test_a_day_that_stays_shut_names_the_nearest_one(time: Clock) -> None:
    shut = Clocks("Maria", SEATTLE, CHICAGO, Hours(opens_sunday=20))
    with pytest.raises(WrongMoment, match=r"quiet\. Choose another time: the nearest open day is Saturday 7 March\."):
        when.on_the_day(Day(SUNDAY, NINE_TEN, SEATTLE), shut)
    time.at(dt.datetime(2026, 3, 8, 5, tzinfo=dt.UTC))  # Saturday, 21:00
    with pytest.raises(WrongMoment, match="the nearest open day is Monday 9 March"):
        when.on_the_day(Day(SUNDAY, NINE_TEN, SEATTLE), shut)
