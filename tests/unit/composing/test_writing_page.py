"""The page where a text is written: what it tells beforehand, what it refuses, and that it sends once."""

from __future__ import annotations

import datetime as dt

import pytest
from flask.testing import FlaskClient

from tests import cast
from tests.unit.messages.conftest import FIRST, Clock, FakeGateway, Written, form, go
from vidmsg.database import reading, writing
from vidmsg.messages.models import Message
from vidmsg.people import consent
from vidmsg.videos.models import PREPARING, Video

NIGHT = dt.datetime(2026, 3, 5, 6, 40, tzinfo=dt.UTC)  # 22:40 in Seattle


@pytest.fixture
def page(home: cast.Cast, video: Video) -> str:
    return f"/people/{home.maria.id}/write?video={video.id}"


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


def test_consent_on_the_page_is_asked_again_when_it_is_sent(bob: FlaskClient, home: cast.Cast, page: str) -> None:
    bob.get(page)
    with writing() as session:
        consent.revoke(
            session, organisation_id=home.organisation.id, phone=cast.MARIA_PHONE, words="STOP", source="text"
        )
    assert "asked us to stop" in bob.post(page, data=form()).text
    assert messages() == []
