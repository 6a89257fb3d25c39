"""When it is nobody's day: gentle ideas whom to say hello to, and what an empty Today offers."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from tests import cast
from tests.postgres import both_databases
from tests.unit.calendar import asking
from vidmsg import clock
from vidmsg.calendar import ideas, today
from vidmsg.database import reading, writing
from vidmsg.messages import states
from vidmsg.people import consent
from vidmsg.people.models import COLLEAGUE, Person

SignIn = Callable[[Any], FlaskClient]


@pytest.fixture
def people(app: Flask) -> cast.Cast:
    with app.app_context(), writing() as session:
        return cast.put_in(session)


def suggested(app: Flask, who: Any, limit: int = 5) -> list[str]:
    with app.app_context(), reading() as session:
        return [hello.person.first_name for hello in ideas.hellos(session, who, limit)]


@both_databases
def test_the_one_who_waited_longest_comes_first_and_the_never_greeted_before_all(
    app: Flask, people: cast.Cast, sign_in: SignIn
) -> None:
    now = clock.now()
    waited = {"Sam": 40, "Maria": 90, "Ann": 6}
    with app.app_context(), writing() as session:
        cast.customer(session, people.bob, "Tom", "Okafor", "+12065550143")
        for name, days in waited.items():
            person = session.get_one(Person, people.maria.id)
            if name != "Maria":
                person = cast.customer(session, people.bob, name, "", f"+12065551{days:03d}")
            for more in (0, 200):
                at = now - dt.timedelta(days=days + more)
                asking.message(session, person, people.bob, states.DELIVERED, created_at=at, due_at=at)
            asking.message(session, person, people.bob, states.CANCELED)
    assert suggested(app, people.bob) == ["Tom", "Maria", "Sam"]  # Ann heard from us this week
    page = sign_in(people.bob).get("/").text
    assert page.index("everyone for today") < page.index("Tom Okafor") < page.index("Maria Alvarez")
    assert "Record, about 30 s" in page
    assert "90 days ago" in page


def test_ideas_step_aside_while_somebodys_day_is_near(
    app: Flask, people: cast.Cast, sign_in: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(clock, "now", lambda: asking.NOW)
    with app.app_context(), writing() as session:
        cast.customer(session, people.bob, "Tom", "Okafor", "+12065550143")
        asking.day(session, session.get_one(Person, people.maria.id), people.bob, 1)
    page = sign_in(people.bob).get("/").text
    assert page.count("Record, about 30 s") == 1
    assert "Tom Okafor" not in page


def test_a_colleague_and_who_did_not_agree_or_asked_to_stop_are_not_suggested(app: Flask, people: cast.Cast) -> None:
    with app.app_context(), writing() as session:
        cast.customer(session, people.bob, "Dana", "Diaz", "+12065550145").kind = COLLEAGUE
        cast.customer(session, people.bob, "Ruth", "Lind", "+12065550144", agreed=False)
        consent.revoke(
            session, organisation_id=people.bob.organisation_id, phone=cast.MARIA_PHONE, words="STOP", source="text"
        )
    assert suggested(app, people.bob) == []


def test_a_paused_person_is_not_suggested_until_the_pause_is_over(app: Flask, people: cast.Cast) -> None:
    for hours, wanted in ((24, []), (-1, ["Maria"])):
        with app.app_context(), writing() as session:
            session.execute(sa.update(Person).values(hold_until=clock.now() + dt.timedelta(hours=hours)))
        assert suggested(app, people.bob) == wanted


def test_whoever_has_very_many_people_thinks_of_others_each_day(
    app: Flask, people: cast.Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ideas, "SOME", 2)
    with app.app_context(), writing() as session:
        for number in range(40):
            cast.customer(session, people.bob, f"P{number}", "", f"+1206555{1000 + number}")
    now, seen = clock.now(), set[str]()
    for day in range(60):
        monkeypatch.setattr(clock, "now", lambda day=day: now + dt.timedelta(days=day))
        found = suggested(app, people.bob, 50)
        assert 1 <= len(found) <= 4
        seen |= set(found)
    assert len(seen) == 41


def test_another_teams_people_are_not_on_her_day(app: Flask, people: cast.Cast, sign_in: SignIn) -> None:
    assert "Maria" in sign_in(people.bob).get("/").text
    assert "Maria" not in sign_in(people.charlie).get("/").text


def test_an_empty_day_offers_the_first_person_and_to_a_manager_sample_people(
    app: Flask, people: cast.Cast, sign_in: SignIn
) -> None:
    assert "Add a person" in sign_in(people.alice).get("/").text
    assert "Show me with sample people" in sign_in(people.alice).get("/").text
    assert "Show me with sample people" not in sign_in(people.charlie).get("/").text


@pytest.mark.parametrize(
    ("hour", "part"),
    [(3, "evening"), (4, "morning"), (11, "morning"), (12, "afternoon"), (18, "evening")],
)
def test_the_greeting_follows_her_wall_clock(hour: int, part: str) -> None:
    assert today.part_of_day(dt.datetime(2026, 11, 22, hour, 0, tzinfo=dt.UTC)) == part
