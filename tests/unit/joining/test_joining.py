"""The public join page: whoever fills it in, what is kept, what is texted, and what nobody learns from it."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from tests import cast
from tests.postgres import both_databases
from tests.unit.joining.filling import ANA, FORM, PAGE, answer, fill, rows, send
from vidmsg import clock
from vidmsg.accounts.models import Organisation, User
from vidmsg.database import reading, writing
from vidmsg.joining import wording
from vidmsg.messages import compose, deciding
from vidmsg.messages.models import Attempt, Message
from vidmsg.milestones import keeping as dates
from vidmsg.milestones.keeping import Details
from vidmsg.milestones.models import Milestone
from vidmsg.people import consent, keeping
from vidmsg.people.models import JoinRequest, Person
from vidmsg.web.limits import limiter

pytestmark = both_databases


def test_it_makes_the_person_the_ledger_entry_the_birthday_and_one_text(app: Flask, client: FlaskClient) -> None:
    assert "Look at your phone" in fill(client)
    ana = rows(app, Person.first_name, Person.last_name, Person.time_zone).pop()
    assert ana == ("Ana", "Ito", "America/Los_Angeles")
    assert (2, 29, None) in rows(app, Milestone.month, Milestone.day, Milestone.year)
    with app.app_context(), reading() as session:
        entry = consent.current(session, session.execute(sa.select(Organisation.id)).scalar_one(), ANA)
        assert entry
        assert (entry.action, entry.source) == ("granted", "web form")
        with app.test_request_context():
            assert entry.words == wording.consent(session.execute(sa.select(Organisation)).scalar_one())
    assert rows(app, Message.phone, Message.purpose) == [(ANA, "confirm")]


def test_the_words_on_the_page_are_those_that_are_kept(app: Flask, client: FlaskClient) -> None:
    page = re.sub(r"\s+", " ", client.get(PAGE).get_data(as_text=True))
    fill(client)
    assert rows(app, JoinRequest.words).pop()[0] in page


def test_the_question_goes_and_nothing_else_until_she_says_yes(
    app: Flask, client: FlaskClient, home: cast.Cast
) -> None:
    fill(client)
    send(app)
    assert (
        rows(app, Attempt.body)
        .pop()[0]
        .startswith("Harbor Spa: you asked for personal video texts, a few a year. Reply YES")
    )
    assert rows(app, Person.hold_reason).count(("Waits for a YES by text.",)) == 1
    answer(app, "Yes!")
    assert ("Waits for a YES by text.",) not in rows(app, Person.hold_reason)
    assert (None,) not in rows(app, JoinRequest.confirmed_at)


@pytest.mark.parametrize("word", ["no", "yes but who is this", "maybe"])
def test_other_words_are_no_yes(app: Flask, client: FlaskClient, word: str) -> None:
    fill(client)
    answer(app, word)
    assert rows(app, JoinRequest.confirmed_at) == [(None,)]


def test_whoever_is_known_stopped_or_new_gets_the_same_answer(app: Flask, client: FlaskClient, home: cast.Cast) -> None:
    new = fill(client)
    known = fill(client, phone=cast.MARIA_PHONE)
    answer(app, "STOP")
    stopped = fill(client)
    assert new == known == stopped
    assert rows(app, Message.phone) == [(ANA,)]
    with app.app_context(), reading() as session:
        assert not consent.is_granted(session, home.organisation.id, ANA)
        assert session.get_one(Person, home.maria.id).hold_until is None


def test_a_number_is_asked_once_a_month_however_often_it_is_typed(app: Flask, client: FlaskClient) -> None:
    for _ in range(3):
        fill(client)
    assert len(rows(app, Message.id)) == 1
    assert len(rows(app, Person.id)) == 2


@pytest.mark.parametrize("state", ["failed", "undelivered", "canceled", "suppressed"])
def test_whom_the_question_never_reached_may_fill_it_in_once_more(app: Flask, client: FlaskClient, state: str) -> None:
    fill(client)
    with app.app_context(), writing() as session:
        session.execute(sa.update(Message).values(state=state))
    fill(client)
    assert sorted(rows(app, Message.phone, Message.state)) == sorted([(ANA, state), (ANA, "scheduled")])
    fill(client)
    assert len(rows(app, Message.id)) == 2


@pytest.mark.parametrize("known_before", [True, False])
def test_the_birthday_of_somebody_who_is_known_is_kept_once_her_yes_is_there(
    app: Flask, client: FlaskClient, home: cast.Cast, known_before: bool
) -> None:
    with app.app_context(), writing() as session:
        ana = cast.customer(session, home.bob, "Ana", "Ito", ANA, agreed=False)
        if known_before:
            dates.add(session, ana, Details("birthday", month=5, day=17, year=1990), home.bob.id)
    before = [(5, 17, 1990)] if known_before else []
    fill(client)
    send(app)
    assert rows(app, Milestone.month, Milestone.day, Milestone.year) == before
    answer(app, "YES")
    answer(app, "YES", sid="2")
    assert rows(app, Milestone.month, Milestone.day, Milestone.year) == (before or [(2, 29, None)])


@pytest.mark.parametrize("source", ["in person", "phone", "list"])
def test_a_no_that_somebody_noted_is_not_undone_by_typing_the_number(
    app: Flask, client: FlaskClient, home: cast.Cast, source: str
) -> None:
    with app.app_context(), writing() as session:
        said = {"words": "Please don't.", "source": source}
        consent.revoke(session, organisation_id=home.organisation.id, phone=cast.MARIA_PHONE, **said)
    fill(client, phone=cast.MARIA_PHONE)
    assert rows(app, Message.phone) == []
    with app.app_context(), reading() as session:
        assert not consent.is_granted(session, home.organisation.id, cast.MARIA_PHONE)


@pytest.mark.parametrize("lifted", [False, True])
def test_until_her_yes_nothing_goes_whatever_becomes_of_the_pause(
    app: Flask, client: FlaskClient, home: cast.Cast, lifted: bool
) -> None:
    fill(client)
    send(app)
    with app.app_context():
        with writing() as session:
            ana = session.scalars(sa.select(Person).where(Person.phone == ANA)).one()
            if lifted:
                keeping.resume(session, ana, home.bob.id)
            else:
                keeping.pause(session, ana, home.bob.id, until=clock.now() - dt.timedelta(days=1), reason="Over.")
            bob = session.get_one(User, home.bob.id)
            more = {"video": None, "body": "Hi Ana, Bob from Harbor Spa. Reply STOP to opt out.", "words": ""}
            compose.compose(session, sender=bob, person=ana, request_key="more", due_at=clock.now(), **more)
        send(app)
    assert len(rows(app, Attempt.id)) == 1
    assert ("Ana has not answered YES yet. Ask her, or let it be.",) in rows(app, Message.reason)
    answer(app, "YES")
    with app.app_context(), writing() as session:
        held = session.scalars(sa.select(Message).where(Message.purpose != "confirm")).one()
        assert deciding.release(session, held)
    send(app)
    assert len(rows(app, Attempt.id)) == 2


def test_a_month_later_whoever_still_waits_is_asked_once_more(
    app: Flask, client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(client)
    later = clock.now() + dt.timedelta(days=31)
    monkeypatch.setattr(clock, "now", lambda: later)
    fill(client)
    assert rows(app, JoinRequest.confirmed_at) == [(None,), (None,)]
    assert len(rows(app, Message.id)) == 2


def test_a_robot_that_fills_the_hidden_field_is_thanked_and_forgotten(app: Flask, client: FlaskClient) -> None:
    assert fill(client, website="http://casino.example") == fill(client, website="x")
    assert rows(app, JoinRequest.id) == []


@pytest.mark.parametrize(
    ("change", "told"),
    [({"agreed": ""}, "Without your yes"), ({"phone": "12"}, "short"), ({"first_name": " "}, "What may we call you"),
     ({"day": ""}, "month and the day"), ({"day": "31"}, "no such day")],
)  # fmt: skip
def test_what_is_wrong_is_said_and_nothing_is_kept(
    app: Flask, client: FlaskClient, change: dict[str, str], told: str
) -> None:
    answer = client.post(PAGE, data={**FORM, **change})
    assert answer.status_code == 422
    assert told in answer.get_data(as_text=True)
    assert rows(app, JoinRequest.id) == []


@pytest.fixture
def limits(app: Flask) -> Iterator[None]:
    """The limits count, from zero."""
    limiter.enabled = True
    limiter.reset()
    yield
    limiter.reset()
    limiter.enabled = False


def tries(client: FlaskClient, address: str, times: int) -> set[int]:
    """What an address gets that sends the form so many times, with nothing in it."""
    return {client.post(PAGE, environ_base={"REMOTE_ADDR": address}).status_code for _ in range(times)}


@pytest.mark.usefixtures("limits")
def test_an_address_and_the_organisation_as_a_whole_may_send_only_so_often(client: FlaskClient) -> None:
    assert tries(client, "203.0.113.1", 100) == {422}  # all guests of a shop's Wi-Fi are one address
    assert tries(client, "203.0.113.1", 50) == {429}  # it alone uses nothing up
    assert set().union(*(tries(client, f"198.51.100.{number}", 100) for number in range(2))) == {422}
    answer = client.post(PAGE, environ_base={"REMOTE_ADDR": "203.0.113.2"})
    assert answer.status_code == 429
    assert "One moment, please" in answer.get_data(as_text=True)
    assert client.get(PAGE, environ_base={"REMOTE_ADDR": "203.0.113.2"}).status_code == 200


def test_it_sets_no_cookie_and_a_closed_page_is_nowhere(app: Flask, client: FlaskClient) -> None:
    for path in (PAGE, f"{PAGE}/privacy"):
        got = client.get(path)
        assert got.status_code == 200
        assert "Set-Cookie" not in got.headers
    assert "Set-Cookie" not in client.post(PAGE, data=FORM).headers
    assert client.get("/join/another").status_code == 404


def test_the_manager_opens_prints_and_closes_it(client: FlaskClient, sign_in: Any, home: cast.Cast) -> None:
    alice = sign_in(home.alice)
    desk = alice.get("/settings/joining/").get_data(as_text=True)
    assert PAGE in desk
    assert "Answer to STOP" in desk
    assert "Harbor Spa" in desk
    assert alice.get("/settings/joining/qr.svg").mimetype == "image/svg+xml"
    alice.post("/settings/joining/close")
    assert client.get(PAGE).status_code == 404
    assert alice.get("/settings/joining/qr.svg").status_code == 404
    page = alice.post("/settings/joining/open", follow_redirects=True).get_data(as_text=True)
    fresh = re.search(r"/join/[\w-]{22}", page)
    assert fresh
    assert client.get(fresh[0]).status_code == 200
