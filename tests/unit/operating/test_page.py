"""The page on which a manager sees how it runs: workers, queues, what is late and why, what is in doubt, and what she
may do about it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from tests import cast
from tests.postgres import both_databases
from tests.unit.messages.conftest import NOON, Clock, FakeGateway, Written, go
from vidmsg import clock, jobs
from vidmsg.accounts.models import Organisation
from vidmsg.database import db, reading, writing
from vidmsg.jobs.beats import Pulse
from vidmsg.messages import frozen, sending, states
from vidmsg.messages.models import ASK, Message
from vidmsg.operating import troubles
from vidmsg.sms.gateway import RefusedFinal
from vidmsg.videos.models import BROKEN, COMPLETE, PREPARING, TAKE, Chunk, Upload, Video

pytestmark = both_databases
Write, Look = Callable[..., Message], Callable[[Message], Message]


def put(message: Message, **values: Any) -> Message:
    with writing() as session:
        row = session.get_one(Message, message.id)
        for name, value in values.items():
            setattr(row, name, value)
    return message


def page(client: FlaskClient, query: str = "") -> str:
    answer = client.get(f"/operating{query}")
    assert answer.status_code == 200
    return answer.text


def test_without_a_worker_it_says_so_and_how_to_start_one(alice: FlaskClient) -> None:
    text = page(alice)
    assert "Nothing goes out" in text
    assert "No worker is running. Start one:" in text
    assert "python -m vidmsg work" in text


def test_a_living_worker_is_shown_with_when_it_was_seen(alice: FlaskClient, time: Clock) -> None:
    Pulse().tick()
    time.forward(seconds=3)
    text = page(alice)
    assert "All goes its way" in text
    assert "seen 3 s ago" in text or "seen 4 s ago" in text
    time.forward(minutes=5)
    text = page(alice)
    assert "silent for 5 minutes" in text
    assert "Nothing goes out" in text


def test_queues_tell_what_waits_what_runs_and_since_when(
    app: Flask, alice: FlaskClient, write: Write, video: Video, time: Clock
) -> None:
    write()
    with writing() as session:
        row = session.get_one(Video, video.id)
        row.job_state, row.job_due_at = jobs.DUE, NOON
        session.add(Upload(id="u", video_id=video.id, user_id=row.owner_id, capability_digest="", kind=TAKE,
                           created_at=NOON, moved_at=NOON, job_state=jobs.RUNNING, job_due_at=NOON))  # fmt: skip
    time.forward(hours=1)
    live, prepare, texts = page(alice).split('aria-labelledby="queues"')[1].split("<li>")[1:4]
    assert "0 wait, 1 under way" in " ".join(live.split())
    assert "1 waits, 0 under way" in " ".join(prepare.split())
    assert "The oldest since 12:00" in prepare
    assert "1 waits, 0 under way" in " ".join(texts.split())


def test_what_runs_later_waits_for_nobody(alice: FlaskClient, write: Write, time: Clock) -> None:
    put(write(), due_at=clock.now() + dt.timedelta(hours=1))
    assert page(alice).count("Nothing waits") == 3


def test_a_late_text_says_why(
    gateway: FakeGateway, alice: FlaskClient, write: Write, home: cast.Cast, video: Video, time: Clock
) -> None:
    message = write()
    assert "Nothing of this kind." in page(alice, "?kind=late")
    time.forward(minutes=2)
    assert "No worker is running.</p>" in page(alice, "?kind=late")
    Pulse().tick()
    assert "It should leave any moment." in page(alice, "?kind=late")
    with writing() as session:
        session.get_one(Video, video.id).state = PREPARING
    assert "Its video is still being prepared." in page(alice, "?kind=late")
    with writing() as session:
        session.get_one(Video, video.id).state = "ready"
        session.get_one(Organisation, home.organisation.id).opens = 13
    assert "so it waits until 13:00 there." in page(alice, "?kind=late")
    with writing() as session:
        frozen.begin(session, "Restored from a backup.")
    text = page(alice, "?kind=late")
    assert "Sending is paused, so it waits with all others." in text
    assert "Restored from a backup." in text
    assert 'href="/sending"' in text
    put(message, send_on=NOON.date() - dt.timedelta(days=1))
    with writing() as session:
        session.execute(sa.text("UPDATE installation SET frozen_reason = NULL"))
    assert "Its day is over" in page(alice, "?kind=late")


def test_a_late_text_behind_many_others_says_how_long_that_takes(
    app: Flask, alice: FlaskClient, written: Written, home: cast.Cast, time: Clock
) -> None:
    for number in range(3):
        written.make(key=str(number))
    app.config["SETTINGS"] = app.config["SETTINGS"].model_copy(update={"sms_per_second": 0.01})
    time.forward(minutes=2)
    Pulse().tick()
    text = page(alice, "?kind=late")
    assert "3 are in line. That takes 5 minutes." in text


def test_nobody_sees_another_houses_texts(alice: FlaskClient, write: Write, home: cast.Cast) -> None:
    message = put(write(), state=states.HELD, reason="Look, then send it or not.")
    with writing() as session:
        other = cast.organisation(session, "Elsewhere")
        boss = cast.user(session, cast.team(session, other, "Desk"), "Zoe Zimmer", "manager")
        put_there = session.get_one(Message, message.id)
        put_there.organisation_id = boss.organisation_id or 0
    assert "Maria" not in page(alice, "?kind=held")
    assert alice.post(f"/operating/messages/{message.id}", data={"choice": "release"}).status_code == 404


def test_a_held_text_is_let_go_or_dropped_from_the_list(
    gateway: FakeGateway, alice: FlaskClient, write: Write, look: Look
) -> None:
    one, other = write(), write()
    for message in (one, other):
        put(message, state=states.HELD, reason="Everything to Maria is paused. Look, then send it or not.")
    text = page(alice)
    assert "2 things wait for you" in text or "Nothing goes out" in text
    assert "Everything to Maria is paused." in text, "held is the first kind that has something"
    there = {"kind": "held", "page": "1"}
    answer = alice.post(f"/operating/messages/{one.id}", data={"choice": "release", **there})
    assert answer.headers["Location"] == "/operating?kind=held&page=1"
    alice.post(f"/operating/messages/{other.id}", data={"choice": "cancel", **there})
    assert (look(one).state, look(other).state) == (states.SCHEDULED, states.CANCELED)
    go()
    assert len(gateway.sent) == 1


def test_a_yes_is_given_from_the_list(alice: FlaskClient, write: Write, look: Look, home: cast.Cast) -> None:
    with writing() as session:
        session.get_one(Organisation, home.organisation.id).approval = True
    message = put(write(), state=states.HELD, reason="It waits for a manager's yes.")
    alice.post(f"/operating/messages/{message.id}", data={"choice": "release", "kind": "held"})
    assert (look(message).state, look(message).approved_by) == (states.SCHEDULED, home.alice.id)


def test_an_unconfirmed_text_is_settled_by_a_person(alice: FlaskClient, write: Write, look: Look) -> None:
    one, other = (put(write(), state=states.UNCONFIRMED) for _ in range(2))
    assert "We are not sure this one arrived." in page(alice, "?kind=unconfirmed")
    alice.post(f"/operating/messages/{one.id}", data={"choice": "arrived", "kind": "unconfirmed"})
    alice.post(f"/operating/messages/{other.id}", data={"choice": "again", "kind": "unconfirmed"})
    assert (look(one).state, look(other).state) == (states.DELIVERED, states.SCHEDULED)


def test_a_missed_text_may_go_after_all(alice: FlaskClient, write: Write, look: Look) -> None:
    message = put(write(), state=states.MISSED, reason="Maria's day was 3 March.")
    assert "Maria&#39;s day was 3 March." in page(alice, "?kind=missed")
    alice.post(f"/operating/messages/{message.id}", data={"choice": "release", "kind": "missed"})
    assert look(message).state == states.SCHEDULED


def test_a_text_to_a_rep_is_named_and_its_link_stays_hers(alice: FlaskClient, write: Write) -> None:
    message = put(write(), state=states.HELD, purpose=ASK, reason="Look, then send it or not.")
    text = page(alice, "?kind=held")
    assert "asked to record" in text
    assert f"/messages/{message.id}" not in text.replace(f"/operating/messages/{message.id}", "")


def test_a_text_in_doubt_is_shown_and_left_alone(alice: FlaskClient, write: Write, look: Look) -> None:
    message = put(write(), state=states.UNKNOWN, look_at=clock.now() + dt.timedelta(minutes=1))
    text = page(alice, "?kind=unknown")
    assert "It is looked for in Twilio&#39;s list" in text
    assert 'name="choice"' not in text
    late = alice.post(f"/operating/messages/{message.id}", data={"choice": "again"}, follow_redirects=True)
    assert "Too late" in late.text
    assert look(message).state == states.UNKNOWN


def test_a_failed_text_shows_twilios_sentence_and_number_and_is_never_sent_again(
    gateway: FakeGateway, alice: FlaskClient, write: Write, time: Clock
) -> None:
    gateway.outcomes = [RefusedFinal(99999, "?"), RefusedFinal(21614, "?")]
    message, _ = write(), write()
    go()
    text = page(alice, "?kind=failed")
    assert "This number can&#39;t get texts. Ask for a mobile number." in text
    assert "number for it: 21614" in text
    assert "(error 99999)" in text
    assert "Write anew" in text
    assert 'name="choice"' not in text
    time.forward(days=31)
    assert "Nothing of this kind." in page(alice, "?kind=failed")
    assert len(gateway.sent) == 2
    assert message


def test_a_video_that_failed_is_tried_again(alice: FlaskClient, home: cast.Cast, video: Video) -> None:
    with writing() as session:
        row = session.get_one(Video, video.id)
        row.state, row.problem = BROKEN, "We could not make this playable."
        upload = Upload(video_id=video.id, user_id=home.bob.id, capability_digest="", kind=TAKE, offset=9,
                        state=COMPLETE, created_at=NOON, moved_at=NOON)  # fmt: skip
        session.add(upload)
        session.flush()
        session.add(Chunk(upload_id=upload.id, offset=0, length=9, sha256="0", key="k"))
    assert "We could not make this playable." in page(alice, "?kind=videos")
    told = alice.post(f"/operating/videos/{video.id}", data={"kind": "videos"}, follow_redirects=True).text
    assert "It is being prepared once more." in told
    with reading() as session:
        assert session.get_one(Video, video.id).state == PREPARING
    again = alice.post(f"/operating/videos/{video.id}", data={"kind": "videos"}, follow_redirects=True).text
    assert "There is nothing to try again here." in again


def test_a_video_without_bytes_says_that_only_a_new_one_helps(alice: FlaskClient, video: Video) -> None:
    with writing() as session:
        session.get_one(Video, video.id).state = BROKEN
    text = page(alice, "?kind=videos")
    assert "only a new recording helps" in text
    assert "/operating/videos/" not in text


def test_a_long_list_has_pages_and_asks_as_many_questions_as_a_short_one(
    alice: FlaskClient, written: Written, home: cast.Cast
) -> None:
    asked: list[str] = []
    sa.event.listen(db.engine, "before_cursor_execute", lambda _c, _k, statement, *_: asked.append(statement))

    def questions(address: str) -> int:
        asked.clear()
        page(alice, address)
        return len(asked)

    def more(count: int, **values: Any) -> None:
        for number in range(count):
            with writing() as session:
                somebody = cast.customer(
                    session, session.merge(home.bob), f"Ann{number}", phone=f"+1206555{next_number():04d}"
                )
            put(written.make(to=somebody), **values)

    numbers = iter(range(200, 999))

    def next_number() -> int:
        return next(numbers)

    held = {"state": states.HELD, "reason": "Look."}
    late = {"due_at": clock.now() - dt.timedelta(minutes=5)}
    more(1, **held)
    more(1, **late)
    few = [questions(kind) for kind in ("?kind=held", "?kind=late")]
    more(troubles.PAGE, **held)
    more(3, **late)
    assert [questions(kind) for kind in ("?kind=held", "?kind=late")] == few
    assert page(alice, "?kind=held").count("Look.</p>") == troubles.PAGE
    last = page(alice, "?kind=held&page=2")
    assert last.count("Look.</p>") == 1
    assert "Page 2 of 2" in last
    assert "Page 2 of 2" in page(alice, "?kind=held&page=99"), "a page past the end is the last one"


def test_the_parts_that_change_are_given_alone(alice: FlaskClient, write: Write) -> None:
    Pulse().tick()
    parts = alice.get("/operating/state").get_json()
    assert set(parts) == {"says", "workers", "queues"}
    assert "Alive" in parts["workers"]


def test_a_claimed_text_is_under_way(gateway: FakeGateway, alice: FlaskClient, write: Write) -> None:
    write()
    sending.claim("one")
    assert "0 wait, 1 under way" in " ".join(alice.get("/operating/state").get_json()["queues"].split())


def test_an_unknown_kind_is_no_page(alice: FlaskClient) -> None:
    assert alice.get("/operating?kind=nothing").status_code == 404


def test_a_manager_finds_the_pages_from_her_settings(alice: FlaskClient) -> None:
    settings = alice.get("/account").text
    assert all(f'href="{address}"' in settings for address in ("/operating", "/settings/decency", "/settings/twilio"))
