"""Texts that came back stand on top of Today until somebody has seen them; an unclear one until somebody has said
whether it was a stop."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests import cast
from tests.postgres import both_databases
from tests.unit.calendar import asking
from vidmsg.database import reading, writing
from vidmsg.messages import unclear
from vidmsg.messages.models import Inbound, Message
from vidmsg.people import consent
from vidmsg.people.models import Person

SignIn = Callable[[Any], FlaskClient]


@pytest.fixture
def people(app: Flask) -> cast.Cast:
    with app.app_context(), writing() as session:
        return cast.put_in(session)


def wrote(app: Flask, people: cast.Cast, body: str, kind: str = "text") -> int:
    """Maria wrote back; the number of her text."""
    with app.app_context(), writing() as session:
        return asking.reply(session, session.get_one(Person, people.maria.id), body, kind).id


def agreed(app: Flask, people: cast.Cast) -> bool:
    with app.app_context(), reading() as session:
        return consent.is_granted(session, people.maria.organisation_id, cast.MARIA_PHONE)


def held(app: Flask, people: cast.Cast) -> str | None:
    """Why a message to Maria would wait now."""
    with app.app_context(), reading() as session:
        maria = session.get_one(Person, people.maria.id)
        return unclear.holds(session, Message(organisation_id=maria.organisation_id, phone=maria.phone, person=maria))


def test_a_reply_stands_on_top_until_it_is_seen(app: Flask, people: cast.Cast, sign_in: SignIn) -> None:
    reply = wrote(app, people, "You remembered the name!")
    bob = sign_in(people.bob)
    page = bob.get("/").text
    assert page.index("You remembered the name!") < page.index("Record, about 30 s")
    assert f"reply={reply}" in page
    assert f'action="/replies/{reply}/seen"' in page
    bob.post(f"/replies/{reply}/seen")
    assert "You remembered the name!" not in bob.get("/").text


def test_many_replies_come_up_a_few_at_a_time(app: Flask, people: cast.Cast, sign_in: SignIn) -> None:
    for number in range(8):
        wrote(app, people, f"Thank you {number}")
    page = sign_in(people.bob).get("/").text
    assert page.count("Thank you ") == 6
    assert "Thank you 7" in page
    assert "There are more. They come up once you have seen these." in page


def test_an_unclear_reply_says_what_it_holds_and_offers_both_readings(
    app: Flask, people: cast.Cast, sign_in: SignIn
) -> None:
    reply = wrote(app, people, "who is this", "unsure")
    page = sign_in(people.bob).get("/").text
    assert "Was that a stop? Until somebody says, nothing else goes to Maria." in page
    assert "It was a stop</button>" in page
    assert "It was not</button>" in page
    assert f"/replies/{reply}/seen" not in page
    assert f"/replies/{reply}/" not in sign_in(people.charlie).get("/").text


@both_databases
def test_read_as_a_stop_it_is_obeyed_like_one(app: Flask, people: cast.Cast, sign_in: SignIn) -> None:
    reply = wrote(app, people, "wrong number, please", "unsure")
    bob = sign_in(people.bob)
    page = bob.post(f"/replies/{reply}/meaning", data={"choice": "stop"}, follow_redirects=True).text
    assert "That was a stop. No more texts go there." in page
    assert "wrong number, please" not in page
    assert not agreed(app, people)
    with app.app_context(), reading() as session:
        assert consent.asked_to_stop(session, people.maria.organisation_id, cast.MARIA_PHONE)
        last = consent.current(session, people.maria.organisation_id, cast.MARIA_PHONE)
        assert last is not None
        assert (last.words, last.recorded_by) == ("wrong number, please", people.bob.id)
        assert session.get_one(Inbound, reply).kind == "stop"


@both_databases
def test_read_as_no_stop_texts_go_again(app: Flask, people: cast.Cast, sign_in: SignIn) -> None:
    reply = wrote(app, people, "who is this", "unsure")
    assert held(app, people)
    bob = sign_in(people.bob)
    page = bob.post(f"/replies/{reply}/meaning", data={"choice": "other"}, follow_redirects=True).text
    assert "Good to know. Texts can go there again." in page
    assert agreed(app, people)
    assert held(app, people) is None
    page = bob.post(f"/replies/{reply}/meaning", data={"choice": "stop"}, follow_redirects=True).text
    assert "Somebody here has read it already." in page  # the first word holds
    assert agreed(app, people)


def test_only_her_own_people_are_behind_the_wall(app: Flask, people: cast.Cast, sign_in: SignIn) -> None:
    reply = wrote(app, people, "who is this", "unsure")
    charlie = sign_in(people.charlie)
    assert charlie.post(f"/replies/{reply}/meaning", data={"choice": "stop"}).status_code == 404
    assert sign_in(people.bob).post(f"/replies/{reply}/meaning", data={"choice": "maybe"}).status_code == 400
    assert agreed(app, people)
