"""Writing: what is refused and why, one message for one page however often it is sent, the link, the hours."""

from __future__ import annotations

import datetime as dt
import threading
from collections.abc import Callable

import pytest

from tests import cast
from tests.postgres import both_databases
from tests.unit.messages.conftest import FIRST, NOON, Clock, FakeGateway, Written
from vidmsg import clock, tokens
from vidmsg.accounts.models import Organisation, User
from vidmsg.composing import beginning
from vidmsg.composing.beginning import Text
from vidmsg.database import reading, writing
from vidmsg.messages import compose, links, sending, states
from vidmsg.messages.compose import CannotSend
from vidmsg.messages.models import Link, Message
from vidmsg.people import consent
from vidmsg.people.models import Person
from vidmsg.videos import choosing
from vidmsg.videos.models import Video

pytestmark = both_databases


def refused(written: Written, **how: object) -> str:
    with pytest.raises(CannotSend) as caught:
        written.make(**how)  # type: ignore[arg-type]
    assert str(caught.value).endswith((".", "”"))
    with reading() as session:
        assert session.query(Message).count() == 0
    return caught.value.code


def test_a_message_is_scheduled_with_a_link_of_its_own(write: Callable[..., Message], video: Video) -> None:
    message = write()
    with reading() as session:
        link = links.current(session, message.id)
        assert link is not None
        assert (message.state, link.video_id, link.expires_at) == (states.SCHEDULED, video.id, None)
        assert links.full_body("https://hi.example", message, link) == f"{FIRST} https://hi.example/v/{link.token}"


def test_a_double_click_makes_one_message(write: Callable[..., Message]) -> None:
    key = tokens.new_token()
    assert write(key=key).id == write(key=key).id
    with reading() as session:
        assert (session.query(Message).count(), session.query(Link).count()) == (1, 1)


def test_a_key_belongs_to_one_person_and_one_rep(written: Written, home: cast.Cast) -> None:
    key = tokens.new_token()
    written.make(key=key)
    with writing() as session:
        tom = cast.customer(session, session.merge(home.bob), "Tom", "Okafor", "+12065550143")
    with pytest.raises(CannotSend):
        written.make(key=key, to=tom)


def test_without_consent_nothing_is_made(written: Written, home: cast.Cast) -> None:
    with writing() as session:
        tom = cast.customer(session, session.merge(home.bob), "Tom", "", "+12065550143", agreed=False)
    assert refused(written, to=tom) == "no_consent"


def test_after_stop_nothing_is_made(written: Written, home: cast.Cast) -> None:
    with writing() as session:
        consent.revoke(
            session, organisation_id=home.organisation.id, phone=cast.MARIA_PHONE, words="STOP", source="text"
        )
    assert refused(written) == "revoked"


def test_without_a_number_nothing_is_made(written: Written, home: cast.Cast) -> None:
    with writing() as session:
        session.get_one(Person, home.maria.id).phone = None
    assert refused(written) == "no_number"


def test_the_first_text_names_the_organisation(written: Written) -> None:
    assert refused(written, body="Hi Maria, it's Bob. Reply STOP to opt out.") == "unnamed"


def test_the_first_text_says_how_to_stop(written: Written) -> None:
    assert refused(written, body="Hi Maria, it's Bob from Harbor Spa.") == "no_opt_out"
    assert refused(written, body="Hi Maria, it's Bob from Harbor Spa. Don't stopper it.") == "no_opt_out"


def test_a_curly_apostrophe_in_the_organisations_name_is_the_same_name(written: Written, home: cast.Cast) -> None:
    with writing() as session:
        session.get_one(Organisation, home.organisation.id).name = "Joe’s Spa"
    assert written.make(body="Hello from joe's spa. Text STOP to end.").state == states.SCHEDULED


def test_a_later_text_need_not_say_it_again(written: Written, gateway: FakeGateway) -> None:
    written.make()
    sending.send_due(threading.Event())
    assert written.make(body="Me again!").state == states.SCHEDULED


@pytest.mark.parametrize("field", ["{first_name}", "{ First_Name }", "{years|many}", "{link}"])
def test_a_field_that_only_templates_fill_does_not_go_out(written: Written, field: str) -> None:
    with pytest.raises(CannotSend) as error:
        written.make(body=f"{FIRST} {field}")
    assert str(error.value) == f"“{field}” would go out as it stands. Write the word itself."


def test_other_braces_may_go(written: Written) -> None:
    assert written.make(body=FIRST + " {smile} :}").state == states.SCHEDULED


def test_an_empty_text_is_refused(written: Written) -> None:
    assert refused(written, body=" \n\x00 ") == "empty"


def test_a_text_that_twilio_would_not_take_is_refused(written: Written) -> None:
    assert refused(written, body=FIRST + "x" * 1500) == "too_long"


@pytest.mark.parametrize("state", ["refused", "failed"])
def test_a_video_that_cannot_play_is_not_sent(written: Written, video: Video, state: str) -> None:
    with writing() as session:
        session.get_one(Video, video.id).state = state
    assert refused(written) == "video"


def test_a_video_that_was_put_away_is_not_sent(written: Written, video: Video) -> None:
    with writing() as session:
        session.get_one(Video, video.id).discarded_at = clock.now()
    assert refused(written) == "video"


def test_a_video_of_another_team_is_not_sent(written: Written, video: Video, home: cast.Cast) -> None:
    with writing() as session:
        session.get_one(Video, video.id).team_id = home.other_team.id
    assert refused(written) == "video"


def test_at_night_it_is_scheduled_for_the_persons_morning(write: Callable[..., Message], time: Clock) -> None:
    time.at(dt.datetime(2026, 3, 5, 6, 40, tzinfo=dt.UTC))  # 22:40 in Seattle
    assert write().due_at == dt.datetime(2026, 3, 5, 17, 0, tzinfo=dt.UTC)


def test_by_day_it_is_due_now(write: Callable[..., Message]) -> None:
    due = write().due_at
    assert due is not None
    assert due - NOON < dt.timedelta(minutes=1)


def test_a_plain_text_has_no_link(write: Callable[..., Message]) -> None:
    message = write(video=False)
    with reading() as session:
        assert links.current(session, message.id) is None
        assert message.video_id is None


def test_the_suggestion_passes_the_rules(home: cast.Cast, video: Video) -> None:
    with writing() as session:
        bob, maria = session.get_one(User, home.bob.id), session.get_one(Person, home.maria.id)
        body = beginning.suggestion(session, Text(bob, maria, video=session.get(Video, video.id), speaks=True))
        compose.refuse(session, sender=bob, person=maria, video=None, body=body, words="")
    assert body == (
        "Hi Maria, it's Bob from Harbor Spa. I made you a short video, only half a minute. Reply STOP to opt out."
    )


def test_a_video_that_is_sent_is_kept_and_can_no_longer_be_let_go(written: Written, video: Video) -> None:
    with writing() as session:
        session.get_one(Video, video.id).kept_at = None
    written.make()
    with pytest.raises(choosing.NotNow), writing() as session:
        choosing.discard(session, video.id)
    with reading() as session:
        kept = session.get_one(Video, video.id)
        assert kept.kept_at is not None
        assert kept.discarded_at is None


def test_a_video_that_was_let_go_is_not_sent(written: Written, video: Video) -> None:
    with writing() as session:
        session.get_one(Video, video.id).kept_at = None
        choosing.discard(session, video.id)
    assert refused(written) == "video"
    with reading() as session:
        assert session.get_one(Video, video.id).kept_at is None
