"""Months beyond what is planned keep to the walls and the filters."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from tests import cast
from tests.postgres import both_databases
from tests.unit.calendar.test_month import SignIn, people, somebody
from vidmsg import clock
from vidmsg.database import db
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


def day_page(browser: FlaskClient, month_query: str, on: str) -> str:
    """The page behind "and 4 more" of that day, as a reader of the month comes to it."""
    field = browser.get(f"/calendar?{month_query}").text.split(f'data-day="{on}"')[1].split("<li ")[0]
    found = re.search(r'<a class="more" href="([^"]+)">and 4 more</a>', field)
    assert found, field
    return browser.get(found[1].replace("&amp;", "&")).text


def shown(page: str) -> list[str]:
    return re.findall(r"<h2><a [^>]+>(\w+)</a></h2>", page)


@pytest.mark.parametrize(
    "details",
    [
        Details("birthday", month=11, day=24),
        Details("once", title="Graduation", on_date=dt.date(2031, 11, 24)),
        Details("check_in", on_date=dt.date(2026, 11, 24), step=12, unit="months"),
    ],
)
def test_and_more_on_a_far_day_leads_to_everybody_of_it(
    app: Flask, people: cast.Cast, sign_in: SignIn, details: Details
) -> None:
    names = ["A", "Be", "Cle", "Dora", "Edith", "Fatima", "Giselle"]
    if details.kind == "check_in":  # many of them together show as one, so four more are five
        names = names[:5]
    for name in names:
        somebody(app, people.bob, name, details)
    somebody(app, people.charlie, "Ludmilla", details)
    bob = sign_in(people.bob)
    page = day_page(bob, "month=2031-11", "2031-11-24")
    assert "<h1>24 November 2031</h1>" in page
    assert shown(page) == names
    assert page.count("</svg>Planned</span>") == len(names)
    assert shown(bob.get("/calendar/day/2031-11-25").text) == []
    assert shown(day_page(bob, f"month=2031-11&rep={people.bob.id}&state=planned", "2031-11-24")) == names
    assert shown(bob.get(f"/calendar/day/2031-11-24?rep={people.alice.id}").text) == []


def test_a_day_at_the_edge_of_what_is_planned_shows_what_is_not_yet_beside_it(
    app: Flask, people: cast.Cast, sign_in: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Planned is up to Saturday 23 January 2027. Bertha's Sunday is kept on Friday, and not planned yet."""
    monkeypatch.setattr(clock, "now", lambda: dt.datetime(2026, 11, 24, 20, tzinfo=dt.UTC))
    somebody(app, people.bob, "Ada", Details("birthday", month=1, day=22))
    somebody(app, people.bob, "Bertha", Details("birthday", month=1, day=24, weekend="before"))
    page = sign_in(people.bob).get("/calendar/day/2027-01-22").text
    assert shown(page) == ["Ada", "Bertha"]
    assert page.count("</svg>Planned</span>") == 1


@pytest.mark.parametrize("day", ["9999-12-31", "2302-01-01", "0001-01-01", "1969-01-01"])
def test_a_day_of_no_month_of_ours_is_not_there(people: cast.Cast, sign_in: SignIn, day: str) -> None:
    assert sign_in(people.bob).get(f"/calendar/day/{day}").status_code == 404


def test_a_far_day_asks_as_many_questions_for_many_as_for_few(app: Flask, people: cast.Cast, sign_in: SignIn) -> None:
    bob, asked = sign_in(people.bob), list[str]()
    with app.app_context():
        sa.event.listen(db.engine, "before_cursor_execute", lambda _c, _k, statement, *_: asked.append(statement))

    def questions() -> int:
        asked.clear()
        assert bob.get("/calendar/day/2031-11-24").status_code == 200
        return len(asked)

    somebody(app, people.bob, "x", Details("check_in", on_date=dt.date(2026, 11, 24), step=12, unit="months"))
    few = questions()
    for number in range(8):
        every = Details("check_in", on_date=dt.date(2026, 11, 24), step=12 if number % 2 else 6, unit="months")
        somebody(app, people.bob, "xx" + "y" * number, every)
    assert questions() == few
