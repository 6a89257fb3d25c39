"""The first start: one link, one manager, never again."""

from __future__ import annotations

import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from tests.cast import PASSWORD, Cast
from vidmsg.accounts import setup
from vidmsg.accounts.models import Audit, Installation, Organisation, Team, User
from vidmsg.database import reading, writing
from vidmsg.people.models import Person

ANSWERS = {
    "organisation": "Harbor Spa",
    "phone": "(206) 555-0100",
    "time_zone": "America/Los_Angeles",
    "country": "US",
    "accent": "#0f6a6e",
    "name": "Alice Archer",
    "email": "Alice@HarborSpa.example",
    "password": PASSWORD,
}


def link(app: Flask) -> str:
    with app.app_context(), writing() as session:
        token = setup.new_link(session)
    assert token is not None
    return f"/setup/{token}"


def test_the_link_makes_the_organisation_and_signs_its_manager_in(app: Flask, client: FlaskClient) -> None:
    answer = client.post(link(app), data=ANSWERS)
    assert (answer.status_code, answer.location) == (302, "/")
    assert "Harbor Spa" in client.get("/team").text
    with app.app_context(), reading() as session:
        home = session.execute(sa.select(Organisation)).scalar_one()
        assert (home.phone, home.country, home.accent) == ("+12065550100", "US", "#0f6a6e")
        alice = session.execute(sa.select(User)).scalar_one()
        assert alice.is_manager
        assert alice.email == "alice@harborspa.example"
        assert alice.password is not None
        assert alice.password.startswith("$argon2id$")
        assert session.execute(sa.select(Audit.action)).scalars().all() == ["organisation.begin"]


def test_a_used_link_opens_nothing(app: Flask, client: FlaskClient) -> None:
    address = link(app)
    client.post(address, data=ANSWERS)
    again = app.test_client().post(address, data=ANSWERS | {"email": "mallory@harborspa.example"})
    assert again.status_code == 404
    assert "used already" in again.text


def test_a_new_link_ends_the_one_before(app: Flask, client: FlaskClient) -> None:
    old, new = link(app), link(app)
    assert client.get(old).status_code == 404
    assert client.get(new).status_code == 200


def test_there_is_no_link_once_there_is_a_manager(app: Flask, cast: Cast) -> None:
    with app.app_context(), writing() as session:
        assert setup.new_link(session) is None


def test_a_wrong_number_is_refused_with_the_reason_and_keeps_what_was_typed(app: Flask, client: FlaskClient) -> None:
    answer = client.post(link(app), data=ANSWERS | {"phone": "206 555 01"})
    assert answer.status_code == 422
    assert "two digits short" in answer.text
    assert 'value="206 555 01"' in answer.text
    assert "Harbor Spa" in answer.text


def test_a_number_is_read_the_way_its_country_writes_it(app: Flask, client: FlaskClient) -> None:
    answers = ANSWERS | {"phone": "07911 123456", "country": "GB", "time_zone": "Europe/London"}
    assert client.post(link(app), data=answers).status_code == 302
    with app.app_context(), reading() as session:
        assert session.execute(sa.select(Organisation.phone)).scalar_one() == "+447911123456"


def test_looking_around_brings_sample_people_into_a_team_of_their_own(app: Flask, client: FlaskClient) -> None:
    client.post(link(app), data=ANSWERS | {"sample": "1"})
    assert "Maria Alvarez" in client.get("/people").text
    with app.app_context(), reading() as session:
        sample = session.execute(sa.select(Team).where(Team.sample)).scalar_one()
        assert session.execute(sa.select(Person.team_id)).scalars().all() == [sample.id] * 6
        assert session.execute(sa.select(User)).scalar_one().team_id != sample.id


def test_every_installation_has_a_practice_account_of_its_own(app: Flask) -> None:
    link(app)
    with app.app_context(), reading() as session:
        made = session.execute(sa.select(Installation)).scalar_one()
        assert made.simulator_sid.startswith("AC")
        assert len(made.simulator_sid) == 34
        assert len(made.simulator_token) == 32


def test_a_short_or_common_password_is_refused(app: Flask, client: FlaskClient) -> None:
    address = link(app)
    assert "at least 12" in client.post(address, data=ANSWERS | {"password": "short"}).text
    assert "Many people use this one" in client.post(address, data=ANSWERS | {"password": "Password2024"}).text
