"""A day goes to a colleague, and the text that waits for her video is from her: by the calendar, and on Today."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from tests import cast
from tests.postgres import both_databases
from tests.unit.calendar import asking
from tests.unit.calendar.asking import NOW
from vidmsg import clock
from vidmsg.accounts.models import User
from vidmsg.asking import unasked
from vidmsg.database import reading, writing
from vidmsg.messages import deciding, planned, states
from vidmsg.messages.models import Link, Message, StatusEvent
from vidmsg.milestones.models import Occurrence
from vidmsg.people.models import Person
from vidmsg.videos.models import Video
from vidmsg.watching import letter

pytestmark = both_databases
SignIn = Callable[[Any], FlaskClient]
REASON = "The words say Bob. Change them, then let it go."


@pytest.fixture
def people(app: Flask, monkeypatch: pytest.MonkeyPatch) -> cast.Cast:
    """Everybody, on Tuesday 24 November 2026, at ten in the morning in Seattle."""
    monkeypatch.setattr(clock, "now", lambda: NOW)
    with app.app_context(), writing() as session:
        return cast.put_in(session)


@pytest.fixture
def bob(people: cast.Cast, sign_in: SignIn) -> FlaskClient:
    return sign_in(people.bob)


def given(app: Flask, people: cast.Cast, state: str = states.PLANNED, **values: Any) -> tuple[int, str]:
    """Maria's day tomorrow, Bob's to record for, and his text for it."""
    with app.app_context(), writing() as session:
        maria, his = session.get_one(Person, people.maria.id), session.get_one(User, people.bob.id)
        day = asking.day(session, maria, his, 1)
        if state != states.PLANNED:
            values["video_id"] = asking.take(session, day, his).id
        made = asking.message(session, maria, his, state, occurrence_id=day.id, no_video="ask", **values)
        return day.id, made.id


def hand(bob: FlaskClient, people: cast.Cast, day: int, way: str) -> None:
    address = f"/calendar/{day}/assign" if way == "calendar" else f"/today/{day}/hand"
    answer = bob.post(address, data={"to": people.alice.id, "was": people.bob.id})
    assert answer.status_code == 302


def read(app: Flask, message_id: str) -> Message:
    with app.app_context(), reading() as session:
        return session.get_one(Message, message_id)


@pytest.mark.parametrize("way", ["calendar", "today"])
def test_a_text_that_waits_for_its_video_is_from_whoever_records_it(
    app: Flask, people: cast.Cast, bob: FlaskClient, way: str
) -> None:
    day, text = given(app, people)
    hand(bob, people, day, way)
    assert (read(app, text).state, read(app, text).sender_id) == (states.PLANNED, people.alice.id)


def test_the_customers_page_then_shows_the_one_in_the_video(app: Flask, people: cast.Cast, bob: FlaskClient) -> None:
    day, text = given(app, people)
    hand(bob, people, day, "calendar")
    with app.app_context(), writing() as session:
        alice = session.get_one(User, people.alice.id)
        hers = asking.take(session, session.get_one(Occurrence, day), alice)
        planned.take_chosen(session, session.get_one(Video, hers.id), day)
        link = session.scalars(sa.select(Link).where(Link.message_id == text)).one()
        assert letter.compose(session, link).sender_first == "Alice"


@pytest.mark.parametrize("way", ["calendar", "today"])
@pytest.mark.parametrize("named", [{"body": "Hi Maria, it's Bob"}, {"words": "All the best, BOB"}])
def test_words_that_name_the_one_before_are_held_and_say_why(
    app: Flask, people: cast.Cast, bob: FlaskClient, way: str, named: dict[str, str]
) -> None:
    day, text = given(app, people, **named)
    hand(bob, people, day, way)
    held = read(app, text)
    assert (held.state, held.reason, held.sender_id) == (states.HELD, REASON, people.bob.id)
    with app.app_context(), reading() as session:
        event = session.scalars(sa.select(StatusEvent).where(StatusEvent.message_id == text)).one()
        assert (event.from_state, event.to_state, event.detail) == (states.PLANNED, states.HELD, REASON)


@pytest.mark.parametrize("state", [states.SCHEDULED, states.HELD, states.CLAIMED, states.SENT])
def test_a_text_that_has_his_video_stays_his(app: Flask, people: cast.Cast, bob: FlaskClient, state: str) -> None:
    day, text = given(app, people, state, body="Hi Maria, it's Bob")
    hand(bob, people, day, "calendar")
    assert (read(app, text).state, read(app, text).sender_id) == (state, people.bob.id)


def test_a_day_that_was_not_handed_over_leaves_its_text_alone(app: Flask, people: cast.Cast, bob: FlaskClient) -> None:
    day, text = given(app, people)
    answer = bob.post(f"/calendar/{day}/assign", data={"to": people.alice.id, "was": people.charlie.id})
    assert answer.status_code == 409
    assert read(app, text).sender_id == people.bob.id


OTHERS = "Hi Maria, it's Alice from Harbor Spa. Reply STOP to opt out."


def change(client: FlaskClient, text: Message, body: str) -> None:
    client.post(f"/messages/{text.id}/change", data={"seen": str(text.version), "body": body})


def release(client: FlaskClient, text: str) -> None:
    client.post(f"/messages/{text}/decide", data={"choice": "release"})


@pytest.mark.parametrize("who", ["alice", "bob"])
def test_with_other_words_it_is_from_whoever_has_the_day_and_waits_for_her_video(
    app: Flask, people: cast.Cast, sign_in: SignIn, bob: FlaskClient, who: str
) -> None:
    day, text = given(app, people, body="Hi Maria, it's Bob")
    hand(bob, people, day, "calendar")
    client = sign_in(getattr(people, who))
    change(client, read(app, text), OTHERS)
    assert (read(app, text).state, read(app, text).body) == (states.HELD, OTHERS)
    assert read(app, text).sender_id == people.alice.id
    assert "Let it wait for its video" in client.get(f"/messages/{text}").text
    release(client, text)
    left = read(app, text)
    assert (left.state, left.sender_id, left.look_at) == (states.PLANNED, people.alice.id, left.due_at)


@pytest.mark.parametrize("body", ["Hi Maria Bobbins", "Ribbon and kebob", "Hi Maria, it’s bobsleigh time"])
def test_letters_of_a_name_inside_another_word_hold_nothing(
    app: Flask, people: cast.Cast, bob: FlaskClient, body: str
) -> None:
    day, text = given(app, people, body=body)
    hand(bob, people, day, "calendar")
    assert (read(app, text).state, read(app, text).sender_id) == (states.PLANNED, people.alice.id)


@pytest.mark.parametrize("body", ["It's Bob's turn", "(Bob) says hi", "Hello! BOB", "Bob-Harbor Spa"])
def test_the_name_as_a_word_holds(app: Flask, people: cast.Cast, bob: FlaskClient, body: str) -> None:
    day, text = given(app, people, body=body)
    hand(bob, people, day, "calendar")
    assert read(app, text).state == states.HELD


def test_the_day_of_a_held_text_stands_on_todays_page_of_whoever_has_it_now(
    app: Flask, people: cast.Cast, sign_in: SignIn, bob: FlaskClient
) -> None:
    day, text = given(app, people, body="Hi Maria, it's Bob")
    hand(bob, people, day, "calendar")
    hers, his = sign_in(people.alice).get("/").text, bob.get("/").text
    assert f"/record/{people.maria.id}?occurrence={day}" in hers
    assert f"/messages/{text}" in hers
    assert REASON in hers
    assert REASON not in his
    with app.app_context(), reading() as session:
        alice = session.get_one(User, people.alice.id)
        assert unasked.days(session, [alice]) == [(alice.id, day)]


def test_a_held_text_of_a_day_that_nobody_has_stays_with_its_writer(
    app: Flask, people: cast.Cast, sign_in: SignIn, bob: FlaskClient
) -> None:
    day, _text = given(app, people, body="Hi Maria, it's Bob")
    hand(bob, people, day, "calendar")
    with app.app_context(), writing() as session:
        session.get_one(Occurrence, day).assignee_id = None
    assert REASON in bob.get("/").text
    assert REASON not in sign_in(people.alice).get("/").text


def recorded(app: Flask, people: cast.Cast, day: int) -> None:
    """Alice recorded for the day, and kept it."""
    with app.app_context(), writing() as session:
        hers = asking.take(session, session.get_one(Occurrence, day), session.get_one(User, people.alice.id))
        planned.take_chosen(session, session.get_one(Video, hers.id), day)


@pytest.mark.parametrize("has_take", [False, True])
def test_nobody_lets_it_go_while_it_says_the_other_name(
    app: Flask, people: cast.Cast, sign_in: SignIn, bob: FlaskClient, has_take: bool
) -> None:
    day, text = given(app, people, body="Hi Maria, it's Bob from Harbor Spa")
    hand(bob, people, day, "calendar")
    if has_take:
        recorded(app, people, day)
    alice = sign_in(people.alice)
    for client in (alice, bob):
        release(client, text)
        assert "The words still say Bob. Change them first, then let it go." in client.get(f"/messages/{text}").text
        assert read(app, text).state == states.HELD
    change(alice, read(app, text), OTHERS)
    release(alice, text)
    expected = states.SCHEDULED if has_take else states.PLANNED
    assert (read(app, text).state, read(app, text).sender_id) == (expected, people.alice.id)


def test_the_managers_list_says_that_it_waits_for_its_video(
    app: Flask, people: cast.Cast, sign_in: SignIn, bob: FlaskClient
) -> None:
    day, text = given(app, people, body="Hi Maria, it's Bob")
    hand(bob, people, day, "calendar")
    alice = sign_in(people.alice)
    assert "Let it wait for its video" in alice.get("/operating?kind=held").text
    recorded(app, people, day)
    shown = alice.get("/operating?kind=held").text
    assert "Let it wait for its video" not in shown
    assert "Send it" in shown
    assert text in shown


def test_where_nobody_has_the_day_whoever_changed_the_words_speaks(
    app: Flask, people: cast.Cast, sign_in: SignIn, bob: FlaskClient
) -> None:
    day, text = given(app, people, body="Hi Maria, it's Bob")
    hand(bob, people, day, "calendar")
    with app.app_context(), writing() as session:
        session.get_one(Occurrence, day).assignee_id = None
    change(sign_in(people.alice), read(app, text), OTHERS)
    assert read(app, text).sender_id == people.alice.id


def test_a_day_that_came_back_is_his_again(app: Flask, people: cast.Cast, sign_in: SignIn, bob: FlaskClient) -> None:
    day, text = given(app, people, body="Hi Maria, it's Bob")
    hand(bob, people, day, "calendar")
    back = {"to": people.bob.id, "was": people.alice.id}
    sign_in(people.alice).post(f"/calendar/{day}/assign", data=back)
    release(bob, text)
    assert (read(app, text).state, read(app, text).sender_id) == (states.PLANNED, people.bob.id)


def test_words_that_a_colleague_changes_for_another_reason_stay_his(
    app: Flask, people: cast.Cast, sign_in: SignIn
) -> None:
    _day, text = given(app, people, states.SCHEDULED)
    change(sign_in(people.alice), read(app, text), "Maria, Harbor Spa says hello. Reply STOP to opt out.")
    assert read(app, text).sender_id == people.bob.id


@pytest.mark.parametrize("named", [False, True])
def test_a_text_that_fell_due_without_a_video_waits_for_hers_as_well(
    app: Flask, people: cast.Cast, bob: FlaskClient, named: bool
) -> None:
    day, text = given(app, people, body="It's Bob" if named else "Hi")
    with app.app_context(), writing() as session:
        planned.fall_due(session, session.get_one(Message, text))
    assert read(app, text).reason == planned.NO_VIDEO
    hand(bob, people, day, "calendar")
    with app.app_context(), writing() as session:
        hers = asking.take(session, session.get_one(Occurrence, day), session.get_one(User, people.alice.id))
        planned.take_chosen(session, hers, day)
    left = read(app, text)
    expected = (states.HELD, people.bob.id, REASON) if named else (states.SCHEDULED, people.alice.id, None)
    assert (left.state, left.sender_id, left.reason) == expected


def test_one_that_came_to_its_moment_goes_alone_when_it_is_let_go(app: Flask, people: cast.Cast) -> None:
    _day, text = given(app, people)
    with app.app_context(), writing() as session:
        planned.fall_due(session, session.get_one(Message, text))
        assert deciding.release(session, session.get_one(Message, text))
    assert (read(app, text).state, read(app, text).sender_id) == (states.SCHEDULED, people.bob.id)
