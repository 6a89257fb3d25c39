"""The link in a text to a rep: it opens the camera for one day and nothing else; looking uses nothing up; it ends."""

from __future__ import annotations

import base64
import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tests.unit.asking.conftest import World, gateway, home, seattle, time, world
from vidmsg import clock
from vidmsg.accounts.models import Organisation, User
from vidmsg.asking.models import RecordLink
from vidmsg.calendar import moving
from vidmsg.composing import templating
from vidmsg.composing.templating import Draft
from vidmsg.database import reading, writing
from vidmsg.messages import states
from vidmsg.messages.models import Link, Message
from vidmsg.milestones.models import Occurrence
from vidmsg.people.models import Note
from vidmsg.videos.models import COMPLETE, READY, Upload, Video

__all__ = ["gateway", "home", "time", "world"]
TUS = {"Tus-Resumable": "1.0.0", "Upload-Defer-Length": "1"}
ROBOT = {"User-Agent": "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)"}
PHONE = {"User-Agent": "Mozilla/5.0 (iPhone; CPU iPhone OS 17_0 like Mac OS X) AppleWebKit/605.1.15"}


def metadata(**values: str) -> str:
    return ",".join(f"{name} {base64.b64encode(value.encode()).decode()}" for name, value in values.items())


class Phone:
    """Bob's phone: nobody is signed in on it."""

    def __init__(self, client: FlaskClient, token: str) -> None:
        self.client, self.at = client, f"/r/{token}"

    def open(self, more: str = "", **headers: str) -> TestResponse:
        return self.client.get(self.at + more, headers={**PHONE, **headers})

    def post(self, more: str, **headers: str) -> TestResponse:
        return self.client.post(self.at + more, headers={**PHONE, **headers})

    def begin(self, take: str = "take-1", **more: str) -> TestResponse:
        values = {"kind": "take", "take": take, "filetype": "video/webm", **more}
        return self.post("/uploads", **{**TUS, "Upload-Metadata": metadata(**values)})

    def record(self, take: str = "take-1") -> Any:
        """A whole take, as far as rows know; ids of upload and video."""
        made = self.begin(take).get_json()
        with writing() as session:
            session.get_one(Upload, made["upload"]).state = COMPLETE
            video = session.get_one(Video, made["video"])
            video.state, video.playable_at, video.has_audio = READY, clock.now(), True
        return made

    def keep(self, video: str) -> TestResponse:
        return self.post(f"/videos/{video}/keep")


@pytest.fixture
def phone(world: World, client: FlaskClient) -> Phone:
    """Bob was asked by text, and holds the phone."""
    world.run()
    return Phone(client, world.token())


def message() -> Message | None:
    with reading() as session:
        return session.scalars(sa.select(Message).where(Message.occurrence_id.is_not(None))).one_or_none()


def ended(answer: TestResponse) -> bool:
    return answer.status_code == 404 and "This link has ended" in answer.text


def test_it_opens_the_camera_with_what_is_known_and_without_a_cookie(world: World, phone: Phone) -> None:
    with writing() as session:
        note = Note(person_id=world.people.maria.id, text="Her bakery turned ten", at=clock.now())
        session.add(note)
    page = phone.open()
    assert page.status_code == 200
    assert "Maria, five years with us" in page.text
    assert "Her bakery turned ten" in page.text
    assert "Set-Cookie" not in page.headers
    assert "camera=(self)" in page.headers["Permissions-Policy"]
    assert page.headers["Referrer-Policy"] == "no-referrer"


def test_robots_that_look_for_a_preview_use_nothing_up_and_learn_nothing(phone: Phone) -> None:
    for _ in range(5):
        page = phone.client.get(phone.at, headers=ROBOT)
        assert (page.status_code, "Maria" in page.text) == (200, False)
        assert phone.client.head(phone.at, headers=ROBOT).status_code == 200
    assert phone.open().status_code == 200


def test_it_opens_no_other_page(world: World, phone: Phone) -> None:
    phone.open()
    for path in ("/", "/people", f"/people/{world.people.maria.id}", "/takes", "/phone", "/account"):
        answer = phone.client.get(path, headers=PHONE)
        assert (answer.status_code, "/login" in answer.headers["Location"]) == (302, True), path
    assert phone.client.post("/uploads/", headers={**PHONE, **TUS}).status_code in {302, 401}


def test_what_is_recorded_belongs_to_that_rep_and_that_day_whatever_the_caller_says(world: World, phone: Phone) -> None:
    made = phone.begin(person="999", occurrence="999").get_json()
    with reading() as session:
        upload = session.get_one(Upload, made["upload"])
        assert (upload.user_id, upload.occurrence_id) == (world.people.bob.id, world.day().id)
        assert (upload.video.person_id, upload.video.owner_id) == (world.people.maria.id, world.people.bob.id)


def test_takes_of_other_days_are_out_of_reach(world: World, phone: Phone) -> None:
    with writing() as session:
        other = Video(
            organisation_id=world.people.organisation.id, team_id=world.people.team.id, owner_id=world.people.bob.id,
            person_id=world.people.maria.id, state=READY, created_at=clock.now(),
        )  # fmt: skip
        session.add(other)
        session.flush()
        upload = Upload(
            video_id=other.id, user_id=world.people.bob.id, capability_digest="", kind="take",
            created_at=clock.now(), moved_at=clock.now(),
        )  # fmt: skip
        session.add(upload)
        session.flush()
    assert ended(phone.keep(other.id))
    assert ended(phone.post(f"/videos/{other.id}/discard"))
    assert ended(phone.post(f"/uploads/{upload.id}/renew"))
    assert phone.open(f"/videos/{other.id}/state").status_code == 404
    assert phone.open(f"/videos/{other.id}/play/standard").status_code == 404
    with reading() as session:
        kept = session.get_one(Video, other.id)
        assert (kept.kept_at, kept.discarded_at) == (None, None)


def test_a_page_from_elsewhere_may_change_nothing(phone: Phone) -> None:
    video = phone.record()["video"]
    for more in ("/uploads", f"/videos/{video}/keep", f"/videos/{video}/discard"):
        assert phone.post(more, Origin="https://elsewhere.example").status_code == 400
    assert phone.post(f"/videos/{video}/keep", Origin="http://localhost").status_code == 200


def test_once_the_take_is_kept_it_is_over(world: World, phone: Phone) -> None:
    video = phone.record()["video"]
    following = phone.keep(video).get_json()["next"]
    assert "It goes out Friday 9:10, Maria&#39;s time." in phone.client.get(following).text
    assert ended(phone.open())
    assert ended(phone.begin("another"))
    assert ended(phone.post(f"/uploads/{phone.record}/renew"))
    world.time.forward(hours=2)
    assert ended(phone.client.get(following))


def test_it_ends_too_when_she_keeps_the_take_signed_in(
    world: World, phone: Phone, sign_in: Callable[[Any], FlaskClient]
) -> None:
    video = phone.record()["video"]
    assert ended(phone.open("/kept"))  # not yet
    assert sign_in(world.people.bob).post(f"/videos/{video}/keep").status_code == 200
    assert ended(phone.open())


def test_an_answer_that_was_lost_costs_nothing(phone: Phone) -> None:
    video = phone.record()["video"]
    assert phone.keep(video).get_json() == phone.keep(video).get_json()
    with reading() as session:
        assert session.scalar(sa.select(sa.func.count()).select_from(Link)) == 1


def test_other_takes_are_let_go_after_one_was_kept(phone: Phone) -> None:
    first, second = phone.record("take-1")["video"], phone.record("take-2")["video"]
    phone.keep(second)
    assert phone.post(f"/videos/{first}/discard").status_code == 204
    assert phone.post(f"/videos/{second}/discard").status_code == 409


def test_when_somebody_else_gets_the_day_it_is_over(world: World, phone: Phone) -> None:
    video = phone.record()["video"]
    with writing() as session:
        day = session.get_one(Occurrence, world.day().id)
        alice = session.get_one(User, world.people.alice.id)
        moving.assign(session, day, alice, world.people.bob.id, alice.id)
        moving.assign(session, day, session.get_one(User, world.people.bob.id), alice.id, alice.id)
    assert ended(phone.open())
    assert ended(phone.keep(video))


@pytest.mark.parametrize(
    ("later", "what"),
    [
        (seattle(7, 0, 1), "the day is over where she lives"),
        (seattle(4, 12) + dt.timedelta(hours=72, minutes=1), "three days have passed"),
    ],
)
def test_in_time_it_is_over(world: World, phone: Phone, later: dt.datetime, what: str) -> None:
    if what.startswith("three"):
        world.change(Occurrence, world.day().id, planned_on=dt.date(2026, 3, 20))
    world.time.at(later - dt.timedelta(minutes=2))
    assert phone.open().status_code == 200, what
    world.time.at(later)
    assert ended(phone.open())
    assert ended(phone.begin())


def test_a_rep_who_left_records_nothing(world: World, phone: Phone) -> None:
    world.change(User, world.people.bob.id, active=False)
    assert ended(phone.open())


def test_an_ended_link_and_one_that_never_was_say_the_same(app: Flask, world: World, phone: Phone) -> None:
    with writing() as session:
        session.scalars(sa.select(RecordLink)).one().ended_at = clock.now()
    gone, never = phone.open(), phone.client.get("/r/" + "x" * 22, headers=PHONE)
    assert ended(gone)
    nonce = gone.headers["Content-Security-Policy"].split("'nonce-")[1].split("'")[0]
    other = never.headers["Content-Security-Policy"].split("'nonce-")[1].split("'")[0]
    assert gone.text.replace(nonce, "") == never.text.replace(other, "")


def test_the_planned_message_gets_the_take(world: World, phone: Phone) -> None:
    with writing() as session:
        day, now = session.get_one(Occurrence, world.day().id), clock.now()
        session.add(
            Message(
                organisation_id=day.organisation_id, team_id=day.team_id, occurrence_id=day.id,
                person_id=day.person_id, sender_id=world.people.alice.id, request_key="plan", no_video="ask",
                phone=world.people.maria.phone, body="Hi Maria, Alice of Harbor Spa. Reply STOP to opt out.",
                state=states.PLANNED, due_at=seattle(6, 10), send_on=day.planned_on, look_at=seattle(6, 10),
                created_at=now, changed_at=now,
            )
        )  # fmt: skip
    video = phone.record()["video"]
    page = phone.client.get(phone.keep(video).get_json()["next"], headers=PHONE)
    assert "It goes out Friday 10:00" in page.text
    made = message()
    assert made is not None
    assert (made.video_id, made.state, made.sender_id) == (video, states.SCHEDULED, world.people.alice.id)


def test_without_a_plan_the_houses_words_for_such_a_day_go_at_its_usual_moment(world: World, phone: Phone) -> None:
    with writing() as session:
        words = "Hi {first_name}, {years} years with {organisation}! Reply STOP to opt out. {link}"
        templating.save(session, world.people.alice, Draft("Years", "customer_since", words))
    video = phone.record()["video"]
    phone.keep(video)
    made = message()
    assert made is not None
    assert made.body == "Hi Maria, 5 years with Harbor Spa! Reply STOP to opt out."
    assert (made.video_id, made.send_on, made.due_at) == (video, dt.date(2026, 3, 6), seattle(6, 9, 10))


def test_where_a_manager_says_yes_first_it_waits_for_that(world: World, phone: Phone) -> None:
    world.change(Organisation, world.people.organisation.id, approval=True)
    page = phone.client.get(phone.keep(phone.record()["video"]).get_json()["next"], headers=PHONE)
    assert "It waits for a yes from your manager." in page.text
    made = message()
    assert made is not None
    assert made.state == states.HELD


def test_for_a_customer_who_said_stop_meanwhile_the_take_is_kept_and_the_page_says_why(
    world: World, phone: Phone
) -> None:
    video = phone.record()["video"]
    world.answer("STOP", str(world.people.maria.phone))
    page = phone.client.get(phone.keep(video).get_json()["next"], headers=PHONE)
    assert "Maria asked us to stop" in page.text
    assert message() is None


def test_a_take_on_its_way_goes_on_by_the_second_link_and_by_no_other_take(world: World, phone: Phone) -> None:
    made = phone.begin("take-1").get_json()
    phone.keep(made["video"])
    world.time.forward(minutes=11)
    world.run()
    finish = Phone(phone.client, world.token())
    assert "video is kept" in finish.open().text
    assert finish.begin("take-1.2").status_code == 201
    assert ended(finish.begin("something-else"))
    assert ended(phone.begin("take-1.3"))
