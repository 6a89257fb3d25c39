"""Somebody is given to a colleague: she, her days that nobody else was given, and the text that waits for its video."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from tests import cast
from tests.postgres import both_databases
from tests.unit.calendar.asking import NOW
from vidmsg.accounts.models import Audit, User
from vidmsg.calendar import planning
from vidmsg.database import reading, writing
from vidmsg.messages import compose, states
from vidmsg.messages.models import Message
from vidmsg.milestones import keeping
from vidmsg.milestones.keeping import Details
from vidmsg.milestones.models import Occurrence
from vidmsg.people.models import Person

pytestmark = both_databases


@pytest.fixture
def dana(app: Flask, people: cast.Cast) -> User:
    """Bob's colleague; Maria has a birthday and two check-ins ahead."""
    with app.app_context():
        with writing() as session:
            made = cast.user(session, people.team, "Dana Dorn")
            for in_days in (5, 9, 12):
                day = (NOW + dt.timedelta(days=in_days)).date()
                said = Details("once", title=f"Day {in_days}", on_date=day)
                keeping.add(session, session.get_one(Person, people.maria.id), said, None)
        planning.run()
    return made


def give(client: FlaskClient, people: cast.Cast, to: Any) -> Any:
    return client.post(f"/people/{people.maria.id}/looked-after", data={"to": getattr(to, "id", to)})


def owner(app: Flask, people: cast.Cast) -> int | None:
    with app.app_context(), reading() as session:
        return session.get_one(Person, people.maria.id).owner_id


def with_whom(app: Flask) -> list[int | None]:
    """Who has each day, in order."""
    with app.app_context(), reading() as session:
        return list(session.scalars(sa.select(Occurrence.assignee_id).order_by(Occurrence.planned_on)))


def test_her_page_offers_who_may_see_her_and_nobody_else(people: cast.Cast, bob: FlaskClient, dana: User) -> None:
    page = bob.get(f"/people/{people.maria.id}").text
    offered = [one.id for one in (people.alice, people.bob, people.charlie, dana) if f'value="{one.id}">' in page]
    assert offered == [people.alice.id, dana.id]


def test_her_days_go_along_and_what_a_colleague_was_given_stays(
    app: Flask, people: cast.Cast, bob: FlaskClient, dana: User
) -> None:
    with app.app_context(), writing() as session:
        first, second, _third = session.scalars(sa.select(Occurrence).order_by(Occurrence.planned_on))
        first.assignee_id, second.assignee_id = None, people.alice.id
    assert give(bob, people, dana).status_code == 302
    assert owner(app, people) == dana.id
    assert with_whom(app) == [dana.id, people.alice.id, dana.id]
    with app.app_context(), reading() as session:
        entry = session.scalars(sa.select(Audit).where(Audit.action == "person.give")).one()
        assert (entry.user_id, entry.detail) == (people.bob.id, {"to": dana.id})


def test_a_text_that_waits_for_its_video_is_hers_and_what_has_left_stays_his(
    app: Flask, people: cast.Cast, bob: FlaskClient, dana: User
) -> None:
    texts = []
    with app.app_context(), writing() as session:
        maria, sender = session.get_one(Person, people.maria.id), session.get_one(User, people.bob.id)
        for day in session.scalars(sa.select(Occurrence).order_by(Occurrence.planned_on).limit(2)):
            plan = compose.Plan(occurrence_id=day.id, no_video="ask", send_on=day.planned_on)
            said = {
                "body": "Hi Maria from Harbor Spa. Reply STOP to opt out.",
                "words": "",
                "request_key": f"day {day.id}",
            }
            due = dt.datetime.combine(day.planned_on, dt.time(18), dt.UTC)
            made = compose.compose(session, sender=sender, person=maria, video=None, due_at=due, plan=plan, **said)
            texts.append(made.id)
        session.get_one(Message, texts[1]).state = states.SENT
    give(bob, people, dana)
    with app.app_context(), reading() as session:
        assert [session.get_one(Message, one).sender_id for one in texts] == [dana.id, people.bob.id]
    assert with_whom(app) == [dana.id, people.bob.id, dana.id]


@pytest.mark.parametrize("to", ["charlie", "nobody", ""])
def test_who_may_not_see_her_does_not_get_her(
    app: Flask, people: cast.Cast, bob: FlaskClient, dana: User, to: str
) -> None:
    answer = give(bob, people, getattr(people, to, to))
    assert "Choose a colleague who may see Maria." in bob.get(answer.location).text
    assert owner(app, people) == people.bob.id


def test_days_that_are_planned_later_are_the_new_ones(
    app: Flask, people: cast.Cast, bob: FlaskClient, dana: User
) -> None:
    give(bob, people, dana)
    with app.app_context():
        with writing() as session:
            maria = session.get_one(Person, people.maria.id)
            keeping.add(session, maria, Details("birthday", month=12, day=20), None)
        planning.run()
    assert set(with_whom(app)) == {dana.id}
