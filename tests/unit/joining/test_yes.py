"""A YES that comes by text: whose question it answers where several organisations ask the same phone."""

from __future__ import annotations

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from tests import cast
from tests.postgres import both_databases
from tests.unit.joining.filling import ANA, SENDER, answer, fill, rows, send
from vidmsg.accounts.models import Organisation
from vidmsg.database import reading, writing
from vidmsg.messages.models import Attempt, Message
from vidmsg.people import confirming, consent
from vidmsg.people.models import JoinRequest

pytestmark = both_databases
OTHER = "/join/another-page"


@pytest.fixture(autouse=True)
def _other(app: Flask) -> None:
    """A second organisation that sends by the same number, with a page of its own."""
    with app.app_context(), writing() as session:
        other = cast.organisation(session, "Second Spa")
        other.join_token = OTHER.rsplit("/", 1)[1]
        cast.user(session, cast.team(session, other, "Desk"), "Dora Dean", "manager")


def confirmed(app: Flask) -> set[str]:
    """The organisations that have her yes."""
    with app.app_context(), reading() as session:
        query = sa.select(Organisation.name).join(JoinRequest, JoinRequest.organisation_id == Organisation.id)
        return set(session.scalars(query.where(JoinRequest.confirmed_at.is_not(None))))


def asked_from(app: Flask, organisation: str, number: str) -> None:
    """That organisation's question left from this number."""
    with app.app_context(), writing() as session:
        home = sa.select(Organisation.id).where(Organisation.name == organisation).scalar_subquery()
        its = sa.select(Message.id).where(Message.organisation_id == home)
        session.execute(sa.update(Attempt).where(Attempt.message_id.in_(its)).values(sender_number=number))


def test_it_answers_the_latest_question_alone(app: Flask, client: FlaskClient) -> None:
    fill(client)
    send(app)
    fill(client, page=OTHER)
    send(app)
    answer(app, "YES")
    assert confirmed(app) == {"Second Spa"}
    with app.app_context(), reading() as session:
        first = session.execute(sa.select(Organisation.id).order_by(Organisation.id).limit(1)).scalar_one()
        assert confirming.waits(session, first, ANA)
    answer(app, "Yes", sid="2")
    assert confirmed(app) == {"Harbor Spa", "Second Spa"}


def test_it_answers_whoever_asked_from_the_number_that_got_it(app: Flask, client: FlaskClient) -> None:
    fill(client)
    send(app)
    fill(client, page=OTHER)
    send(app)
    asked_from(app, "Harbor Spa", SENDER)
    asked_from(app, "Second Spa", "+12065550177")
    answer(app, "YES", to=SENDER)
    assert confirmed(app) == {"Harbor Spa"}


def test_a_question_that_has_not_left_yet_is_not_answered(app: Flask, client: FlaskClient) -> None:
    fill(client)
    answer(app, "YES")
    assert confirmed(app) == set()
    send(app)
    answer(app, "YES", sid="2")
    assert confirmed(app) == {"Harbor Spa"}


def test_a_question_that_was_refused_is_not_answered(app: Flask, client: FlaskClient) -> None:
    fill(client)
    send(app)
    with app.app_context(), writing() as session:
        session.execute(sa.update(Attempt).values(outcome="refused"))
    answer(app, "YES")
    assert confirmed(app) == set()


def test_a_stop_ends_what_every_organisation_was_told(app: Flask, client: FlaskClient) -> None:
    fill(client)
    fill(client, page=OTHER)
    answer(app, "STOP")
    with app.app_context(), reading() as session:
        homes = session.scalars(sa.select(Organisation.id)).all()
        assert [consent.is_granted(session, home, ANA) for home in homes] == [False, False]
    assert len(rows(app, Attempt.id)) == 0
