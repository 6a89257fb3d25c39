"""Not today: a card is put off to another day, handed to a colleague, or let be once its day is over."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests import cast
from tests.postgres import both_databases
from tests.unit.calendar.asking import NOW, TODAY, given
from vidmsg import clock
from vidmsg.database import reading, writing
from vidmsg.milestones.models import Occurrence

SignIn = Callable[[Any], FlaskClient]
CARD = 'class="card hero next"'


def row(app: Flask, number: int) -> Occurrence:
    with app.app_context(), reading() as session:
        return session.get_one(Occurrence, number)


def in_days(days: int) -> str:
    return (TODAY + dt.timedelta(days=days)).isoformat()


@both_databases
def test_not_today_asks_again_on_the_day_that_was_chosen(
    app: Flask, people: cast.Cast, bob: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    number = given(app, people, 3)
    page = bob.post(f"/today/{number}/later", data={"day": in_days(2)}, follow_redirects=True).text
    assert "Not today then. We ask you again on Thursday 26 November." in page
    assert CARD not in page
    assert row(app, number).planned_on == TODAY + dt.timedelta(days=3)  # the day itself has not moved
    monkeypatch.setattr(clock, "now", lambda: NOW + dt.timedelta(days=2))
    assert "Maria Alvarez" in bob.get("/").text.split(CARD)[1]


def test_a_day_after_the_day_itself_is_put_off_to_only_once_she_was_told(
    app: Flask, people: cast.Cast, bob: FlaskClient
) -> None:
    number = given(app, people, 2)
    answer = bob.post(f"/today/{number}/later", data={"day": in_days(5)})
    assert answer.status_code == 422
    assert "That is after Maria&#39;s day, Thursday 26 November, and nothing goes late by itself." in answer.text
    assert '<details class="way" open>' in answer.text
    assert f'value="{in_days(5)}"' in answer.text
    assert row(app, number).snoozed_until is None
    bob.post(f"/today/{number}/later", data={"day": in_days(5), "late": "1"})
    assert row(app, number).snoozed_until == TODAY + dt.timedelta(days=5)


def test_on_the_day_itself_the_card_says_that_later_is_late(app: Flask, people: cast.Cast, bob: FlaskClient) -> None:
    number = given(app, people, 0)
    card = bob.get("/").text.split(CARD)[1]
    assert "Today is the day. Later is late, and nothing goes late by itself." in card
    assert 'name="late" value="1"' in card
    bob.post(f"/today/{number}/later", data={"day": in_days(1), "late": "1"})
    assert row(app, number).snoozed_until == TODAY + dt.timedelta(days=1)


@pytest.mark.parametrize(
    ("day", "sentence"),
    [
        (in_days(0), "That day is here already. Choose a later one."),
        (in_days(-3), "That day is here already. Choose a later one."),
        (in_days(16), "We ask until 9 December, then it is too long ago. Choose a day until then."),
        ("31 Feb", "Choose a day that the calendar has."),
        ("", "Choose a day that the calendar has."),
    ],
)
def test_a_day_that_can_not_be_is_refused_with_the_reason(
    app: Flask, people: cast.Cast, bob: FlaskClient, day: str, sentence: str
) -> None:
    number = given(app, people, 1)
    page = bob.post(f"/today/{number}/later", data={"day": day, "late": "1"}, follow_redirects=True).text
    assert sentence in page
    assert row(app, number).snoozed_until is None


@both_databases
def test_what_is_no_longer_hers_is_neither_put_off_nor_handed_over(
    app: Flask, people: cast.Cast, bob: FlaskClient, sign_in: SignIn
) -> None:
    number = given(app, people, -1)
    with app.app_context(), writing() as session:
        session.get_one(Occurrence, number).assignee_id = people.alice.id
    for way, data in (("later", {"day": in_days(1)}), ("hand", {"to": str(people.bob.id)}), ("be", {})):
        page = bob.post(f"/today/{number}/{way}", data=data, follow_redirects=True).text
        assert "Somebody was faster" in page
        assert sign_in(people.charlie).post(f"/today/{number}/{way}", data=data).status_code == 404
    left = row(app, number)
    assert (left.assignee_id, left.snoozed_until, left.skipped_at) == (people.alice.id, None, None)


def test_a_card_is_handed_to_a_colleague_who_finds_it_on_her_today(
    app: Flask, people: cast.Cast, bob: FlaskClient, sign_in: SignIn
) -> None:
    number = given(app, people, 1)
    page = bob.post(f"/today/{number}/hand", data={"to": people.alice.id}, follow_redirects=True).text
    assert "Alice looks after it now." in page
    assert CARD not in page
    assert "Maria Alvarez" in sign_in(people.alice).get("/").text.split(CARD)[1]


@pytest.mark.parametrize("to", ["charlie", "nobody"])
def test_a_card_is_not_handed_over_a_wall(app: Flask, people: cast.Cast, bob: FlaskClient, to: str) -> None:
    number = given(app, people, 1)
    data = {"to": people.charlie.id if to == "charlie" else ""}
    page = bob.post(f"/today/{number}/hand", data=data, follow_redirects=True).text
    assert ("This colleague does not look after" if to == "charlie" else "Choose a colleague.") in page
    assert row(app, number).assignee_id == people.bob.id


def test_a_day_that_is_over_can_be_let_be_and_one_to_come_can_not(
    app: Flask, people: cast.Cast, bob: FlaskClient
) -> None:
    number, coming = given(app, people, -2), given(app, people, 1, kind="contract")
    card = bob.get(f"/?card={number}").text.split(CARD)[1].split("</section>")[0]
    said = "Maria's day was Sunday 22 November. Nothing goes late by itself: record with a kind word, or let it be."
    assert said in card
    assert "Let it be</button>" in card
    page = bob.post(f"/today/{number}/be", follow_redirects=True).text
    assert "We let it be this time." in page
    assert "Let it be</button>" not in page
    page = bob.post(f"/today/{coming}/be", follow_redirects=True).text
    assert "This day is still to come. Put it off, or hand it to a colleague." in page
    assert row(app, coming).skipped_at is None
