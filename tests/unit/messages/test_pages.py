"""The pages: writing, what became of it, the practice phone. What a rep sees and what another team's rep does not."""

from __future__ import annotations

import datetime as dt
import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests import cast
from tests.unit.messages.conftest import FIRST, Clock, FakeGateway, Written
from vidmsg import clock, tokens
from vidmsg.database import reading, writing
from vidmsg.messages import links, progress, recent, sending, states, story
from vidmsg.messages.models import Message, StatusEvent
from vidmsg.people import consent, timeline
from vidmsg.people.models import Person
from vidmsg.sms.gateway import RefusedFinal, Unclear
from vidmsg.videos.models import PREPARING, Video

Enter = Callable[[Any], FlaskClient]
NIGHT = dt.datetime(2026, 3, 5, 6, 40, tzinfo=dt.UTC)  # 22:40 in Seattle


@pytest.fixture
def bob(home: cast.Cast, sign_in: Enter) -> FlaskClient:
    return sign_in(home.bob)


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


def form(**given: str) -> dict[str, str]:
    return {"body": FIRST, "words": "", "plain": "y", "request_key": tokens.new_token()} | given


def go() -> None:
    sending.send_due(threading.Event())


def messages() -> list[Message]:
    with reading() as session:
        return session.query(Message).all()


def test_the_page_begins_with_words_that_may_be_sent(bob: FlaskClient, page: str) -> None:
    shown = bob.get(page).text
    assert "it&#39;s Bob from Harbor Spa" in shown
    assert "Reply STOP to opt out." in shown
    assert "of 160 characters with the link: one text" in shown
    assert "Maria agreed to texts on 4 March." in shown
    assert "Send now" in shown


def test_at_night_the_page_says_when_it_will_go(bob: FlaskClient, page: str, time: Clock) -> None:
    time.at(NIGHT)
    shown = bob.get(page).text
    assert "It is 22:40 for Maria. This will go at 9:00, Maria&#39;s morning." in shown
    assert "Send at 9:00" in shown
    answer = bob.post(page, data=form(), follow_redirects=True)
    assert "It is 22:40 for Maria. This will go at 9:00" in answer.text
    assert messages()[0].due_at == dt.datetime(2026, 3, 5, 17, 0, tzinfo=dt.UTC)


def test_sending_the_page_twice_makes_one_message(bob: FlaskClient, page: str) -> None:
    given = form()
    first, second = bob.post(page, data=given), bob.post(page, data=given)
    assert first.headers["Location"] == second.headers["Location"]
    assert len(messages()) == 1


def test_without_consent_there_is_no_button_but_a_way_to_the_agreement(
    bob: FlaskClient, home: cast.Cast, video: Video
) -> None:
    with writing() as session:
        tom = cast.customer(session, session.merge(home.bob), "Tom", "", "+12065550143", agreed=False)
    shown = bob.get(f"/people/{tom.id}/write?video={video.id}").text
    assert "Tom has not agreed to texts yet, so nothing is sent." in shown
    assert "Send now" not in shown
    assert f"/people/{tom.id}#consent" in shown
    assert bob.post(f"/people/{tom.id}/write", data=form()).status_code == 200
    assert messages() == []


def test_a_refused_text_keeps_what_was_written(bob: FlaskClient, page: str) -> None:
    answer = bob.post(page, data=form(body="Hello Maria, no more words", words="Thank you"))
    assert "The first text must say who it is from. Write “Harbor Spa” in it." in answer.text
    assert "Hello Maria, no more words" in answer.text
    assert "Thank you" in answer.text


def test_curly_quotes_are_made_plain_unless_they_are_wanted(bob: FlaskClient, page: str) -> None:
    curly = FIRST.replace("'", "’")
    bob.post(page, data=form(body=curly))
    kept = form(body=curly)
    del kept["plain"]
    bob.post(page, data=kept)
    assert sorted(message.body for message in messages()) == sorted([FIRST, curly])


def test_a_second_link_is_warned_of_and_sent_all_the_same(bob: FlaskClient, page: str) -> None:
    answer = bob.post(page, data=form(body=FIRST + " www.example.com"), follow_redirects=True)
    assert "There is a second link in the text." in answer.text
    assert len(messages()) == 1


def test_a_silent_video_is_told_before_sending(bob: FlaskClient, page: str, video: Video) -> None:
    with writing() as session:
        session.get_one(Video, video.id).silent = True
    assert "We hear almost nothing" in bob.get(page).text


def test_a_video_that_cannot_play_has_no_send_button(bob: FlaskClient, page: str, video: Video) -> None:
    with writing() as session:
        session.get_one(Video, video.id).state = "failed"
    shown = bob.get(page).text
    assert "Send now" not in shown
    assert "Record another" in shown


def test_a_video_in_the_making_is_waited_for(bob: FlaskClient, page: str, video: Video) -> None:
    with writing() as session:
        session.get_one(Video, video.id).state = PREPARING
    answer = bob.post(page, data=form(), follow_redirects=True)
    assert "It goes as soon as the video is ready." in answer.text
    assert "Waits for the video" in answer.text


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
    assert "Too late: it left at" in answer.text
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


def test_a_reply_is_answered_without_a_video_and_is_seen_then(
    gateway: FakeGateway, bob: FlaskClient, home: cast.Cast, written: Written
) -> None:
    from tests.unit.messages.test_inbound import come
    from vidmsg.messages import replies

    message = written.make()
    go()
    kept = come("Oh Bob. Five years!")
    assert kept is not None
    assert "Write back" in bob.get(f"/messages/{message.id}").text
    address = f"/people/{home.maria.id}/write?reply={kept.id}"
    assert "Oh Bob. Five years!" in bob.get(address).text
    bob.post(address, data=form(body="You made my day."))
    go()
    assert gateway.sent[-1]["body"] == "You made my day."
    with reading() as session:
        assert replies.unseen(session, session.merge(home.bob)) == []


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


def test_consent_on_the_page_is_asked_again_when_it_is_sent(bob: FlaskClient, home: cast.Cast, page: str) -> None:
    bob.get(page)
    with writing() as session:
        consent.revoke(
            session, organisation_id=home.organisation.id, phone=cast.MARIA_PHONE, words="STOP", source="text"
        )
    assert "asked us to stop" in bob.post(page, data=form()).text
    assert messages() == []
