"""Two years in the life of a birthday: it is moved, corrected, given other rules, its person moves to another zone, it
is put off, planned again, written for twice, and now and then nobody works for days. Each year has exactly one text."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from tests import cast
from tests.unit.messages.conftest import Written
from tests.unit.safety import life as played
from tests.unit.safety.conftest import Standing
from tests.unit.safety.life import AROUND, DAY, YEAR, Life, Network
from tests.unit.safety.scenarios import World
from vidmsg import clock
from vidmsg.database import reading
from vidmsg.messages import states
from vidmsg.messages.models import Message
from vidmsg.milestones import rules

LEAPS = st.sampled_from([rules.FEB_28, rules.MAR_1])
WEEKENDS = st.sampled_from([rules.ON_THE_DAY, rules.BEFORE, rules.AFTER])
TIMES = st.sampled_from([dt.time(0, 5), dt.time(9, 10), dt.time(19, 59), dt.time(23, 30)])
CLOCKS = st.sampled_from(
    ["America/Los_Angeles", "America/New_York", "Pacific/Honolulu", "Pacific/Kiritimati", "Pacific/Pago_Pago"]
)
HAPPENINGS = st.one_of(
    st.builds(played.Move, st.integers(-20, 40)),
    st.builds(played.Correct, st.integers(-18, 18), st.sampled_from([None, 1985])),
    st.builds(
        played.Rule, st.none() | LEAPS, st.none() | WEEKENDS, st.none() | TIMES,
        st.none() | st.sampled_from([rules.THEIRS, rules.OURS]),
    ),
    st.builds(played.Rules, LEAPS, WEEKENDS, st.sampled_from(["", "US", "DE"])),
    st.builds(played.Zone, CLOCKS),
    st.builds(played.PlanAgain),
    st.builds(played.Snooze, st.integers(1, 30)),
    st.builds(played.Again),
    st.builds(played.Outage, st.integers(1, 10)),
)  # fmt: skip
SOON = st.integers(-6, 45)  # days after forty before her day, when most of it happens
BORN = st.dates(dt.date(2024, 1, 1), dt.date(2024, 12, 31)) | st.sampled_from(
    [dt.date(2024, 2, 29), dt.date(2024, 1, 1), dt.date(2024, 12, 31)]
)


@pytest.fixture
def life(app: Flask, home: cast.Cast, written: Written, time: Standing) -> Life:
    app.extensions["gateway"] = network = Network()
    return Life(World(app, home, written, time), network)


STORIES = given(born=BORN, happenings=st.lists(st.tuples(st.integers(0, 1), SOON, HAPPENINGS), max_size=8))
HOW = settings(
    deadline=None,
    phases=[Phase.explicit, Phase.reuse, Phase.generate],  # to make an example smaller takes minutes
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)


@STORIES
@settings(HOW, max_examples=18)
def test_each_year_has_exactly_one_text(life: Life, born: dt.date, happenings: list[tuple[int, int, Any]]) -> None:
    two_years(life, born, happenings)


@pytest.mark.parametrize("database_url", ["postgres"], indirect=True)
@STORIES
@settings(HOW, max_examples=6)
def test_so_it_is_on_postgres(life: Life, born: dt.date, happenings: list[tuple[int, int, Any]]) -> None:
    two_years(life, born, happenings)


def two_years(life: Life, born: dt.date, happenings: list[tuple[int, int, Any]]) -> None:
    """Play them, and look what came of it."""
    first = life.begins(born)
    for year in (0, 1):
        her_day = first + year * YEAR
        life.sleeps(her_day - AROUND)
        this_year = sorted((one for one in happenings if one[0] == year), key=lambda one: one[1])
        for _year, days, happening in this_year:
            life.passes(her_day - 40 * DAY + days * DAY)
            happening.happens(life)
        life.passes(her_day + AROUND)
    texts = life.texts()
    assert set(texts.values()) <= {1}, texts
    assert {str(first.year), str(first.year + 1)} <= set(texts), (texts, life.days())
    with reading() as session:
        past = sa.select(Message.state).where(Message.due_at < clock.now())
        assert set(session.scalars(past)) == {states.DELIVERED}
