"""Months beyond what is planned keep to the walls and the filters."""

from __future__ import annotations

import datetime as dt
from typing import Any

from flask import Flask

from tests import cast
from tests.postgres import both_databases
from tests.unit.calendar.test_month import SignIn, people, somebody
from vidmsg.milestones.keeping import Details

__all__ = ["people"]
pytestmark = both_databases


def test_a_far_month_keeps_to_a_rep_and_her_team_too(app: Flask, people: cast.Cast, sign_in: SignIn) -> None:
    somebody(app, people.bob, "Ada", Details("birthday", month=11, day=24))
    somebody(app, people.alice, "Bertha", Details("check_in", on_date=dt.date(2026, 11, 24), step=12, unit="months"))
    somebody(app, people.charlie, "Cleo", Details("birthday", month=11, day=24))

    def shown(who: Any, query: str = "") -> list[str]:
        page = sign_in(who).get(f"/calendar?month=2031-11{query}").text.split('<aside class="card soon')[0]
        return [name for name in ("Ada", "Bertha", "Cleo") if name in page]

    assert shown(people.bob) == ["Ada", "Bertha"]
    assert shown(people.bob, f"&rep={people.alice.id}") == ["Bertha"]
    assert shown(people.bob, f"&rep={people.charlie.id}") == []
    assert shown(people.alice, f"&rep={people.charlie.id}") == ["Cleo"]
