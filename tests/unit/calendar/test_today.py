"""Today: replies on top, one person to say hello to, what is on its way."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from tests import cast, watched
from vidmsg import clock
from vidmsg.calendar import today
from vidmsg.database import reading, writing
from vidmsg.messages.models import Inbound
from vidmsg.people import consent
from vidmsg.people.models import Person

SignIn = Callable[[Any], FlaskClient]


@pytest.fixture
def people(app: Flask) -> cast.Cast:
    with app.app_context(), writing() as session:
        return cast.put_in(session)


def suggested(app: Flask, who: Any) -> list[str]:
    with app.app_context(), reading() as session:
        return [hello.person.first_name for hello in today.hellos(session, who, 5)]


def test_the_one_who_waited_longest_comes_first_and_the_never_greeted_before_all(app: Flask, sign_in: SignIn) -> None:
    with app.app_context(), writing() as session:
        sent = watched.make(session, app.extensions["storage"], playable=False)
        maria = session.execute(sa.select(Person)).scalar_one()
        bob = maria.owner
        cast.customer(session, bob, "Tom", "Okafor", "+12065550143")
    assert sent
    assert suggested(app, bob) == ["Tom", "Maria"]
    page = sign_in(bob).get("/").text
    assert page.index("Tom Okafor") < page.index("Maria Alvarez")


def test_who_did_not_agree_or_asked_to_stop_is_not_suggested(app: Flask, people: cast.Cast) -> None:
    with app.app_context(), writing() as session:
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


def test_another_teams_people_are_not_on_her_day(app: Flask, people: cast.Cast, sign_in: SignIn) -> None:
    assert "Maria" in sign_in(people.bob).get("/").text
    assert "Maria" not in sign_in(people.charlie).get("/").text


def test_a_reply_stands_on_top_until_it_is_seen(app: Flask, people: cast.Cast, sign_in: SignIn) -> None:
    with app.app_context(), writing() as session:
        session.add(
            Inbound(
                sid="SM" + "1" * 32,
                organisation_id=people.bob.organisation_id,
                person_id=people.maria.id,
                from_number=cast.MARIA_PHONE,
                to_number="+12065550199",
                body="You remembered the name!",
                kind="text",
                at=clock.now(),
            )
        )
        session.flush()
        reply = session.execute(sa.select(Inbound.id)).scalar_one()
    bob = sign_in(people.bob)
    page = bob.get("/").text
    assert page.index("You remembered the name!") < page.index("Record, about 30 s")
    assert f"reply={reply}" in page
    bob.post(f"/replies/{reply}/seen")
    assert "You remembered the name!" not in bob.get("/").text


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
