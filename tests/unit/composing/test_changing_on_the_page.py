"""A message's own page: other words, another moment and taking it back while it waits; a missed one made good; and who
comes too late hears it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
from flask.testing import FlaskClient

from tests import cast
from tests.postgres import both_databases
from tests.unit.messages.conftest import FIRST, NOON, Clock, FakeGateway, Written, go
from vidmsg import clock, tokens
from vidmsg.accounts.models import Organisation, User
from vidmsg.database import reading, writing
from vidmsg.messages import approval, compose, sending, states
from vidmsg.messages.models import Message
from vidmsg.people.models import Person

pytestmark = both_databases

SignIn = Callable[[Any], FlaskClient]
OTHER = "Maria, Bob from Harbor Spa here again. Reply STOP to opt out."


@pytest.fixture
def message(home: cast.Cast) -> Message:
    """A plain text of Bob's for the fifth of March, ten past nine in Seattle; his clock is Chicago's."""
    with writing() as session:
        bob = session.get_one(User, home.bob.id)
        bob.time_zone = "America/Chicago"
        return compose.compose(
            session, sender=bob, person=session.get_one(Person, home.maria.id), video=None, body=FIRST, words="",
            request_key=tokens.new_token(), due_at=dt.datetime(2026, 3, 5, 17, 10, tzinfo=dt.UTC),
            plan=compose.Plan(send_on=dt.date(2026, 3, 5)),
        )  # fmt: skip


@pytest.fixture
def missed(message: Message, time: Clock, gateway: FakeGateway) -> Message:
    """The same, two days after the server was down over its day."""
    time.at(NOON + dt.timedelta(days=3))
    go()
    assert now(message).state == states.MISSED
    return message


def now(message: Message) -> Message:
    with reading() as session:
        return session.get_one(Message, message.id)


def change(browser: FlaskClient, message: Message, **given: str) -> Any:
    data = {"seen": str(now(message).version)} | given
    return browser.post(f"/messages/{message.id}/change", data=data, follow_redirects=True)


def test_both_times_stand_on_the_page(bob: FlaskClient, message: Message) -> None:
    shown = bob.get(f"/messages/{message.id}").text
    assert "Thursday 5 March, 9:10 Maria&#39;s time" in shown
    assert "(11:10 yours)" in shown


def test_other_words_leave_its_moment_alone(bob: FlaskClient, message: Message) -> None:
    answer = change(bob, message, body=OTHER)
    assert "Changed." in answer.text
    assert (now(message).body, now(message).due_at) == (OTHER, message.due_at)


def test_another_moment_leaves_its_words_alone(bob: FlaskClient, message: Message) -> None:
    change(bob, message, when="other", day="2026-03-06", at="12:00", clock="mine")
    assert now(message).due_at == dt.datetime(2026, 3, 6, 18, 0, tzinfo=dt.UTC)
    assert (now(message).send_on, now(message).body) == (dt.date(2026, 3, 6), FIRST)


def test_it_may_go_now_after_all(bob: FlaskClient, message: Message, gateway: FakeGateway) -> None:
    change(bob, message, when="now")
    go()
    assert now(message).state == states.ACCEPTED


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({"when": "other", "day": "2026-03-01", "at": "9:00"}, "That moment is over. Choose a later one."),
        ({"when": "other", "day": "2026-02-29", "at": "9:00"}, "Choose a day that the calendar has."),
        ({"body": "Hello"}, "The first text must say who it is from."),
        ({"body": ""}, "Write a few words first."),
    ],
)
def test_what_can_not_be_is_said_beside_what_was_written(
    bob: FlaskClient, message: Message, given: dict[str, str], sentence: str
) -> None:
    answer = change(bob, message, **given)
    assert answer.status_code == 422
    assert sentence in answer.text
    assert (now(message).body, now(message).due_at, now(message).version) == (FIRST, message.due_at, 0)


def test_a_wrong_moment_saves_not_even_the_words(bob: FlaskClient, missed: Message) -> None:
    answer = change(bob, missed, body=OTHER, when="other", day="2026-03-01", at="9:00")
    assert OTHER in answer.text
    assert now(missed).body == FIRST


def test_a_change_over_somebody_elses_is_told_and_changes_nothing(bob: FlaskClient, message: Message) -> None:
    change(bob, message, body=OTHER)
    answer = change(bob, message, seen="0", body=FIRST)
    assert "Somebody changed this meanwhile. Look at it once more." in answer.text
    assert now(message).body == OTHER


def test_too_late_says_so(bob: FlaskClient, message: Message, gateway: FakeGateway, time: Clock) -> None:
    seen = str(message.version)
    assert message.due_at
    time.at(message.due_at)
    sending.claim("one")
    assert "Too late to change: it is leaving just now." in change(bob, message, seen=seen, body=OTHER).text
    assert now(message).body == FIRST


def test_what_has_left_offers_no_change(bob: FlaskClient, written: Written, gateway: FakeGateway) -> None:
    message = written.make()
    go()
    shown = bob.get(f"/messages/{message.id}").text
    assert "Change the words" not in shown
    assert "Choose another moment" not in shown


def test_a_form_that_saw_nothing_is_refused(bob: FlaskClient, message: Message) -> None:
    for seen in ("", "x", "²", "9" * 20):
        assert bob.post(f"/messages/{message.id}/change", data={"seen": seen, "body": OTHER}).status_code == 400


def test_another_team_changes_nothing(home: cast.Cast, message: Message, sign_in: SignIn) -> None:
    charlie = sign_in(home.charlie)
    assert charlie.post(f"/messages/{message.id}/change", data={"seen": "0", "body": OTHER}).status_code == 404


class TestMissed:
    """Its day is over: nothing went by itself."""

    def test_kind_words_are_offered_and_go_when_somebody_says_so(
        self, bob: FlaskClient, missed: Message, gateway: FakeGateway
    ) -> None:
        kind = "I made you a short video. It comes a few days late, but from the heart. Reply STOP to opt out."
        assert kind in bob.get(f"/messages/{missed.id}").text
        change(bob, missed, body=f"{OTHER} Late, with love.", when="now")
        go()
        assert gateway.sent[0]["body"] == f"{OTHER} Late, with love."

    def test_the_day_after_is_one_day_late(self, bob: FlaskClient, message: Message, time: Clock) -> None:
        time.at(NOON + dt.timedelta(days=2))
        go()
        assert "It comes a day late, but from the heart." in bob.get(f"/messages/{message.id}").text

    def test_it_may_have_a_moment_of_its_own(self, bob: FlaskClient, missed: Message) -> None:
        change(bob, missed, body=OTHER, when="other", day="2026-03-09", at="10:00", clock="theirs")
        assert (now(missed).state, now(missed).send_on) == (states.SCHEDULED, dt.date(2026, 3, 9))

    def test_it_may_be_let_go(self, bob: FlaskClient, missed: Message) -> None:
        assert "Let it go" in bob.get(f"/messages/{missed.id}").text
        bob.post(f"/messages/{missed.id}/decide", data={"choice": "cancel"})
        assert now(missed).state == states.CANCELED

    def test_a_reps_waits_for_the_managers_yes_where_that_is_wanted(
        self, bob: FlaskClient, missed: Message, home: cast.Cast, sign_in: SignIn, gateway: FakeGateway
    ) -> None:
        with writing() as session:
            session.get_one(Organisation, home.organisation.id).approval = True
        change(bob, missed, body=OTHER, when="now")
        assert (now(missed).state, now(missed).reason) == (states.HELD, approval.WAITS)
        sign_in(home.alice).post(f"/messages/{missed.id}/decide", data={"choice": "release"})
        go()
        assert now(missed).state == states.ACCEPTED

    def test_a_manager_lets_it_go_out_with_her_yes(
        self, missed: Message, home: cast.Cast, sign_in: SignIn, gateway: FakeGateway
    ) -> None:
        with writing() as session:
            session.get_one(Organisation, home.organisation.id).approval = True
        change(sign_in(home.alice), missed, body=OTHER, when="now")
        assert now(missed).approved_by == home.alice.id
        go()
        assert now(missed).state == states.ACCEPTED


def test_a_held_one_that_is_let_go_keeps_its_own_moment(bob: FlaskClient, message: Message) -> None:
    with writing() as session:
        session.get_one(Message, message.id).state = states.HELD
    bob.post(f"/messages/{message.id}/decide", data={"choice": "release"})
    assert (now(message).state, now(message).due_at) == (states.SCHEDULED, message.due_at)
    assert message.due_at
    assert message.due_at > clock.now()


class TestMissedPlan:
    """Planned before its video, and neither came."""

    @pytest.fixture
    def plan(self, home: cast.Cast, time: Clock) -> Message:
        with writing() as session:
            made = compose.compose(
                session, sender=session.get_one(User, home.bob.id), person=session.get_one(Person, home.maria.id),
                video=None, body=FIRST, words="", request_key=tokens.new_token(),
                due_at=dt.datetime(2026, 3, 5, 17, 10, tzinfo=dt.UTC),
                plan=compose.Plan(send_on=dt.date(2026, 3, 5), no_video="ask"),
            )  # fmt: skip
            made.state = states.MISSED
        time.at(NOON + dt.timedelta(days=3))
        return made

    def test_its_words_do_not_go_alone_while_they_speak_of_a_video(
        self, bob: FlaskClient, plan: Message, gateway: FakeGateway
    ) -> None:
        told = "The text speaks of a video, and it may go alone. Change the words."
        assert told in change(bob, plan, body=FIRST, when="now").text
        bob.post(f"/messages/{plan.id}/decide", data={"choice": "release"})
        assert now(plan).state == states.MISSED
        change(bob, plan, body=OTHER, when="now")
        go()
        assert gateway.sent[0]["body"] == OTHER


def test_where_a_yes_is_wanted_only_a_manager_is_offered_to_say_it(
    bob: FlaskClient, message: Message, home: cast.Cast, sign_in: SignIn
) -> None:
    with writing() as session:
        session.get_one(Organisation, home.organisation.id).approval = True
        row = session.get_one(Message, message.id)
        row.state, row.reason = states.HELD, approval.WAITS
    assert 'value="release"' not in bob.get(f"/messages/{message.id}").text
    assert "Yes, let it go" in sign_in(home.alice).get(f"/messages/{message.id}").text
