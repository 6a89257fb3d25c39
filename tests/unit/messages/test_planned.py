"""A message that is planned before its video: the video comes, or the moment does; and one whose day is over."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest

from tests import cast
from tests.postgres import both_databases
from tests.unit.messages.conftest import FIRST, NOON, Clock, FakeGateway, go
from vidmsg import tokens
from vidmsg.accounts.models import Organisation, User
from vidmsg.database import writing
from vidmsg.messages import changing, compose, deciding, planned, reconcile, states
from vidmsg.messages.compose import CannotSend, Plan
from vidmsg.messages.models import Message
from vidmsg.milestones.models import Milestone, Occurrence
from vidmsg.people import consent
from vidmsg.people.models import Person
from vidmsg.videos.models import PREPARING, REFUSED, Video

pytestmark = both_databases

Look = Callable[[Message], Message]
Planner = Callable[..., Message]
ALONE = "Hi Maria, Bob from Harbor Spa here. Five years today, thank you! Reply STOP to opt out."
THE_DAY = dt.date(2026, 3, 6)
TEN_PAST_NINE = dt.datetime(2026, 3, 6, 17, 10, tzinfo=dt.UTC)  # in Seattle
LATE_THAT_DAY = dt.datetime(2026, 3, 7, 5, 0, tzinfo=dt.UTC)  # 21:00 in Seattle


@pytest.fixture
def plan(home: cast.Cast) -> Planner:
    """Plans a text to Maria for ten past nine on her day."""

    def _plan(body: str = FIRST, video: Video | None = None, due: dt.datetime = TEN_PAST_NINE, **how: Any) -> Message:
        with writing() as session:
            fallback = how.pop("fallback", None)
            return compose.compose(
                session,
                sender=session.get_one(User, home.bob.id),
                person=session.get_one(Person, home.maria.id),
                video=session.get(Video, video.id) if video else None,
                body=body,
                words="",
                request_key=tokens.new_token(),
                due_at=due,
                plan=Plan(**({"send_on": THE_DAY, "no_video": "ask"} | how), fallback=_in(session, fallback)),
            )

    return _plan


def _in(session: Any, video: Video | None) -> Video | None:
    return session.get(Video, video.id) if video else None


def work() -> None:
    """What the worker does at this moment."""
    while reconcile.look() or go():
        pass


def give(message: Message, video: Video) -> bool:
    with writing() as session:
        return planned.attach(session, session.get_one(Message, message.id), session.get_one(Video, video.id))


def test_a_planned_message_sends_nothing_before_its_moment(gateway: FakeGateway, plan: Planner, look: Look) -> None:
    message = plan()
    work()
    assert (look(message).state, gateway.sent) == (states.PLANNED, [])


def test_with_its_video_it_is_scheduled_and_goes_with_the_link(
    gateway: FakeGateway, plan: Planner, look: Look, video: Video, time: Clock
) -> None:
    message = plan()
    assert give(message, video)
    assert (look(message).state, look(message).due_at) == (states.SCHEDULED, TEN_PAST_NINE)
    work()
    assert not gateway.sent
    time.at(TEN_PAST_NINE)
    work()
    assert " http://localhost/v/" in gateway.sent[0]["body"]
    assert look(message).state == states.ACCEPTED


def test_without_a_video_the_rep_is_asked(gateway: FakeGateway, plan: Planner, look: Look, time: Clock) -> None:
    message = plan()
    time.at(TEN_PAST_NINE)
    work()
    assert (look(message).state, gateway.sent) == (states.HELD, [])
    assert look(message).reason == planned.NO_VIDEO


def test_for_somebody_who_said_stop_nobody_is_asked_to_record(
    gateway: FakeGateway, plan: Planner, look: Look, time: Clock
) -> None:
    message = plan()
    with writing() as session:
        said = {"words": "STOP", "source": "text"}
        consent.revoke(session, organisation_id=message.organisation_id, phone=message.phone, **said)
    time.at(TEN_PAST_NINE)
    work()
    assert look(message).state == states.SUPPRESSED
    assert look(message).reason == "Maria asked us to stop, so it was not sent."
    assert not gateway.sent


def test_a_video_that_comes_after_the_question_goes_at_once(
    gateway: FakeGateway, plan: Planner, look: Look, time: Clock, video: Video
) -> None:
    message = plan()
    time.at(TEN_PAST_NINE)
    work()
    assert give(message, video)
    work()
    assert look(message).state == states.ACCEPTED


def test_the_plain_text_goes_without_a_link(gateway: FakeGateway, plan: Planner, time: Clock) -> None:
    plan(ALONE, no_video="text")
    time.at(TEN_PAST_NINE)
    work()
    assert [call["body"] for call in gateway.sent] == [ALONE]


@pytest.mark.parametrize("body", [FIRST, "Maria, Bob from Harbor Spa. STOP ends this. Watch this:"])
def test_a_text_that_speaks_of_a_video_does_not_go_without_one(
    gateway: FakeGateway, plan: Planner, look: Look, time: Clock, body: str
) -> None:
    message = plan(body, no_video="text")
    time.at(TEN_PAST_NINE)
    work()
    assert (look(message).state, gateway.sent) == (states.HELD, [])
    assert look(message).reason == planned.SPEAKS_OF_A_VIDEO


def test_the_video_of_the_library_goes_instead(
    gateway: FakeGateway, plan: Planner, look: Look, video: Video, time: Clock
) -> None:
    message = plan(no_video="video", fallback=video)
    time.at(TEN_PAST_NINE)
    work()
    assert " http://localhost/v/" in gateway.sent[0]["body"]
    assert look(message).video_id == video.id


def test_a_library_video_that_broke_meanwhile_asks(
    gateway: FakeGateway, plan: Planner, look: Look, video: Video, time: Clock
) -> None:
    message = plan(no_video="video", fallback=video)
    with writing() as session:
        session.get_one(Video, video.id).state = REFUSED
    time.at(TEN_PAST_NINE)
    work()
    assert (look(message).state, gateway.sent) == (states.HELD, [])


def test_a_library_video_has_to_be_chosen(plan: Planner) -> None:
    with pytest.raises(CannotSend, match="Choose the video"):
        plan(no_video="video")


def test_another_video_may_be_given_until_it_leaves(
    gateway: FakeGateway, plan: Planner, look: Look, video: Video, time: Clock
) -> None:
    message = plan(video=video)
    assert look(message).state == states.SCHEDULED
    assert give(message, video)
    time.at(TEN_PAST_NINE)
    work()
    assert not give(message, video)
    assert len(gateway.sent) == 1


def test_past_its_day_nothing_goes_by_itself(
    gateway: FakeGateway, plan: Planner, look: Look, video: Video, time: Clock
) -> None:
    scheduled, waiting = plan(video=video), plan(ALONE, no_video="text")
    time.at(TEN_PAST_NINE + dt.timedelta(days=1))
    work()
    assert not gateway.sent
    assert [look(message).state for message in (scheduled, waiting)] == [states.MISSED, states.MISSED]
    assert look(scheduled).reason == (
        "Maria's day was 6 March. Nothing goes late by itself: add a kind word and send it, or let it be."
    )


def test_when_the_day_is_not_over_but_the_hours_are_it_is_missed(
    gateway: FakeGateway, plan: Planner, look: Look, video: Video, time: Clock
) -> None:
    message = plan(video=video)
    time.at(LATE_THAT_DAY)
    work()
    assert (look(message).state, gateway.sent) == (states.MISSED, [])


def test_a_missed_one_goes_when_somebody_says_so(
    gateway: FakeGateway, plan: Planner, look: Look, video: Video, time: Clock
) -> None:
    message = plan(video=video)
    time.at(LATE_THAT_DAY)
    work()
    with writing() as session:
        row = session.get_one(Message, message.id)
        with pytest.raises(deciding.ItsDayIsOver):
            deciding.release(session, row)
        changing.reschedule(session, row, by=row.sender, due_at=LATE_THAT_DAY)
    assert look(message).due_at == dt.datetime(2026, 3, 7, 17, 0, tzinfo=dt.UTC)
    time.at(dt.datetime(2026, 3, 7, 18, 0, tzinfo=dt.UTC))
    work()
    assert look(message).state == states.ACCEPTED


def test_before_its_day_it_waits_even_when_her_zone_changed(
    gateway: FakeGateway, plan: Planner, look: Look, video: Video, time: Clock, home: cast.Cast
) -> None:
    message = plan(video=video)
    with writing() as session:
        session.get_one(Person, home.maria.id).time_zone = "Pacific/Honolulu"
    time.at(TEN_PAST_NINE)  # 7:10 in Honolulu
    work()
    assert look(message).due_at == dt.datetime(2026, 3, 6, 19, 0, tzinfo=dt.UTC)
    time.at(dt.datetime(2026, 3, 6, 19, 0, 1, tzinfo=dt.UTC))
    work()
    assert look(message).state == states.ACCEPTED


def test_a_text_for_no_day_in_particular_is_asked_about_after_an_outage(
    gateway: FakeGateway, plan: Planner, look: Look, video: Video, time: Clock
) -> None:
    message = plan(video=video, send_on=None, due=NOON)
    time.forward(days=7)
    work()
    assert (look(message).state, gateway.sent) == (states.MISSED, [])
    assert "whole day" in (look(message).reason or "")


def test_the_organisations_own_hours_hold(
    gateway: FakeGateway, plan: Planner, look: Look, video: Video, time: Clock, home: cast.Cast
) -> None:
    with writing() as session:
        session.get_one(Organisation, home.organisation.id).opens = 11
    message = plan(video=video)
    assert look(message).due_at == dt.datetime(2026, 3, 6, 19, 0, tzinfo=dt.UTC)
    with writing() as session:
        session.get_one(Organisation, home.organisation.id).closes = 12
    time.at(dt.datetime(2026, 3, 6, 19, 40, tzinfo=dt.UTC))
    work()
    assert 1100 < gateway.sent[0]["validity"] <= 1200


def test_in_the_last_minute_of_the_hours_nothing_leaves(
    gateway: FakeGateway, plan: Planner, look: Look, video: Video, time: Clock
) -> None:
    message = plan(video=video, send_on=None, due=NOON)
    time.at(dt.datetime(2026, 3, 5, 3, 59, 30, tzinfo=dt.UTC))
    work()
    assert (look(message).state, gateway.sent) == (states.SCHEDULED, [])
    assert look(message).due_at == dt.datetime(2026, 3, 5, 17, 0, tzinfo=dt.UTC)


def test_a_take_that_is_still_prepared_keeps_it_waiting(
    gateway: FakeGateway, plan: Planner, look: Look, video: Video, time: Clock
) -> None:
    with writing() as session:
        session.get_one(Video, video.id).state = PREPARING
    message = plan()
    assert give(message, video)
    time.at(TEN_PAST_NINE)
    work()
    assert (look(message).state, gateway.sent) == (states.SCHEDULED, [])


def test_the_same_occurrence_makes_one_message(plan: Planner, home: cast.Cast) -> None:
    with writing() as session:
        birthday = Milestone(
            organisation_id=home.organisation.id,
            team_id=home.team.id,
            person_id=home.maria.id,
            kind="birthday",
            month=3,
            day=6,
            created_at=NOON,
        )
        session.add(birthday)
        session.flush()
        mine = {"organisation_id": home.organisation.id, "team_id": home.team.id, "person_id": home.maria.id}
        cycle = {"milestone_id": birthday.id, "cycle": "2026", "natural_on": THE_DAY, "planned_on": THE_DAY}
        occurrence = Occurrence(kind="birthday", created_at=NOON, **mine, **cycle)
        session.add(occurrence)
    assert plan(occurrence_id=occurrence.id).id == plan(occurrence_id=occurrence.id).id
