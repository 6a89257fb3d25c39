"""What happens when a plan's video does not come can be chosen anew, on the plan's own page, until its moment."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient

from tests import cast
from tests.postgres import both_databases
from tests.unit.messages.conftest import FIRST, Clock, FakeGateway, go
from vidmsg import tokens
from vidmsg.accounts.models import Audit, User
from vidmsg.database import reading, writing
from vidmsg.messages import compose, reconcile, states
from vidmsg.messages.models import Message
from vidmsg.people.models import Person
from vidmsg.videos.models import Video

pytestmark = both_databases

Look = Callable[[Message], Message]
ALONE = "Hi Maria, Bob from Harbor Spa here. Five years today, thank you! Reply STOP to opt out."
TEN_PAST_NINE = dt.datetime(2026, 3, 6, 17, 10, tzinfo=dt.UTC)  # in Seattle


@pytest.fixture
def plan(home: cast.Cast) -> Callable[..., Message]:
    def _plan(body: str = ALONE, no_video: str | None = "ask") -> Message:
        with writing() as session:
            return compose.compose(
                session, sender=session.get_one(User, home.bob.id), person=session.get_one(Person, home.maria.id),
                video=None, body=body, words="", request_key=tokens.new_token(), due_at=TEN_PAST_NINE,
                plan=compose.Plan(send_on=dt.date(2026, 3, 6), no_video=no_video),
            )  # fmt: skip

    return _plan


@pytest.fixture
def library(video: Video) -> Video:
    """A video that speaks to anybody."""
    with writing() as session:
        session.get_one(Video, video.id).person_id = None
    return video


def choose(bob: FlaskClient, message: Message, seen: int | None = None, **given: str) -> Any:
    data = {"seen": str(message.version if seen is None else seen)} | given
    return bob.post(f"/messages/{message.id}/change", data=data, follow_redirects=True)


def work() -> None:
    while reconcile.look() or go():
        pass


def test_the_text_alone_after_all(
    bob: FlaskClient, plan: Callable[..., Message], look: Look, time: Clock, gateway: FakeGateway
) -> None:
    message = plan()
    assert "Changed." in choose(bob, message, no_video="text").text
    assert look(message).state == states.PLANNED
    time.at(TEN_PAST_NINE)
    work()
    assert [one["body"] for one in gateway.sent] == [ALONE]


def test_a_video_of_the_library_after_all(
    bob: FlaskClient, plan: Callable[..., Message], look: Look, library: Video, time: Clock, gateway: FakeGateway
) -> None:
    message = plan(FIRST)
    choose(bob, message, no_video="video", fallback=library.id)
    time.at(TEN_PAST_NINE)
    work()
    assert look(message).video_id == library.id
    assert "/v/" in gateway.sent[0]["body"]


def test_to_be_asked_after_all_forgets_the_video(
    bob: FlaskClient, plan: Callable[..., Message], look: Look, library: Video, home: cast.Cast
) -> None:
    message = plan()
    choose(bob, message, no_video="video", fallback=library.id)
    choose(bob, look(message), no_video="ask")
    assert (look(message).no_video, look(message).fallback_video_id) == ("ask", None)
    with reading() as session:
        changes = session.scalars(sa.select(Audit.user_id).where(Audit.action == "message.otherwise")).all()
    assert changes == [home.bob.id, home.bob.id]


def test_the_page_shows_what_is_chosen_now(bob: FlaskClient, plan: Callable[..., Message], library: Video) -> None:
    message = plan()
    page = bob.get(f"/messages/{message.id}").text
    assert 'name="no_video" value="ask" checked' in page
    assert f'<option value="{library.id}"' in page
    page = choose(bob, message, no_video="text").text
    assert 'name="no_video" value="text" checked' in page
    assert "If none comes, the text goes alone." in page


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({"no_video": "text"}, "The text speaks of a video, and it may go alone. Change the words."),
        ({"no_video": "video", "fallback": "x"}, "Choose the video that goes when none is recorded in time."),
    ],
)
def test_what_can_not_be_is_said_beside_the_choice(
    bob: FlaskClient, plan: Callable[..., Message], look: Look, given: dict[str, str], sentence: str
) -> None:
    message = plan(FIRST)
    answer = choose(bob, message, **given)
    assert answer.status_code == 422
    assert sentence in answer.text.split('id="without"')[1].split("</section>")[0]
    assert look(message).no_video == "ask"


def test_too_late_once_it_was_due_and_over_somebody_elses(
    bob: FlaskClient, plan: Callable[..., Message], look: Look, time: Clock, gateway: FakeGateway
) -> None:
    message = plan()
    choose(bob, message, body=f"{ALONE} ")
    seen_before = choose(bob, message, seen=0, no_video="text").text
    assert "Somebody changed this meanwhile." in seen_before
    time.at(TEN_PAST_NINE)
    work()
    choose(bob, look(message), no_video="text")
    assert (look(message).state, look(message).no_video) == (states.HELD, "ask")
    assert "Choose what happens then" not in bob.get(f"/messages/{message.id}").text


def test_one_that_waits_for_no_video_has_no_such_choice(
    bob: FlaskClient, plan: Callable[..., Message], look: Look
) -> None:
    message = plan(no_video=None)
    assert "Choose what happens then" not in bob.get(f"/messages/{message.id}").text
    choose(bob, message, no_video="text")
    assert look(message).no_video is None
