"""Somebody leaves: her people, days and replies go to a colleague in one go; what shows her waits for a decision."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from tests import cast
from tests.postgres import both_databases
from vidmsg import clock
from vidmsg.accounts.models import MANAGER, Audit, User
from vidmsg.asking.models import RecordLink
from vidmsg.calendar import handover, planning
from vidmsg.database import reading, writing
from vidmsg.messages import compose, obstacles, planned, states
from vidmsg.messages.models import Inbound, Message
from vidmsg.milestones import keeping
from vidmsg.milestones.keeping import Details
from vidmsg.milestones.models import Occurrence
from vidmsg.people.models import Person
from vidmsg.tokens import new_token
from vidmsg.videos.models import READY, Video

pytestmark = both_databases
SignIn = Callable[[Any], FlaskClient]
DUE = dt.datetime(2026, 12, 1, 17, 10, tzinfo=dt.UTC)
NOW = dt.datetime(2026, 11, 20, 20, tzinfo=dt.UTC)


@pytest.fixture(autouse=True)
def _now(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "now", lambda: NOW)


@pytest.fixture
def people(app: Flask) -> cast.Cast:
    """Bob has Maria, with a birthday that is planned, and Tom; Dana is his colleague."""
    with app.app_context():
        with writing() as session:
            made = cast.put_in(session)
            cast.user(session, made.team, "Dana Dorn")
            cast.customer(session, made.bob, "Tom", "Wells", "+12065550143")
            keeping.add(session, made.maria, Details("birthday", month=12, day=1), None)
        planning.run()
    return made


@pytest.fixture
def dana(app: Flask, people: cast.Cast) -> User:
    with app.app_context(), reading() as session:
        return session.scalars(sa.select(User).where(User.name == "Dana Dorn")).one()


@pytest.fixture
def alice(people: cast.Cast, sign_in: SignIn) -> FlaskClient:
    return sign_in(people.alice)


def write(
    app: Flask, people: cast.Cast, sender: User, owner: User | None = None, body: str = "Happy day", **more: Any
) -> str:
    """A text to Maria that leaves on the first of December; with a video of `owner`, if given."""
    with app.app_context(), writing() as session:
        video = None
        if owner:
            video = Video(
                organisation_id=people.organisation.id, team_id=people.team.id, owner_id=owner.id, state=READY,
                created_at=NOW, playable_at=NOW - dt.timedelta(hours=1),
            )  # fmt: skip
            session.add(video)
            session.flush()
        made = compose.compose(
            session, sender=session.get_one(User, sender.id), person=session.get_one(Person, people.maria.id),
            video=video, body=f"{body} from Harbor Spa. Reply STOP to opt out.", words="", request_key=new_token(),
            due_at=DUE, plan=compose.Plan(send_on=DUE.date(), **more),
        )  # fmt: skip
        return made.id


def the_day(app: Flask) -> int:
    with app.app_context(), reading() as session:
        return session.scalars(sa.select(Occurrence.id)).one()


def a_video(app: Flask, people: cast.Cast, owner: User) -> Video:
    with app.app_context(), writing() as session:
        made = Video(
            organisation_id=people.organisation.id, team_id=people.team.id, owner_id=owner.id, state=READY,
            created_at=NOW, playable_at=NOW,
        )  # fmt: skip
        session.add(made)
        return made


def message(app: Flask, message_id: str) -> Message:
    with app.app_context(), reading() as session:
        return session.get_one(Message, message_id)


def leave(alice: FlaskClient, who: User, to: User | str = "") -> Any:
    return alice.post(f"/team/{who.id}/deactivate", data={"to": getattr(to, "id", to)})


def test_the_page_counts_what_is_handed_over_and_offers_who_may_see_it(
    app: Flask, people: cast.Cast, alice: FlaskClient, dana: User
) -> None:
    with app.app_context(), writing() as session:
        session.add(reply(people))
    page = " ".join(alice.get(f"/team/{people.bob.id}/leaving").text.split())
    for words in (
        '<b class="num">2</b><span>people',
        '<b class="num">1</b><span>day to',
        '<b class="num">1</b><span>rep',
    ):
        assert words in page
    assert f'name="to" value="{dana.id}"' in page
    assert f'name="to" value="{people.alice.id}"' in page
    assert f'name="to" value="{people.charlie.id}"' not in page


def reply(people: cast.Cast) -> Inbound:
    return Inbound(
        sid="SM" + "1" * 32, organisation_id=people.organisation.id, person_id=people.maria.id,
        from_number=str(people.maria.phone), to_number="+12065550199", body="Thank you, Bob!", kind="text", at=NOW,
    )  # fmt: skip


def test_people_days_and_replies_go_to_the_colleague(
    app: Flask, people: cast.Cast, alice: FlaskClient, dana: User, sign_in: SignIn
) -> None:
    with app.app_context(), writing() as session:
        session.add(reply(people))
    assert "Thank you, Bob!" not in sign_in(dana).get("/").text
    leave(alice, people.bob, dana)
    with app.app_context(), reading() as session:
        assert set(session.scalars(sa.select(Person.owner_id))) == {dana.id}
        assert set(session.scalars(sa.select(Occurrence.assignee_id))) == {dana.id}
        assert session.get_one(User, people.bob.id).active is False
        entry = session.scalars(sa.select(Audit).where(Audit.action == "member.hand_over")).one()
        assert (entry.user_id, entry.detail) == (people.alice.id, {"to": dana.id})
    assert "Thank you, Bob!" in sign_in(dana).get("/").text
    assert "Thank you, Bob!" not in alice.get("/").text


def test_days_that_are_over_or_put_aside_stay_told_as_they_were(
    app: Flask, people: cast.Cast, alice: FlaskClient, dana: User
) -> None:
    with app.app_context(), writing() as session:
        session.execute(sa.update(Occurrence).values(skipped_at=NOW))
    leave(alice, people.bob, dana)
    with app.app_context(), reading() as session:
        assert session.scalars(sa.select(Occurrence.assignee_id)).one() == people.bob.id


def test_many_go_in_batches_and_a_second_time_takes_up_the_rest(
    app: Flask, people: cast.Cast, dana: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(handover, "BATCH", 2)
    with app.app_context():
        with writing() as session:
            bob = session.get_one(User, people.bob.id)
            for number in range(5):
                keeping.add(
                    session, cast.customer(session, bob, "Ann", str(number), f"+1206555020{number}"),
                    Details("birthday", month=12, day=number + 1), None,
                )  # fmt: skip
        planning.run()
        handover.close(people.bob.id, people.alice.id)
        handover.hand_over(people.bob.id, dana.id, people.alice.id)
        handover.hand_over(people.bob.id, dana.id, people.alice.id)
        with reading() as session:
            assert handover.count(session, session.get_one(User, people.bob.id)).anything is False
            assert session.scalar(sa.select(sa.func.count(Person.id)).where(Person.owner_id == dana.id)) == 7
            assert session.scalar(sa.select(sa.func.count()).where(Occurrence.assignee_id == dana.id)) == 6


def test_links_to_record_end_with_the_account(app: Flask, people: cast.Cast, alice: FlaskClient) -> None:
    with app.app_context(), writing() as session:
        day = session.scalars(sa.select(Occurrence)).one()
        later = NOW + dt.timedelta(hours=72)
        for user, digest in ((people.bob, "a"), (people.alice, "b")):
            session.add(
                RecordLink(token_digest=digest, occurrence_id=day.id, user_id=user.id, created_at=NOW, expires_at=later)
            )
    leave(alice, people.bob)
    with app.app_context(), reading() as session:
        ended = {link.user_id: link.ended_at for link in session.scalars(sa.select(RecordLink))}
    assert ended == {people.bob.id: NOW, people.alice.id: None}


def test_chosen_later_the_days_planned_meanwhile_go_along(
    app: Flask, people: cast.Cast, alice: FlaskClient, dana: User
) -> None:
    assert leave(alice, people.bob).location == "/team"
    with app.app_context():
        with writing() as session:
            keeping.add(
                session, session.get_one(Person, people.maria.id), Details("customer_since", month=12, day=9), None
            )
        planning.run()
        with reading() as session:
            assert None in set(session.scalars(sa.select(Occurrence.assignee_id)))
    leave(alice, people.bob, dana)
    with app.app_context(), reading() as session:
        assert set(session.scalars(sa.select(Occurrence.assignee_id))) == {dana.id}


def test_somebody_of_another_team_cannot_be_chosen_and_nothing_happens(
    app: Flask, people: cast.Cast, alice: FlaskClient
) -> None:
    answer = leave(alice, people.bob, people.charlie)
    assert answer.status_code == 422
    assert "Choose a colleague who may see all of these people." in answer.text
    with app.app_context(), reading() as session:
        assert session.get_one(User, people.bob.id).active is True


def test_the_last_manager_stays_with_her_people(app: Flask, people: cast.Cast, alice: FlaskClient, dana: User) -> None:
    with app.app_context(), writing() as session:
        session.execute(sa.update(Person).values(owner_id=people.alice.id))
    leave(alice, people.alice, dana)
    with app.app_context(), reading() as session:
        assert session.get_one(User, people.alice.id).active is True
        assert set(session.scalars(sa.select(Person.owner_id))) == {people.alice.id}


def test_what_is_from_her_or_shows_her_is_held_and_decided_one_by_one(
    app: Flask, people: cast.Cast, alice: FlaskClient, dana: User
) -> None:
    hers = write(app, people, people.bob)
    shows = write(app, people, dana, people.bob)
    free = write(app, people, dana, dana)
    assert leave(alice, people.bob, dana).location == f"/team/{people.bob.id}/leaving"
    assert message(app, hers).state == message(app, shows).state == states.HELD
    assert message(app, shows).reason == "This video shows Bob, who left. Look, then send it or not."
    assert message(app, free).state == states.SCHEDULED
    assert alice.get(f"/team/{people.bob.id}/leaving").text.count("Send it as planned") == 2
    alice.post(f"/team/{people.bob.id}/texts/{shows}", data={"choice": "release"})
    alice.post(f"/team/{people.bob.id}/texts/{hers}", data={"choice": "cancel"})
    assert message(app, hers).state == states.CANCELED
    assert (message(app, shows).state, message(app, shows).due_at) == (states.SCHEDULED, DUE)
    assert "No text waits for a decision." in alice.get(f"/team/{people.bob.id}/leaving").text


def test_until_somebody_looks_after_them_her_texts_are_on_the_managers_today(
    app: Flask, people: cast.Cast, alice: FlaskClient, dana: User, sign_in: SignIn
) -> None:
    write(app, people, people.bob)
    reason = "Bob no longer works here."
    leave(alice, people.bob)
    assert reason in alice.get("/").text
    leave(alice, people.bob, dana)
    assert reason in sign_in(dana).get("/").text
    assert reason not in alice.get("/").text


def test_one_that_slipped_through_is_held_in_the_moment_of_sending_and_goes_once_somebody_said_so(
    app: Flask, people: cast.Cast, alice: FlaskClient, dana: User
) -> None:
    shows = write(app, people, dana, people.bob)
    with app.app_context(), writing() as session:
        session.get_one(User, people.bob.id).active = False
        session.flush()
        found = obstacles.find(session, session.get_one(Message, shows))
    assert found is not None
    assert found.reason == "This video shows Bob, who left. Look, then send it or not."
    with app.app_context():
        handover.hold(people.bob.id)
    alice.post(f"/team/{people.bob.id}/texts/{shows}", data={"choice": "release"})
    with app.app_context(), reading() as session:
        assert obstacles.find(session, session.get_one(Message, shows)) is None


def test_a_text_planned_before_its_video_is_the_colleagues_unless_it_names_her(
    app: Flask, people: cast.Cast, alice: FlaskClient, dana: User
) -> None:
    plain = write(app, people, people.bob, no_video="ask")
    signed = write(app, people, people.bob, body="Bob says happy day", no_video="ask")
    leave(alice, people.bob, dana)
    assert (message(app, plain).state, message(app, plain).sender_id) == (states.PLANNED, dana.id)
    assert (message(app, signed).state, message(app, signed).sender_id) == (states.HELD, people.bob.id)


def test_one_that_fell_due_without_a_video_goes_with_the_colleagues(
    app: Flask, people: cast.Cast, alice: FlaskClient, dana: User
) -> None:
    plain = write(app, people, people.bob, no_video="ask")
    with app.app_context(), writing() as session:
        planned.fall_due(session, session.get_one(Message, plain))
    leave(alice, people.bob, dana)
    assert (message(app, plain).state, message(app, plain).sender_id) == (states.HELD, dana.id)
    hers = a_video(app, people, dana)
    with app.app_context(), writing() as session:
        assert planned.attach(session, session.get_one(Message, plain), session.merge(hers))
        assert obstacles.find(session, session.get_one(Message, plain)) is None
    assert message(app, plain).state == states.SCHEDULED


def test_words_that_speak_of_a_video_do_not_go_alone_and_that_is_said(
    app: Flask, people: cast.Cast, alice: FlaskClient, dana: User
) -> None:
    speaks = write(app, people, people.bob, body="Bob made you a video, watch it", no_video="ask")
    with app.app_context(), writing() as session:
        planned.fall_due(session, session.get_one(Message, speaks))  # nobody recorded in time
    leave(alice, people.bob, dana)
    decided = {"data": {"choice": "release"}, "follow_redirects": True}
    answer = alice.post(f"/team/{people.bob.id}/texts/{speaks}", **decided)
    assert answer.status_code == 200
    assert "video" in re.findall(r'class="status bad" role="status">([^<]*)', answer.text)[0]
    assert message(app, speaks).state == states.HELD


@pytest.mark.parametrize("no_video", ["ask", "text", "video"])
def test_one_that_waited_for_her_video_waits_for_the_colleagues_once_it_is_let_go(
    app: Flask, people: cast.Cast, alice: FlaskClient, dana: User, no_video: str
) -> None:
    more = {"no_video": no_video, "occurrence_id": the_day(app)}
    if no_video == "video":
        more["fallback"] = a_video(app, people, dana)
    signed = write(app, people, people.bob, body="Bob says happy day", **more)
    leave(alice, people.bob, dana)
    assert message(app, signed).state == states.HELD
    alice.post(f"/team/{people.bob.id}/texts/{signed}", data={"choice": "release"})
    left = message(app, signed)
    assert (left.state, left.sender_id, left.due_at, left.look_at) == (states.PLANNED, dana.id, DUE, DUE)
    assert left.no_video == no_video


def test_whoever_decides_about_her_text_may_change_its_words_and_speaks(
    app: Flask, people: cast.Cast, alice: FlaskClient, dana: User, sign_in: SignIn
) -> None:
    signed = write(app, people, people.bob, body="Bob says happy day", no_video="ask")
    shows = write(app, people, people.bob, people.bob, body="Bob says happy day")
    leave(alice, people.bob, dana)
    for text in (signed, shows):
        held = message(app, text)
        body = "Harbor Spa says happy day. Reply STOP to opt out."
        sign_in(dana).post(f"/messages/{text}/change", data={"seen": str(held.version), "body": body})
        assert (message(app, text).body, message(app, text).sender_id) == (body, dana.id)
        alice.post(f"/messages/{text}/decide", data={"choice": "release"})
    assert (message(app, signed).state, message(app, signed).sender_id) == (states.PLANNED, dana.id)
    assert (message(app, shows).state, message(app, shows).sender_id) == (states.SCHEDULED, dana.id)
    with app.app_context(), reading() as session:
        assert obstacles.find(session, session.get_one(Message, shows)) is None


@pytest.mark.parametrize("state", [states.CLAIMED, states.SUBMITTING, states.UNKNOWN, states.SENT])
def test_what_is_on_its_way_is_not_touched(app: Flask, people: cast.Cast, alice: FlaskClient, state: str) -> None:
    going = write(app, people, people.bob)
    with app.app_context(), writing() as session:
        session.execute(sa.update(Message).values(state=state))
    leave(alice, people.bob)
    assert message(app, going).state == state


def test_what_asks_herself_to_record_is_taken_back(app: Flask, people: cast.Cast, alice: FlaskClient) -> None:
    asks = write(app, people, people.bob, purpose="ask")
    with app.app_context(), writing() as session:
        session.get_one(Person, people.maria.id).user_id = people.bob.id
    leave(alice, people.bob)
    assert message(app, asks).state == states.CANCELED


def test_her_own_row_is_nobodys_to_look_after(app: Flask, people: cast.Cast, alice: FlaskClient, dana: User) -> None:
    with app.app_context(), writing() as session:
        own = cast.customer(session, session.get_one(User, people.bob.id), "Bob", "Baker", "+12065550177")
        own.user_id = people.bob.id
    assert '<b class="num">2</b>' in alice.get(f"/team/{people.bob.id}/leaving").text
    leave(alice, people.bob, dana)
    with app.app_context(), reading() as session:
        owners = {one.first_name: one.owner_id for one in session.scalars(sa.select(Person))}
    assert owners == {"Bob": people.bob.id, "Maria": dana.id, "Tom": dana.id}


def test_another_organisations_people_are_out_of_reach(app: Flask, people: cast.Cast, alice: FlaskClient) -> None:
    with app.app_context(), writing() as session:
        home = cast.organisation(session, "Other Spa")
        other = cast.user(session, cast.team(session, home, "Desk"), "Zoe Zorn", MANAGER)
    assert alice.get(f"/team/{other.id}/leaving").status_code == 404
    assert leave(alice, other).status_code == 404
    assert leave(alice, people.bob, other).status_code == 422
