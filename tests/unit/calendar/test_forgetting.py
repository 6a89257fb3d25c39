"""Somebody is forgotten: who she is goes, with all that was made for her; what numbers said and what left counts."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from tests import cast, watched
from tests.postgres import both_databases
from tests.unit.calendar.asking import NOW
from vidmsg.accounts.models import Audit, User
from vidmsg.asking import admitting
from vidmsg.calendar import planning
from vidmsg.database import Base, reading, writing
from vidmsg.messages import caps, compose, states
from vidmsg.messages.models import Attempt, Inbound, Link, Message
from vidmsg.milestones import keeping
from vidmsg.milestones.keeping import Details
from vidmsg.milestones.models import Occurrence
from vidmsg.people import consent
from vidmsg.people import keeping as people_keeping
from vidmsg.people.models import COLLEAGUE, ImportBatch, ImportChange, JoinRequest, Person
from vidmsg.videos.models import FILE, Upload, Video
from vidmsg.watching.models import Visit

pytestmark = both_databases
SID, REPLY = "SM" + "1" * 32, "SM" + "2" * 32
NAMES = ("Maria", "Alvarez", "Swims", "good bread", "I loved it", "made you a video")


@pytest.fixture
def alice(people: cast.Cast, sign_in: Callable[[Any], FlaskClient]) -> FlaskClient:
    return sign_in(people.alice)


@pytest.fixture
def sent(app: Flask, people: cast.Cast) -> watched.Sent:
    """Maria's whole life with us: a text that she watched and answered, a note, a birthday, a plan, a list, a question
    to Bob, and a record link of his."""
    with app.app_context():
        with writing() as session:
            maria = session.get_one(Person, people.maria.id)
            made = watched.arrived(session, people, at=NOW)
            session.execute(sa.update(Attempt).values(sid=SID))
            session.add(Visit(link_id=made.link_id, page_id="p", fetched_at=NOW, intervals=[]))
            session.add(Inbound(
                sid=REPLY, organisation_id=maria.organisation_id, person_id=maria.id, message_id=made.message_id,
                from_number=cast.MARIA_PHONE, to_number="+12065550199", body="I loved it", kind="text", at=NOW,
            ))  # fmt: skip
            people_keeping.note(session, maria, people.bob.id, "Swims", "recreation")
            keeping.add(session, maria, Details("birthday", month=12, day=1), None)
            batch = ImportBatch(
                organisation_id=maria.organisation_id, team_id=maria.team_id, file_name="a.csv", created_at=NOW
            )
            session.add(batch)
            session.flush()
            session.add(ImportChange(batch_id=batch.id, person_id=maria.id, made={"person": {"first_name": "Maria"}}))
            said = {"phone": cast.MARIA_PHONE, "words": "Yes please", "at": NOW, "month": 5, "day": 17}
            session.add(JoinRequest(organisation_id=maria.organisation_id, person_id=maria.id, **said))
        planning.run()
        with writing() as session:
            day = session.scalars(sa.select(Occurrence)).one()
            bob = session.get_one(User, people.bob.id)
            admitting.make(session, day, bob)
            upload = {"video_id": made.video_id, "user_id": bob.id, "kind": FILE, "capability_digest": ""}
            session.add(Upload(**upload, occurrence_id=day.id, created_at=NOW, moved_at=NOW))
            plan(session, people, occurrence_id=day.id, no_video="ask", send_on=day.planned_on)
    return made


def plan(session: Session, people: cast.Cast, **known: Any) -> None:
    """A text of Bob's that waits for its video."""
    compose.compose(
        session, sender=session.get_one(User, people.bob.id), person=session.get_one(Person, people.maria.id),
        video=None, body="Maria from Harbor Spa. Reply STOP to opt out.", words="", request_key="planned",
        due_at=NOW + dt.timedelta(days=7), plan=compose.Plan(**known),
    )  # fmt: skip


def forget(client: FlaskClient, people: cast.Cast) -> Any:
    return client.post(f"/people/{people.maria.id}/forget")


def everything(app: Flask) -> str:
    """All rows of all tables as one text, but for what the law wants kept."""
    kept = {"consent", "join_request"}
    with app.app_context(), reading() as session:
        tables = [table for table in Base.metadata.sorted_tables if table.name not in kept]
        return " ".join(str(row) for table in tables for row in session.execute(sa.select(table)))


def rows(app: Flask, model: Any) -> list[Any]:
    with app.app_context(), reading() as session:
        return list(session.scalars(sa.select(model)))


def test_the_page_says_what_goes_and_what_stays_and_changes_nothing(
    app: Flask, people: cast.Cast, alice: FlaskClient, sent: watched.Sent
) -> None:
    before = everything(app)
    page = alice.get(f"/people/{people.maria.id}/forget").text
    for words in (
        "Forget Maria Alvarez?", "1 note", "1 date, and", "1 text that has not left", "The words of 1 text that left",
        "1 video that was made for Maria", "a STOP goes on counting", "Backups",
    ):  # fmt: skip
        assert words in page
    assert everything(app) == before
    assert f"/people/{people.maria.id}/forget" in alice.get(f"/people/{people.maria.id}").text


def test_nothing_says_who_she_was(app: Flask, people: cast.Cast, alice: FlaskClient, sent: watched.Sent) -> None:
    assert all(name in everything(app) for name in NAMES)
    answer = forget(alice, people)
    assert answer.location == "/people"
    left = everything(app)
    assert [name for name in NAMES if name in left] == []
    assert alice.get(f"/people/{people.maria.id}").status_code == 404
    assert alice.get(f"/messages/{sent.message_id}").status_code == 404
    assert "Maria Alvarez is forgotten." in alice.get("/people").text
    assert "Maria" not in alice.get("/people").text
    (asked,) = rows(app, JoinRequest)
    assert (asked.words, asked.person_id, asked.month, asked.day) == ("Yes please", None, None, None)
    (entry,) = [one for one in rows(app, Audit) if one.action == "person.forget"]
    assert (entry.user_id, entry.subject, entry.detail) == (people.alice.id, f"person:{people.maria.id}", None)


def test_her_link_plays_no_more_and_her_video_is_let_go(
    app: Flask, people: cast.Cast, alice: FlaskClient, client: FlaskClient, sent: watched.Sent
) -> None:
    assert client.get(sent.path).status_code == 200
    forget(alice, people)
    assert client.get(sent.path).status_code == 404
    assert rows(app, Link) == []
    (video,) = rows(app, Video)
    assert (video.person_id, video.kept_at, video.discarded_at) == (None, None, NOW)


def test_a_video_that_somebody_else_got_too_stays(
    app: Flask, people: cast.Cast, alice: FlaskClient, sent: watched.Sent
) -> None:
    with app.app_context(), writing() as session:
        tom = cast.customer(session, session.get_one(User, people.bob.id), "Tom", "Wells", "+12065550143")
        hers = session.get_one(Message, sent.message_id)
        names = [column.name for column in Message.__table__.columns if column.name not in {"id", "person_id"}]
        values = {name: getattr(hers, name) for name in names}
        session.add(Message(**{**values, "request_key": "tom", "person_id": tom.id, "phone": tom.phone}))
    forget(alice, people)
    (video,) = rows(app, Video)
    assert (video.person_id, video.discarded_at) == (None, None)


def test_what_left_still_counts_and_can_not_be_sent_again(
    app: Flask, people: cast.Cast, alice: FlaskClient, sent: watched.Sent
) -> None:
    with app.app_context(), writing() as session:
        assert caps.today(session, people.organisation) == 1
        session.get_one(Message, sent.message_id).state = states.UNCONFIRMED
    forget(alice, people)
    (attempt,) = rows(app, Attempt)
    assert (attempt.sid, attempt.phone, attempt.body) == (SID, cast.MARIA_PHONE, "")
    with app.app_context(), reading() as session:
        assert caps.today(session, people.organisation) == 1
    assert alice.post(f"/messages/{sent.message_id}/decide", data={"choice": "again"}).status_code == 404
    assert "Not found" not in alice.get("/operating?kind=unconfirmed").text
    assert [one.sid for one in rows(app, Inbound)] == [REPLY]


def test_a_text_that_left_once_and_waits_to_leave_again_does_not(
    app: Flask, people: cast.Cast, alice: FlaskClient, sent: watched.Sent
) -> None:
    with app.app_context(), writing() as session:
        session.get_one(Message, sent.message_id).state = states.SCHEDULED
    forget(alice, people)
    (message,) = rows(app, Message)
    assert (message.state, message.look_at) == (states.CANCELED, None)


def test_a_stop_goes_on_counting(app: Flask, people: cast.Cast, alice: FlaskClient, sent: watched.Sent) -> None:
    said = {"phone": cast.MARIA_PHONE, "words": "STOP", "source": consent.BY_TEXT}
    with app.app_context(), writing() as session:
        consent.revoke(session, organisation_id=people.organisation.id, **said)
    forget(alice, people)
    with app.app_context(), writing() as session:
        assert consent.asked_to_stop(session, people.organisation.id, cast.MARIA_PHONE)
        with pytest.raises(consent.Stopped):
            cast.customer(session, session.get_one(User, people.bob.id))


@pytest.mark.parametrize("state", [states.CLAIMED, states.SUBMITTING, states.UNKNOWN])
def test_while_a_text_is_just_leaving_she_stays(
    app: Flask, people: cast.Cast, alice: FlaskClient, sent: watched.Sent, state: str
) -> None:
    with app.app_context(), writing() as session:
        session.get_one(Message, sent.message_id).state = state
    before = everything(app)
    page = alice.post(f"/people/{people.maria.id}/forget", follow_redirects=True).text
    assert "A text is just leaving." in page
    assert everything(app) == before


def test_a_question_to_her_rep_goes_with_her(
    app: Flask, people: cast.Cast, alice: FlaskClient, sent: watched.Sent
) -> None:
    with app.app_context(), writing() as session:
        bob = session.get_one(User, people.bob.id)
        own = cast.customer(session, bob, "Bob", "Baker", "+12065550150")
        own.user_id, own.kind = bob.id, COLLEAGUE
        ask = session.scalars(sa.select(Message).where(Message.request_key == "planned")).one()
        ask.person_id, ask.about_id, ask.purpose = own.id, people.maria.id, "ask"
    forget(alice, people)
    assert [one.id for one in rows(app, Message)] == [sent.message_id]


def test_somebody_without_a_text_leaves_no_row(app: Flask, people: cast.Cast, alice: FlaskClient) -> None:
    forget(alice, people)
    assert rows(app, Person) == []


def test_a_rep_and_whoever_works_here_cannot_be_forgotten_so(
    app: Flask, people: cast.Cast, alice: FlaskClient, bob: FlaskClient
) -> None:
    assert forget(bob, people).status_code == 403
    assert "/forget" not in bob.get(f"/people/{people.maria.id}").text
    with app.app_context(), writing() as session:
        session.get_one(Person, people.maria.id).user_id = people.alice.id
    assert forget(alice, people).status_code == 404
    assert len(rows(app, Person)) == 1
