"""Who is asked by text, and who is not: holds, noes that were a mistake, pauses that are over, the day's number."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests import cast
from tests.postgres import both_databases
from tests.unit.joining.filling import ANA, FORM, PAGE, answer, fill, rows, send
from vidmsg import clock
from vidmsg.accounts.models import User
from vidmsg.database import reading, writing
from vidmsg.messages.models import Attempt, Message
from vidmsg.people import confirming, consent, keeping, ourselves
from vidmsg.people.models import JoinRequest, Person

pytestmark = both_databases
SignIn = Callable[[Any], FlaskClient]
USED_UP = "questions by text are used up"


@pytest.fixture
def tom(app: Flask, home: cast.Cast) -> Person:
    """Somebody who is known and never said anything about texts. The number is Ana's."""
    with app.app_context(), writing() as session:
        return cast.customer(session, home.bob, "Tom", "Wells", ANA, agreed=False)


def hold(app: Flask, home: cast.Cast, person: Person, days: int | None = None) -> None:
    """Bob pauses everything to this person, for good or for so many days."""
    with app.app_context(), writing() as session:
        until = clock.now() + dt.timedelta(days=days) if days is not None else None
        who = session.get_one(Person, person.id)
        keeping.pause(session, who, home.bob.id, until=until, reason="His mother died.")


def test_whoever_is_known_and_agreed_to_nothing_is_asked(app: Flask, client: FlaskClient, tom: Person) -> None:
    fill(client)
    assert rows(app, Message.person_id, Message.purpose) == [(tom.id, "confirm")]
    assert ("Waits for a YES by text.",) in rows(app, Person.hold_reason)


@pytest.mark.parametrize("days", [None, 3])
def test_nobody_who_is_held_is_asked(
    app: Flask, client: FlaskClient, home: cast.Cast, tom: Person, days: int | None
) -> None:
    hold(app, home, tom, days)
    fill(client)
    assert rows(app, Message.id) == rows(app, JoinRequest.id) == []
    assert ("His mother died.",) in rows(app, Person.hold_reason)


def test_a_hold_on_anybody_with_this_number_counts(
    app: Flask, client: FlaskClient, home: cast.Cast, tom: Person
) -> None:
    with app.app_context(), writing() as session:
        wife = cast.customer(session, home.charlie, "Ida", "Wells", ANA, agreed=False)
        cast.customer(session, home.bob, "Ben", "Wells", ANA, agreed=False)
    hold(app, home, wife)
    fill(client)
    assert rows(app, Message.id) == []


def test_a_pause_that_is_over_stands_in_nobodys_way(
    app: Flask, client: FlaskClient, home: cast.Cast, tom: Person
) -> None:
    hold(app, home, tom, days=-1)
    fill(client)
    assert rows(app, Message.phone) == [(ANA,)]
    assert ("Waits for a YES by text.",) in rows(app, Person.hold_reason)
    send(app)
    assert len(rows(app, Attempt.id)) == 1


@pytest.mark.parametrize("who", ["Tom", "Ida"])
def test_a_hold_that_comes_before_the_question_left_keeps_it(
    app: Flask, client: FlaskClient, home: cast.Cast, tom: Person, who: str
) -> None:
    with app.app_context(), writing() as session:
        ida = cast.customer(session, home.charlie, "Ida", "Wells", ANA, agreed=False)
    fill(client)
    hold(app, home, tom if who == "Tom" else ida)
    send(app)
    assert rows(app, Attempt.id) == []
    assert rows(app, Message.state) == [("held",)]


def test_a_list_that_was_taken_back_is_nobodys_no(
    app: Flask, client: FlaskClient, home: cast.Cast, tom: Person
) -> None:
    with app.app_context(), writing() as session:
        said = {"words": "By a list.", "user_id": home.bob.id}
        consent.grant(session, session.get_one(Person, tom.id), number=ANA, source=consent.FROM_LIST, **said)
        undone = {"words": "The list was taken back.", "source": consent.LIST_UNDONE}
        consent.revoke(session, organisation_id=home.organisation.id, phone=ANA, **undone)
    fill(client)
    send(app)
    assert len(rows(app, Attempt.id)) == 1
    answer(app, "YES")
    with app.app_context(), reading() as session:
        assert consent.is_granted(session, home.organisation.id, ANA)
        assert not confirming.waits(session, home.organisation.id, ANA)


def test_so_many_are_asked_a_day_and_nobody_on_the_page_learns_of_it(
    app: Flask, client: FlaskClient, home: cast.Cast, sign_in: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    app.config["SETTINGS"] = app.config["SETTINGS"].model_copy(update={"join_texts_a_day": 2})
    fill(client, phone=cast.MARIA_PHONE)  # agreed long ago: nobody asks her, and she takes nobody's place
    pages = {fill(client, phone=f"(206) 555-01{number}") for number in (50, 51, 52)}
    assert len(pages) == 1
    assert [phone for (phone,) in rows(app, Message.phone)] == ["+12065550150", "+12065550151"]
    assert ("+12065550152",) not in rows(app, Person.phone)
    assert USED_UP in sign_in(home.alice).get("/settings/joining/").get_data(as_text=True)
    tomorrow = clock.now() + dt.timedelta(days=1)
    monkeypatch.setattr(clock, "now", lambda: tomorrow)
    fill(client, phone="(206) 555-0152")
    assert ("+12065550152",) in rows(app, Message.phone)
    assert USED_UP not in sign_in(home.alice).get("/settings/joining/").get_data(as_text=True)


def test_a_colleague_who_types_her_own_number_takes_nobodys_place(
    app: Flask, client: FlaskClient, home: cast.Cast
) -> None:
    app.config["SETTINGS"] = app.config["SETTINGS"].model_copy(update={"join_texts_a_day": 1})
    with app.app_context(), writing() as session:
        ourselves.agree(session, session.get_one(User, home.bob.id), ourselves.Choice("+12065550177", 9, 20))
    fill(client)
    assert rows(app, Message.phone) == [(ANA,)]


def test_where_the_number_lives_is_a_guess_until_somebody_says_it(app: Flask, client: FlaskClient) -> None:
    fill(client)
    fill(client, phone="(208) 555-0143")
    guesses = dict(rows(app, Person.phone, Person.zone_is_guess))
    assert (guesses[ANA], guesses["+12085550143"]) == (False, True)


def test_the_days_number_is_each_organisations_own(app: Flask, client: FlaskClient) -> None:
    app.config["SETTINGS"] = app.config["SETTINGS"].model_copy(update={"join_texts_a_day": 1})
    with app.app_context(), writing() as session:
        other = cast.organisation(session, "Second Spa")
        other.join_token = "another-page"
        cast.user(session, cast.team(session, other, "Desk"), "Dora Dean", "manager")
    fill(client)
    fill(client, page="/join/another-page")
    assert len(rows(app, Message.id)) == 2


def test_a_page_elsewhere_fills_nothing_in(app: Flask, client: FlaskClient) -> None:
    for headers in ({"Origin": "https://elsewhere.example"}, {"Origin": "null", "Sec-Fetch-Site": "cross-site"}):
        told = client.post(PAGE, data=FORM, headers=headers)
        assert told.status_code == 400
        page = told.get_data(as_text=True)
        assert "This came from another page, so we kept nothing." in page
        assert "Ana" not in page
        assert "Set-Cookie" not in told.headers
    assert rows(app, JoinRequest.id) == []
    ours = client.post(PAGE, data=FORM, headers={"Origin": "http://localhost"})
    assert ours.status_code == 200
    assert len(rows(app, JoinRequest.id)) == 1
