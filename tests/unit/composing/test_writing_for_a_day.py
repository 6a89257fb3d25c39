"""Writing for somebody's day: when it goes, which words it begins with, planned before its video and with it, and what
is refused."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
from flask.testing import FlaskClient

from tests import cast
from tests.postgres import both_databases
from tests.unit.messages import days
from tests.unit.messages.conftest import FIRST, NOON, Clock, FakeGateway, form, go
from tests.unit.messages.days import TEN_PAST_NINE, THE_DAY
from vidmsg.accounts.models import Organisation, User
from vidmsg.composing import templating
from vidmsg.composing.templating import Draft
from vidmsg.database import reading, writing
from vidmsg.messages import reconcile, states
from vidmsg.messages.models import Message
from vidmsg.milestones.models import Occurrence
from vidmsg.people.models import Person
from vidmsg.videos.models import Video

pytestmark = both_databases

SignIn = Callable[[Any], FlaskClient]
ALONE = "Hi Maria, Bob from Harbor Spa here. Five years today, thank you! Reply STOP to opt out."


@pytest.fixture
def day(home: cast.Cast) -> int:
    """Maria's fifth year, with Bob, whose own clock is Chicago's."""
    with writing() as session:
        session.get_one(User, home.bob.id).time_zone = "America/Chicago"
        return days.add(session, session.get_one(Person, home.maria.id), assignee_id=home.bob.id)


@pytest.fixture
def page(home: cast.Cast, day: int) -> str:
    return f"/people/{home.maria.id}/write?occurrence={day}"


@pytest.fixture
def library(home: cast.Cast, video: Video) -> Video:
    """A kept video that was recorded for nobody in particular."""
    with writing() as session:
        session.get_one(Video, video.id).person_id = None
    return video


def only() -> Message:
    with reading() as session:
        return session.query(Message).one()


def rows() -> int:
    with reading() as session:
        return session.query(Message).count()


def test_on_the_day_is_meant_and_both_clocks_are_said(bob: FlaskClient, page: str, video: Video) -> None:
    shown = bob.get(f"{page}&video={video.id}").text
    assert "For Thursday 12 March: five years with us." in shown
    assert "Thursday 12 March, 9:10 Maria&#39;s time" in shown
    assert "(11:10 yours)" in shown
    assert "Send on 12 March" in shown
    assert 'value="day" checked' in shown


def test_it_leaves_at_ten_past_nine_on_the_day(
    gateway: FakeGateway, bob: FlaskClient, page: str, video: Video, day: int, time: Clock
) -> None:
    answer = bob.post(f"{page}&video={video.id}", data=form(when="day"), follow_redirects=True)
    assert "Thursday 12 March, 9:10 Maria&#39;s time (11:10 yours)." in answer.text
    message = only()
    assert (message.occurrence_id, message.send_on, message.due_at) == (day, THE_DAY, TEN_PAST_NINE)
    assert not go()
    time.at(TEN_PAST_NINE)
    go()
    assert len(gateway.sent) == 1


def test_without_a_word_about_when_a_text_for_a_day_never_goes_at_once(
    gateway: FakeGateway, bob: FlaskClient, page: str, video: Video
) -> None:
    bob.post(f"{page}&video={video.id}", data=form())
    assert only().due_at == TEN_PAST_NINE
    assert not go()


def test_by_the_organisations_clock_where_the_rule_says_ours(bob: FlaskClient, home: cast.Cast) -> None:
    with writing() as session:
        session.get_one(Organisation, home.organisation.id).time_zone = "America/New_York"
        number = days.add(session, session.get_one(Person, home.maria.id), send_zone="ours", send_at=dt.time(14))
    shown = bob.get(f"/people/{home.maria.id}/write?occurrence={number}").text
    assert "Thursday 12 March, 11:00 Maria&#39;s time" in shown


def test_another_moment_by_my_clock(bob: FlaskClient, page: str, video: Video) -> None:
    given = form(when="other", day="2026-03-05", at="16:00", clock="mine")
    answer = bob.post(f"{page}&video={video.id}", data=given, follow_redirects=True)
    assert "Thursday 5 March, 14:00 Maria&#39;s time (16:00 yours)" in answer.text
    assert (only().due_at, only().send_on) == (dt.datetime(2026, 3, 5, 22, tzinfo=dt.UTC), dt.date(2026, 3, 5))


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({"day": "2026-03-04", "at": "9:00"}, "That moment is over. Choose a later one."),
        ({"day": "2026-02-30", "at": "9:00"}, "Choose a day that the calendar has."),
        ({"day": "2026-03-05", "at": "half past"}, "Write a time of the day, such as 9:10."),
    ],
)
def test_a_moment_that_can_not_be_keeps_what_was_written(
    bob: FlaskClient, page: str, video: Video, given: dict[str, str], sentence: str
) -> None:
    shown = bob.post(f"{page}&video={video.id}", data=form(when="other", words="Thank you", **given)).text
    assert sentence in shown
    assert "Thank you" in shown
    assert rows() == 0


def test_looking_at_both_times_sends_nothing(bob: FlaskClient, page: str, video: Video) -> None:
    given = form(when="other", day="2026-03-05", at="22:40", look="1")
    shown = bob.post(f"{page}&video={video.id}", data=given).text
    assert "Friday 6 March, 9:00 Maria&#39;s time (11:00 yours). At 22:40 it is quiet for Maria" in shown
    assert rows() == 0


def test_what_was_put_right_is_told_after_sending_too(bob: FlaskClient, page: str, video: Video) -> None:
    given = form(when="other", day="2026-03-05", at="22:40")
    answer = bob.post(f"{page}&video={video.id}", data=given, follow_redirects=True)
    assert "At 22:40 it is quiet for Maria, so it waits for the next good hour." in answer.text


def test_the_pages_script_hears_both_times_or_the_reason(bob: FlaskClient, home: cast.Cast, day: int) -> None:
    address = f"/people/{home.maria.id}/when"
    good = bob.get(address, query_string={"day": "2026-03-12", "at": "10:00", "clock": "theirs"})
    assert good.json == {"said": "Thursday 12 March, 10:00 Maria's time (12:00 yours)."}
    bad = bob.get(address, query_string={"day": "2026-03-01", "at": "10:00"})
    assert bad.json == {"problem": "That moment is over. Choose a later one."}


def test_another_persons_day_is_not_there(bob: FlaskClient, home: cast.Cast, page: str, sign_in: SignIn) -> None:
    with writing() as session:
        nora = cast.customer(session, session.get_one(User, home.bob.id), "Nora", "Quist", "+12065550177")
        hers = days.add(session, nora)
    assert bob.get(f"/people/{home.maria.id}/write?occurrence={hers}").status_code == 404
    assert bob.get(f"/people/{home.maria.id}/write?occurrence=x").status_code == 404
    assert sign_in(home.charlie).get(page).status_code == 404


class TestWords:
    """Templates of the kind of day."""

    @pytest.fixture(autouse=True)
    def _templates(self, home: cast.Cast) -> None:
        with writing() as session:
            alice = session.get_one(User, home.alice.id)
            words = "Hi {first_name}, {organisation} here: your {ordinal} {occasion}, {years} years"
            templating.save(session, alice, Draft("Years", "customer_since", words, "{years} years, {first_name}"))
            templating.save(session, alice, Draft("Cake", "birthday", "Hi {first_name}, {organisation} here."))
            templating.save(session, alice, Draft("Any", None, "Hi {first_name}, {organisation} says {occasion}!"))

    def test_those_of_its_kind_are_offered_and_filled_from_it(self, bob: FlaskClient, page: str) -> None:
        shown = bob.get(page).text
        assert "Hi Maria, Harbor Spa here: your 5th anniversary with us, 5 years. Reply STOP to opt out." in shown
        assert ">5 years, Maria<" in shown
        assert ">Any<" in shown
        assert ">Cake<" not in shown

    def test_another_may_be_chosen_and_the_message_names_its_version(
        self, bob: FlaskClient, page: str, video: Video
    ) -> None:
        with reading() as session:
            chosen = next(t for t in session.query(templating.Template) if t.name == "Any")
            version = chosen.versions[0].id
        shown = bob.get(f"{page}&template={chosen.id}").text
        assert "Hi Maria, Harbor Spa says anniversary with us! Reply STOP to opt out." in shown
        bob.post(f"{page}&video={video.id}", data=form(template=str(version)))
        assert only().template_version_id == version


class TestPlanning:
    """Before its video exists."""

    def test_it_waits_for_its_video_and_says_what_happens_otherwise(
        self, gateway: FakeGateway, bob: FlaskClient, page: str, time: Clock
    ) -> None:
        shown = bob.get(page).text
        assert "Plan it for 12 March" in shown
        assert 'value="ask" checked' in shown
        assert "Send a video of the library" not in shown
        answer = bob.post(page, data=form(when="day", no_video="ask"), follow_redirects=True)
        assert "Waits for its video" in answer.text
        assert "If none comes, you are asked." in answer.text
        assert (only().state, only().no_video) == (states.PLANNED, "ask")
        time.at(TEN_PAST_NINE)
        reconcile.look()
        assert only().state == states.HELD
        assert gateway.sent == []

    def test_what_happens_is_preselected_from_the_date_or_the_organisation(
        self, bob: FlaskClient, page: str, home: cast.Cast, day: int
    ) -> None:
        with writing() as session:
            session.get_one(Organisation, home.organisation.id).no_video = "text"
        assert 'value="text" checked' in bob.get(page).text
        with writing() as session:
            session.get_one(Occurrence, day).milestone.no_video = "ask"
        assert 'value="ask" checked' in bob.get(page).text

    def test_words_that_speak_of_a_video_are_not_planned_to_go_alone(self, bob: FlaskClient, page: str) -> None:
        for given in ({"when": "day", "no_video": "text"}, {"when": "now"}):
            shown = bob.post(page, data=form(**given)).text
            assert "The text speaks of a video, and it may go alone. Change the words." in shown
        assert rows() == 0
        bob.post(page, data=form(when="day", no_video="text", body=ALONE))
        assert (only().state, only().no_video) == (states.PLANNED, "text")

    def test_a_text_alone_may_go_now(self, gateway: FakeGateway, bob: FlaskClient, page: str, day: int) -> None:
        bob.post(page, data=form(when="now", body=ALONE))
        go()
        assert gateway.sent[0]["body"] == ALONE
        assert only().occurrence_id == day

    def test_words_for_now_are_not_sent_a_day_later_by_themselves(
        self, gateway: FakeGateway, bob: FlaskClient, page: str, time: Clock
    ) -> None:
        time.at(TEN_PAST_NINE)
        bob.post(page, data=form(when="now", body=ALONE))
        time.at(TEN_PAST_NINE + dt.timedelta(hours=23))  # nobody was at work until then
        go()
        assert (only().state, gateway.sent) == (states.MISSED, [])
        shown = bob.get(f"/messages/{only().id}").text
        assert "Maria&#39;s day was 12 March." in shown
        assert "It comes a day late, but from the heart." in shown

    def test_words_for_now_that_wait_for_a_yes_are_looked_at_again_once_that_day_is_over(
        self, gateway: FakeGateway, bob: FlaskClient, page: str, time: Clock, home: cast.Cast, sign_in: SignIn
    ) -> None:
        with writing() as session:
            session.get_one(Organisation, home.organisation.id).approval = True
        time.at(TEN_PAST_NINE)
        bob.post(page, data=form(when="now", body=ALONE))
        time.at(TEN_PAST_NINE + dt.timedelta(days=2))
        reconcile.look()
        assert only().state == states.MISSED
        sign_in(home.alice).post(f"/messages/{only().id}/decide", data={"choice": "release"})
        go()
        assert (only().state, gateway.sent) == (states.MISSED, [])

    def test_a_video_of_the_library_may_go_instead(
        self, gateway: FakeGateway, bob: FlaskClient, page: str, library: Video, time: Clock
    ) -> None:
        assert "Send a video of the library" in bob.get(page).text
        refused = bob.post(page, data=form(when="day", no_video="video", fallback="x")).text
        assert "Choose the video that goes when none is recorded in time." in refused
        bob.post(page, data=form(when="day", no_video="video", fallback=library.id))
        time.at(TEN_PAST_NINE)
        reconcile.look()
        go()
        assert only().video_id == library.id
        assert "/v/" in gateway.sent[0]["body"]

    def test_a_video_for_somebody_is_nobody_elses_fallback(self, bob: FlaskClient, page: str, video: Video) -> None:
        assert "Send a video of the library" not in bob.get(page).text
        refused = bob.post(page, data=form(when="day", no_video="video", fallback=video.id)).text
        assert "Choose the video that goes" in refused

    def test_a_manager_plans_in_the_name_of_the_one_who_records(
        self, home: cast.Cast, page: str, sign_in: SignIn, bob: FlaskClient
    ) -> None:
        with writing() as session:
            session.get_one(Organisation, home.organisation.id).approval = True
        alice = sign_in(home.alice)
        shown = alice.get(page).text
        assert "It goes out in Bob's name, who looks after this day." in shown
        assert "Ask Bob" in shown
        assert "it&#39;s Bob from Harbor Spa" in shown
        alice.post(page, data=form(when="day", no_video="text", body=ALONE))
        assert (only().sender_id, only().approved_by) == (home.bob.id, home.alice.id)

    def test_the_take_that_is_kept_for_the_day_goes_with_it(
        self, gateway: FakeGateway, bob: FlaskClient, page: str, video: Video, day: int, time: Clock
    ) -> None:
        bob.post(page, data=form(when="day", no_video="ask"))
        with writing() as session:
            session.get_one(Video, video.id).kept_at = None
            days.take(session, session.get_one(Video, video.id), day)
        answer = bob.post(f"/videos/{video.id}/keep", headers={"Accept": "application/json"})
        assert (only().state, only().video_id) == (states.SCHEDULED, video.id)
        assert answer.json
        landed = bob.get(answer.json["next"])
        assert landed.headers["Location"] == f"/messages/{only().id}"
        time.at(TEN_PAST_NINE)
        go()
        assert "/v/" in gateway.sent[0]["body"]

    def test_a_repeated_keep_gives_no_older_take_back(
        self, bob: FlaskClient, page: str, video: Video, day: int, home: cast.Cast
    ) -> None:
        bob.post(page, data=form(when="day", no_video="ask"))
        with writing() as session:
            first = session.get_one(Video, video.id)
            second = Video(
                organisation_id=first.organisation_id, team_id=first.team_id, owner_id=first.owner_id,
                person_id=first.person_id, state="ready", created_at=first.created_at, playable_at=first.playable_at,
            )  # fmt: skip
            session.add(second)
            session.flush()
            first.kept_at = None
            for one in (first, second):
                days.take(session, one, day)
        for one in (first, second, first):
            bob.post(f"/videos/{one.id}/keep", headers={"Accept": "application/json"})
        assert only().video_id == second.id

    def test_a_take_that_was_kept_before_is_taken_up(
        self, bob: FlaskClient, page: str, video: Video, day: int, home: cast.Cast
    ) -> None:
        with writing() as session:
            days.take(session, session.get_one(Video, video.id), day)
        answer = bob.get(page)
        assert f"video={video.id}" in answer.headers["Location"]
        assert f"occurrence={day}" in answer.headers["Location"]


def test_a_day_has_one_text_and_its_page_leads_there(bob: FlaskClient, page: str, video: Video) -> None:
    bob.post(page, data=form(when="day", no_video="ask"))
    assert bob.get(page).headers["Location"] == f"/messages/{only().id}"
    late = bob.post(page, data=form(when="day", no_video="ask"), follow_redirects=True)
    assert "Somebody wrote for this day already. Here it is, and yours was not added." in late.text
    assert rows() == 1


def test_after_taking_a_text_back_another_may_be_written_for_the_day(bob: FlaskClient, page: str, day: int) -> None:
    bob.post(page, data=form(when="day", no_video="ask"))
    bob.post(f"/messages/{only().id}/decide", data={"choice": "cancel"})
    assert bob.get(page).status_code == 200
    bob.post(page, data=form(when="day", no_video="text", body=ALONE))
    with reading() as session:
        assert sorted((m.state, m.occurrence_id) for m in session.query(Message)) == [
            (states.CANCELED, None), (states.PLANNED, day),
        ]  # fmt: skip


def test_what_may_have_left_keeps_its_day_even_when_it_was_canceled(bob: FlaskClient, page: str, day: int) -> None:
    bob.post(page, data=form(when="day", no_video="ask"))
    with writing() as session:
        message = session.query(Message).one()
        message.state, message.tries = states.CANCELED, 1
    assert bob.get(page).headers["Location"] == f"/messages/{only().id}"
    bob.post(page, data=form(when="day", no_video="ask"))
    assert rows() == 1


def test_a_day_that_was_taken_off_the_calendar_is_none(bob: FlaskClient, page: str, day: int) -> None:
    with writing() as session:
        session.get_one(Occurrence, day).skipped_at = NOON
    shown = bob.get(page).text
    assert "On the day" not in shown
    bob.post(page, data=form(body=FIRST))
    assert only().occurrence_id is None


def test_when_the_day_is_over_kind_words_are_offered_and_nothing_is_meant_for_it(
    bob: FlaskClient, page: str, time: Clock
) -> None:
    time.at(TEN_PAST_NINE + dt.timedelta(days=1))
    shown = bob.get(page).text
    assert "It comes a day late, but from the heart. Reply STOP to opt out." in shown
    assert 'value="now" checked' in shown
    assert "On the day" not in shown


def test_a_manager_who_writes_to_a_reps_take_does_so_in_that_ones_name(
    home: cast.Cast, page: str, video: Video, sign_in: SignIn
) -> None:
    alice = sign_in(home.alice)
    alice.post(f"{page}&video={video.id}", data=form(when="day"))
    assert only().sender_id == home.bob.id


class TestTheDaysOwnPage:
    """What its page offers next."""

    def test_without_anything_to_record_or_to_plan(self, bob: FlaskClient, home: cast.Cast, day: int) -> None:
        shown = bob.get(f"/calendar/{day}").text
        assert f"/record/{home.maria.id}?occurrence={day}" in shown
        assert f"/people/{home.maria.id}/write?occurrence={day}" in shown
        assert "Plan a message" in shown

    def test_with_a_take_to_write_its_text(self, bob: FlaskClient, video: Video, day: int) -> None:
        with writing() as session:
            days.take(session, session.get_one(Video, video.id), day)
        shown = bob.get(f"/calendar/{day}").text
        assert "Write the text" in shown
        assert "Record for Maria" not in shown

    def test_with_a_plan_to_record_and_to_see_it(self, bob: FlaskClient, page: str, day: int) -> None:
        bob.post(page, data=form(when="day", no_video="ask"))
        shown = bob.get(f"/calendar/{day}").text
        assert "Record for Maria" in shown
        assert f"/messages/{only().id}" in shown

    def test_with_one_that_was_taken_back_to_plan_anew(self, bob: FlaskClient, page: str, day: int) -> None:
        bob.post(page, data=form(when="day", no_video="ask"))
        bob.post(f"/messages/{only().id}/decide", data={"choice": "cancel"})
        assert "Plan a message" in bob.get(f"/calendar/{day}").text


class TestChoosingAVideo:
    """On the page of a plan that waits for one."""

    @pytest.fixture
    def plan(self, bob: FlaskClient, page: str) -> Message:
        bob.post(page, data=form(when="day", no_video="ask"))
        return only()

    def test_a_kept_take_for_her_may_go_with_it(self, bob: FlaskClient, plan: Message, video: Video) -> None:
        assert "For Maria, from 4 March, 0:31" in bob.get(f"/messages/{plan.id}").text
        bob.post(f"/messages/{plan.id}/video", data={"video": video.id})
        assert (only().state, only().video_id) == (states.SCHEDULED, video.id)

    def test_what_was_made_for_somebody_else_is_never_offered_nor_taken(
        self, bob: FlaskClient, plan: Message, video: Video, home: cast.Cast
    ) -> None:
        with writing() as session:
            nora = cast.customer(session, session.get_one(User, home.bob.id), "Nora", "Quist", "+12065550177")
            session.get_one(Video, video.id).person_id = nora.id
        assert "Choose a video that is there" not in bob.get(f"/messages/{plan.id}").text
        told = bob.post(f"/messages/{plan.id}/video", data={"video": video.id}, follow_redirects=True).text
        assert "Choose a video that is kept and plays." in told
        assert only().video_id is None

    def test_after_it_left_it_is_too_late(
        self, gateway: FakeGateway, bob: FlaskClient, page: str, library: Video
    ) -> None:
        bob.post(page, data=form(when="now", body=ALONE))
        go()
        told = bob.post(f"/messages/{only().id}/video", data={"video": library.id}, follow_redirects=True).text
        assert "Too late to change: it left at" in told
        assert only().video_id is None
