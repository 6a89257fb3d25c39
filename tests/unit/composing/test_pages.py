"""The page of a message and its neighbours: what became of it, for the rep, and nothing for another team's."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests import cast
from tests.unit.messages.conftest import Clock, FakeGateway, Written, go
from vidmsg import clock
from vidmsg.composing import recent, story
from vidmsg.database import reading, writing
from vidmsg.messages import links, progress, states
from vidmsg.messages.models import Message, StatusEvent
from vidmsg.people import timeline
from vidmsg.people.models import Person
from vidmsg.sms.gateway import RefusedFinal, Unclear
from vidmsg.videos.models import Video

Enter = Callable[[Any], FlaskClient]


@pytest.fixture
def page(home: cast.Cast, video: Video) -> str:
    return f"/people/{home.maria.id}/write?video={video.id}"


@pytest.fixture
def watched() -> Iterator[dict[str, Any]]:
    """What the customer's page would have told."""
    seen: dict[str, Any] = dict(progress.NOTHING)
    before = dict(progress._sources)
    progress.register(lambda _session, _message: seen)
    yield seen
    progress._sources.clear()
    progress._sources.update(before)


def test_another_team_sees_nothing_of_it(
    home: cast.Cast, sign_in: Enter, page: str, written: Written, video: Video
) -> None:
    message = written.make()
    charlie = sign_in(home.charlie)
    for address in (
        page,
        f"/messages/{message.id}",
        f"/messages/{message.id}/state",
        "/phone/12065550142",
        f"/people/{home.maria.id}/write",
    ):
        assert charlie.get(address).status_code == 404, address
    for action in ("decide", "revoke", "expiry"):
        assert charlie.post(f"/messages/{message.id}/{action}", data={"choice": "cancel"}).status_code == 404
    assert "Maria" not in charlie.get("/phone").text
    assert charlie.post("/phone/12065550142/reply", data={"body": "STOP"}).status_code == 404


def test_the_story_is_polled_with_an_etag(gateway: FakeGateway, bob: FlaskClient, written: Written) -> None:
    address = f"/messages/{written.make().id}/state"
    first = bob.get(address)
    assert bob.get(address, headers={"If-None-Match": first.headers["ETag"]}).status_code == 304
    go()
    second = bob.get(address, headers={"If-None-Match": first.headers["ETag"]})
    assert (second.status_code, second.json["state"]) == (200, states.ACCEPTED)


@pytest.mark.parametrize(
    ("seen", "chip", "told"),
    [
        ({}, "Sent", "Not heard yet."),
        ({"opened_at": clock.UTC}, "Opened", "Opened"),
        ({"opened_at": clock.UTC, "played_at": clock.UTC, "plays": 1}, "Watched", "Watched"),
        ({"opened_at": clock.UTC, "played_at": clock.UTC, "percent": 50, "plays": 1}, "Watched", "50 % so far"),
        ({"opened_at": clock.UTC, "played_at": clock.UTC, "percent": 95, "plays": 2}, "Watched", "to the end, 2 times"),
        (
            {"opened_at": clock.UTC, "played_at": clock.UTC, "percent": 95, "plays": 1, "felt": "loved"},
            "Watched",
            "Loved",
        ),
    ],
)
def test_watching_is_told_as_it_comes(
    gateway: FakeGateway,
    bob: FlaskClient,
    written: Written,
    watched: dict[str, Any],
    seen: dict[str, Any],
    chip: str,
    told: str,
) -> None:
    message = written.make()
    go()
    watched.update({name: clock.now() if value is clock.UTC else value for name, value in seen.items()})
    state = bob.get(f"/messages/{message.id}/state").json
    assert chip in state["chip"]
    assert told in state["story"]


def test_opened_alone_is_never_called_watched(
    gateway: FakeGateway, bob: FlaskClient, written: Written, watched: dict[str, Any]
) -> None:
    message = written.make()
    go()
    watched.update(opened_at=clock.now())
    assert '<li class="past"><h3>Watched' not in bob.get(f"/messages/{message.id}/state").json["story"]


def test_a_failure_stands_on_the_page_as_a_sentence(gateway: FakeGateway, bob: FlaskClient, written: Written) -> None:
    gateway.outcomes = [RefusedFinal(21614, "not a mobile number")]
    message = written.make()
    go()
    shown = bob.get(f"/messages/{message.id}").text
    assert "Didn&#39;t arrive" in shown
    assert "Ask for a mobile number." in shown


def test_an_unconfirmed_one_asks_for_a_decision(
    gateway: FakeGateway, bob: FlaskClient, written: Written, look: Callable[[Message], Message]
) -> None:
    gateway.outcomes = [Unclear("timeout")]
    message = written.make()
    go()
    with writing() as session:
        session.get_one(Message, message.id).state = states.UNCONFIRMED
    shown = bob.get(f"/messages/{message.id}").text
    assert "We are not sure this one arrived" in shown
    assert "It arrived" in shown
    assert "Send again" in shown
    bob.post(f"/messages/{message.id}/decide", data={"choice": "arrived"})
    assert look(message).state == states.DELIVERED


def test_a_scheduled_one_can_be_kept_back_and_a_sent_one_cannot(
    gateway: FakeGateway, bob: FlaskClient, written: Written, look: Callable[[Message], Message]
) -> None:
    first, second = written.make(), written.make()
    bob.post(f"/messages/{first.id}/decide", data={"choice": "cancel"})
    go()
    answer = bob.post(f"/messages/{second.id}/decide", data={"choice": "cancel"}, follow_redirects=True)
    assert (look(first).state, look(second).state) == (states.CANCELED, states.ACCEPTED)
    assert "Too late to cancel: it left at" in answer.text
    assert bob.post(f"/messages/{second.id}/decide", data={"choice": "explode"}).status_code == 400


def test_a_link_can_be_closed(bob: FlaskClient, client: FlaskClient, written: Written) -> None:
    message = written.make()
    with reading() as session:
        link = links.current(session, message.id)
    assert link is not None
    assert client.get(f"/v/{link.token}").status_code == 200
    assert "The link is closed." in bob.post(f"/messages/{message.id}/revoke", follow_redirects=True).text
    assert client.get(f"/v/{link.token}").status_code != 200


def test_a_link_runs_out_when_somebody_says_so(bob: FlaskClient, written: Written, time: Clock) -> None:
    message = written.make()
    assert "It does not run out unless you say so." in bob.get(f"/messages/{message.id}").text
    bob.post(f"/messages/{message.id}/expiry", data={"until": "2026-04-01"})
    assert "It works until the end of 1 April." in bob.get(f"/messages/{message.id}").text
    with reading() as session:
        link = links.current(session, message.id)
        assert link is not None
        assert link.expires_at == dt.datetime(2026, 4, 2, 7, 0, tzinfo=dt.UTC)  # midnight in Seattle
    bob.post(f"/messages/{message.id}/expiry", data={"until": ""})
    assert "It does not run out unless you say so." in bob.get(f"/messages/{message.id}").text


@pytest.mark.parametrize("until", ["yesterday", "2026-13-01", "9999-12-31T00:00"])
def test_an_odd_last_day_is_refused(bob: FlaskClient, written: Written, until: str) -> None:
    assert bob.post(f"/messages/{written.make().id}/expiry", data={"until": until}).status_code == 400


@pytest.mark.parametrize(
    ("until", "told"),
    [("2026-03-01", "That day is over."), ("9999-12-31", "too far away"), ("2127-01-01", "too far away")],
)
def test_a_last_day_that_cannot_be_is_told_in_a_sentence(
    bob: FlaskClient, written: Written, until: str, told: str
) -> None:
    message = written.make()
    answer = bob.post(f"/messages/{message.id}/expiry", data={"until": until}, follow_redirects=True)
    assert answer.status_code == 200
    assert told in answer.text
    with reading() as session:
        link = links.current(session, message.id)
        assert link is not None
        assert link.expires_at is None


def test_the_persons_page_tells_of_it(
    gateway: FakeGateway, bob: FlaskClient, home: cast.Cast, written: Written
) -> None:
    from tests.unit.messages.test_inbound import come

    written.make()
    go()
    come("How kind!")
    shown = bob.get(f"/people/{home.maria.id}").text
    assert "A video from Bob: sent" in shown
    assert "How kind!" in shown


def test_the_list_for_today_is_the_reps_own_with_a_word_each(
    gateway: FakeGateway, home: cast.Cast, written: Written, app: Flask
) -> None:
    message = written.make()
    go()
    with app.test_request_context(), reading() as session:
        (line,) = recent.for_user(session, session.merge(home.bob), 5)
        assert (line.id, line.person.first_name, line.state_chip) == (message.id, "Maria", ("Sent", "sky", "dotted"))
        assert recent.for_user(session, session.merge(home.alice), 5) == []


@pytest.mark.parametrize("state", sorted(states.STATES))
def test_every_state_has_a_word_a_story_and_a_page(
    gateway: FakeGateway, bob: FlaskClient, written: Written, app: Flask, state: str
) -> None:
    message = written.make()
    go()
    with writing() as session:
        session.get_one(Message, message.id).state = state
        session.add(StatusEvent(message_id=message.id, to_state=state, mover="a test", at=clock.now()))
    assert bob.get(f"/messages/{message.id}").status_code == 200
    with app.test_request_context(), reading() as session:
        row = session.get_one(Message, message.id)
        word, tint, ring = story.chip(row, progress.NOTHING)
        assert word
        assert tint
        assert ring in {"dashed", "open", "half", "dotted", "full", "cross"}
        entries = list(timeline.of(session, session.get_one(Person, row.person_id)))
        assert any("video from Bob" in entry.title for entry in entries) is (state != states.CANCELED)


def test_the_practice_phone_knows_only_numbers_of_people(bob: FlaskClient) -> None:
    for number in ("12065550188", "+12065550142", "x", "٣"):
        assert bob.get(f"/phone/{number}").status_code == 404


def test_an_empty_answer_is_refused(bob: FlaskClient) -> None:
    assert bob.post("/phone/12065550142/reply", data={"body": "  "}).status_code == 400
