"""A list may say who looks after whom; whoever takes it in says who looks after the rest."""

from __future__ import annotations

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests import cast as everybody
from tests.cast import Cast
from tests.postgres import both_databases
from tests.unit.importing.test_taking_in import bring, named
from vidmsg.accounts.models import User
from vidmsg.database import writing

pytestmark = both_databases
LIST = (
    "Name,Mobile,Looked after by\n"
    "Maria Alvarez,206 555 0142,DANA@harborspa.example\n"
    "Tom Wells,206 555 0143,dana dorn\n"
    "Ann Wells,206 555 0144,Charlie Chen\n"
    "Sol Ames,206 555 0145,\n"
)


@pytest.fixture
def dana(app: Flask, cast: Cast) -> User:
    with app.app_context(), writing() as session:
        return everybody.user(session, cast.team, "Dana Dorn")


def with_whom(app: Flask) -> list[int | None]:
    return [named(app, name).owner_id for name in ("Maria", "Tom", "Ann", "Sol")]


def test_looking_tells_whose_they_become_and_who_may_not_look_after_them(bob: FlaskClient, dana: User) -> None:
    page = bob.get(bring(bob, LIST)).text
    for words in (
        "3 people are new, 1 changes.",
        "With: Dana Dorn, before: Bob Baker",
        "With Dana Dorn",
        "Charlie Chen is nobody who may look after this person.",
    ):
        assert words in page
    assert page.count("is nobody who may look after") == 1


def test_each_goes_to_whom_the_list_says_and_the_rest_to_whom_is_chosen(
    app: Flask, bob: FlaskClient, cast: Cast, dana: User
) -> None:
    address = bring(bob, LIST)
    bob.post(address + "/take", data={"to": cast.alice.id})
    assert with_whom(app) == [dana.id, dana.id, cast.alice.id, cast.alice.id]
    bob.post(address + "/undo")
    assert named(app, "Maria").owner_id == cast.bob.id
    assert named(app, "Tom") is None


def test_without_a_choice_they_are_with_whoever_takes_them_in(
    app: Flask, bob: FlaskClient, cast: Cast, dana: User
) -> None:
    bob.post(bring(bob, LIST) + "/take")
    assert with_whom(app) == [dana.id, dana.id, cast.bob.id, cast.bob.id]


def test_who_may_not_see_them_gets_nobody(app: Flask, bob: FlaskClient, cast: Cast) -> None:
    answer = bob.post(bring(bob, LIST) + "/take", data={"to": cast.charlie.id}, follow_redirects=True)
    assert "Choose a colleague who may see these people." in answer.text
    assert named(app, "Tom") is None


def test_a_name_that_two_have_says_nobody_and_an_email_does(app: Flask, bob: FlaskClient, dana: User) -> None:
    with app.app_context(), writing() as session:
        team = session.get_one(User, dana.id).team
        assert team
        twin = everybody.user(session, team, "Dee Dorn")
        twin.name = "Dana Dorn"
    page = bob.get(bring(bob, LIST)).text
    assert "dana dorn is nobody who may look after this person." in page
    assert "With: Dana Dorn, before: Bob Baker" in page
