"""Changing, moving and taking back a message until a sender has it, and a manager's yes before it leaves."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable
from typing import Any

import pytest
from flask.testing import FlaskClient

from tests import cast
from tests.postgres import both_databases
from tests.unit.messages.conftest import FIRST, NOON, Clock, FakeGateway, go
from vidmsg import clock, tokens
from vidmsg.accounts.models import Organisation, User
from vidmsg.database import writing
from vidmsg.messages import approval, changing, compose, deciding, planned, sending, states
from vidmsg.messages.changing import TooLate, WrongMoment
from vidmsg.messages.compose import CannotSend, Plan
from vidmsg.messages.models import Message
from vidmsg.people import consent
from vidmsg.people.models import Person
from vidmsg.videos.models import Video

pytestmark = both_databases

Write, Look = Callable[..., Message], Callable[[Message], Message]
NEW_NUMBER = "+12065550166"
OTHER = "Maria, Bob from Harbor Spa here again. Reply STOP to opt out."


@pytest.fixture
def wants_approval(home: cast.Cast) -> None:
    with writing() as session:
        session.get_one(Organisation, home.organisation.id).approval = True


def do(verb: Callable[..., Any], message: Message, by: User | None = None, **how: Any) -> Any:
    with writing() as session:
        more = {"by": session.get_one(User, by.id)} if by else {}
        return verb(session, session.get_one(Message, message.id), **more, **how)


def give(message: Message, video: Video) -> None:
    with writing() as session:
        assert planned.attach(session, session.get_one(Message, message.id), session.get_one(Video, video.id))


def seen_in(page: str, address: str) -> str:
    """The version that the page sends with its buttons at this address."""
    forms = [one for one in page.split("<form")[1:] if f'action="{address}"' in one.split(">")[0]]
    found = [match[1] for one in forms if (match := re.search(r'name="seen" value="(\d+)"', one.split("</form>")[0]))]
    return found[0]


def test_words_change_until_it_leaves(gateway: FakeGateway, write: Write, look: Look, home: cast.Cast) -> None:
    message = write()
    do(changing.change, message, home.bob, body=OTHER, words="")
    go()
    assert gateway.sent[0]["body"].startswith(OTHER)
    with pytest.raises(TooLate, match=r"Too late to change: it left at \d+:\d\d\."):
        do(changing.change, message, home.bob, body=FIRST, words="")
    assert look(message).body == OTHER


def test_words_are_checked_as_for_a_new_text(write: Write, look: Look, home: cast.Cast) -> None:
    message = write()
    with pytest.raises(CannotSend):
        do(changing.change, message, home.bob, body="Hi", words="")
    assert look(message).body == FIRST


def test_a_change_over_somebody_elses_is_refused(write: Write, look: Look, home: cast.Cast) -> None:
    message = write()
    do(changing.change, message, home.bob, body=OTHER, words="", seen_version=0)
    with pytest.raises(TooLate, match="changed this meanwhile"):
        do(changing.change, message, home.alice, body=FIRST, words="", seen_version=0)
    assert look(message).body == OTHER


def test_once_claimed_nothing_changes(gateway: FakeGateway, write: Write, look: Look, home: cast.Cast) -> None:
    message = write()
    sending.claim("one")
    with pytest.raises(TooLate, match="it is leaving just now"):
        do(changing.reschedule, message, home.bob, due_at=NOON + dt.timedelta(days=1))
    assert not do(deciding.cancel, message)
    assert look(message).state == states.CLAIMED


def test_another_moment_within_the_hours(gateway: FakeGateway, write: Write, look: Look, home: cast.Cast) -> None:
    message = write()
    do(changing.reschedule, message, home.bob, due_at=NOON + dt.timedelta(days=1, hours=10))
    assert look(message).due_at == dt.datetime(2026, 3, 6, 17, 0, tzinfo=dt.UTC)
    assert not go()


def test_a_moment_that_is_over_is_refused(write: Write, look: Look, home: cast.Cast) -> None:
    message = write()
    with pytest.raises(WrongMoment, match="over"):
        do(changing.reschedule, message, home.bob, due_at=NOON - dt.timedelta(minutes=1))
    late = NOON + dt.timedelta(hours=9)
    with pytest.raises(WrongMoment, match="too late for that day"):
        do(changing.reschedule, message, home.bob, due_at=late, send_on=dt.date(2026, 3, 4))
    assert look(message).version == 0


def test_a_missed_one_may_have_another_day(
    gateway: FakeGateway, write: Write, look: Look, home: cast.Cast, time: Clock
) -> None:
    message = write()
    time.forward(days=3)
    go()
    assert look(message).state == states.MISSED
    do(changing.reschedule, message, home.bob, due_at=NOON + dt.timedelta(days=4), send_on=dt.date(2026, 3, 8))
    time.at(NOON + dt.timedelta(days=4))
    go()
    assert look(message).state == states.ACCEPTED


@pytest.mark.parametrize("way", ["release", "another day"])
def test_the_first_text_to_a_new_number_says_who_writes_and_how_to_stop(
    gateway: FakeGateway, write: Write, look: Look, home: cast.Cast, time: Clock, way: str
) -> None:
    write()
    go()
    message = write(body="Me again!")
    with writing() as session:
        maria = session.get_one(Person, home.maria.id)
        maria.phone = NEW_NUMBER
        consent.grant(session, maria, number=NEW_NUMBER, words="Yes.", source="in person", user_id=home.bob.id)
    go()
    assert "number has changed" in (look(message).reason or "")
    if way == "another day":
        with writing() as session:
            session.get_one(Message, message.id).state = states.MISSED

    def let_go() -> None:
        if way == "release":
            assert do(deciding.release, message)
        else:
            do(changing.reschedule, message, home.bob, due_at=clock.now(), send_on=NOON.date())

    with pytest.raises(CannotSend, match="The first text must say who it is from"):
        let_go()
    do(changing.change, message, home.bob, body=OTHER, words="")
    let_go()
    go()
    assert (gateway.sent[-1]["to"], gateway.sent[-1]["body"][: len(OTHER)]) == (NEW_NUMBER, OTHER)
    assert len(gateway.sent) == 2


def test_too_late_to_cancel_says_when_it_left(gateway: FakeGateway, bob: FlaskClient, write: Write) -> None:
    message = write()
    go()
    answer = bob.post(f"/messages/{message.id}/decide", data={"choice": "cancel"}, follow_redirects=True)
    assert "Too late to cancel: it left at 12:00." in answer.text


@pytest.mark.usefixtures("wants_approval")
class TestApproval:
    """Where the organisation wants a manager's yes."""

    def test_a_reps_message_waits_for_a_manager(
        self, gateway: FakeGateway, write: Write, look: Look, home: cast.Cast
    ) -> None:
        message = write()
        assert not go()
        assert (look(message).state, look(message).reason) == (states.HELD, approval.WAITS)
        assert do(deciding.release, message, home.alice)
        go()
        assert look(message).state == states.ACCEPTED
        assert look(message).approved_by == home.alice.id

    def test_a_rep_can_not_let_it_go_herself(
        self, gateway: FakeGateway, write: Write, look: Look, home: cast.Cast, bob: FlaskClient
    ) -> None:
        message = write()
        with pytest.raises(deciding.NeedsYes):
            do(deciding.release, message, home.bob)
        answer = bob.post(f"/messages/{message.id}/decide", data={"choice": "release"}, follow_redirects=True)
        assert "A manager says yes to this one first." in answer.text
        assert not go()
        assert look(message).state == states.HELD

    def test_a_manager_says_yes_by_the_button(
        self, gateway: FakeGateway, write: Write, look: Look, home: cast.Cast, sign_in: Callable[[Any], FlaskClient]
    ) -> None:
        message = write()
        sign_in(home.alice).post(f"/messages/{message.id}/decide", data={"choice": "release"})
        go()
        assert look(message).state == states.ACCEPTED

    @pytest.mark.parametrize("page", ["/messages/{id}", "/operating?kind=held"])
    def test_a_yes_is_for_the_words_that_the_manager_saw(
        self, write: Write, look: Look, home: cast.Cast, sign_in: Callable[[Any], FlaskClient], page: str
    ) -> None:
        message, alice = write(), sign_in(home.alice)
        where = f"/operating/messages/{message.id}" if "operating" in page else f"/messages/{message.id}/decide"

        def yes() -> None:
            alice.post(where, data={"choice": "release", "seen": seen_in(shown, where)})

        shown = alice.get(page.format(id=message.id)).text
        do(changing.change, message, home.bob, body=OTHER, words="")
        yes()
        assert (look(message).state, look(message).approved_by) == (states.HELD, None)
        shown = alice.get(page.format(id=message.id)).text
        assert "Somebody changed this meanwhile. Look at it once more." in shown
        yes()
        assert (look(message).state, look(message).approved_by) == (states.SCHEDULED, home.alice.id)

    def test_another_video_needs_another_yes_at_once(
        self, write: Write, look: Look, home: cast.Cast, video: Video, sign_in: Callable[[Any], FlaskClient]
    ) -> None:
        message, alice = write(), sign_in(home.alice)
        do(deciding.release, message, home.alice)
        with writing() as session:
            first = session.get_one(Video, video.id)
            second = Video(
                organisation_id=first.organisation_id, team_id=first.team_id, owner_id=first.owner_id, state="ready",
                person_id=first.person_id, created_at=NOON, playable_at=NOON, kept_at=NOON,
            )  # fmt: skip
            session.add(second)
        give(message, second)
        assert (look(message).state, look(message).video_id) == (states.HELD, second.id)
        assert approval.WAITS in alice.get("/").text.replace("&#39;", "'")
        do(deciding.release, message, home.alice)
        give(message, second)  # the same one once more
        assert (look(message).state, look(message).approved_by) == (states.SCHEDULED, home.alice.id)

    def test_other_words_need_another_yes(
        self, gateway: FakeGateway, write: Write, look: Look, home: cast.Cast
    ) -> None:
        message = write()
        do(deciding.release, message, home.alice)
        do(changing.change, message, home.bob, body=OTHER, words="")
        assert not go()
        assert look(message).state == states.HELD
        do(deciding.release, message, home.alice)
        do(changing.change, message, home.alice, body=OTHER + " Soon!", words="")
        go()
        assert look(message).state == states.ACCEPTED

    def test_a_planned_one_waits_once_its_video_is_there(
        self, gateway: FakeGateway, look: Look, home: cast.Cast, video: Video
    ) -> None:
        with writing() as session:
            message = compose.compose(
                session,
                sender=session.get_one(User, home.bob.id),
                person=session.get_one(Person, home.maria.id),
                video=None,
                body=FIRST,
                words="",
                request_key=tokens.new_token(),
                due_at=NOON,
                plan=Plan(no_video="ask", approved_by=home.alice.id),
            )
        with writing() as session:
            planned.attach(session, session.get_one(Message, message.id), session.get_one(Video, video.id))
        assert (look(message).state, look(message).reason) == (states.HELD, approval.WAITS)
        assert not go()

    def test_what_was_scheduled_before_the_rule_waits_too(
        self, gateway: FakeGateway, write: Write, look: Look, home: cast.Cast
    ) -> None:
        with writing() as session:
            session.get_one(Organisation, home.organisation.id).approval = False
        message = write()
        with writing() as session:
            session.get_one(Organisation, home.organisation.id).approval = True
        go()
        assert (look(message).state, gateway.sent) == (states.HELD, [])
