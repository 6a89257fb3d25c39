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
from tests.postgres import both_databases
from tests.unit.messages.conftest import Written
from tests.unit.safety import life as played
from tests.unit.safety.conftest import Standing
from tests.unit.safety.life import BEGINS, DAY, YEARS, Life, Network
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


@both_databases
@given(born=BORN, happenings=st.lists(st.tuples(st.integers(0, 1), SOON, HAPPENINGS), max_size=8))
@settings(
    max_examples=6,
    deadline=None,
    phases=[Phase.explicit, Phase.reuse, Phase.generate],  # an example takes too long to be made smaller
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
def test_each_year_has_exactly_one_text(life: Life, born: dt.date, happenings: list[tuple[int, int, Any]]) -> None:
    life.begins(born)
    first = dt.date(2026 + (born.replace(year=2028) < BEGINS.date().replace(year=2028)), born.month, min(born.day, 28))
    noon = dt.datetime.combine(first, dt.time(20), dt.UTC) - 40 * DAY
    for year, days, happening in sorted(happenings, key=lambda one: one[:2]):
        life.passes(noon + year * 365 * DAY + days * DAY)
        happening.happens(life)
    life.passes(BEGINS + YEARS * 366 * DAY + 60 * DAY)
    texts = life.texts()
    assert set(texts.values()) <= {1}, texts
    assert {str(first.year), str(first.year + 1)} <= set(texts), (texts, life.days())
    with reading() as session:
        past = sa.select(Message.state).where(Message.due_at < clock.now())
        assert set(session.scalars(past)) == {states.DELIVERED}
