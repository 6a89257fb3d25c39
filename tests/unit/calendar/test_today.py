"""Today: whom to record for, the nearest day first, and what is said of the person; replies on top; the kind end."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from tests import cast
from tests.postgres import both_databases
from tests.unit.calendar import asking
from tests.unit.calendar.asking import NOW, TODAY, given
from vidmsg.accounts.models import Organisation
from vidmsg.calendar import today
from vidmsg.database import db, reading, writing
from vidmsg.messages import states
from vidmsg.milestones.models import Occurrence
from vidmsg.people import consent, keeping
from vidmsg.people.models import Person

SignIn = Callable[[Any], FlaskClient]


def asked(app: Flask, who: Any) -> list[str]:
    with app.app_context(), reading() as session:
        return [one.first_name for one in today.due(session, session.merge(who)) if one.agreed]


@both_databases
def test_the_nearest_day_comes_first_and_of_two_equally_near_the_one_to_come(app: Flask, people: cast.Cast) -> None:
    away = {"Now": 0, "Morrow": 1, "Gone": -1, "Third": 3, "Longgone": -14, "Toolong": -15, "Toofar": 4}
    with app.app_context(), writing() as session:
        for number, (name, days) in enumerate(away.items()):
            person = cast.customer(session, people.bob, name, "", f"+1206555{1000 + number}")
            asking.day(session, person, people.bob, days)
    assert asked(app, people.bob) == ["Now", "Morrow", "Gone", "Third", "Longgone"]


def test_a_rep_is_asked_from_the_lead_time_on(app: Flask, people: cast.Cast) -> None:
    wanted = {"A": (None, 3), "B": (9, 9), "C": (1, 1)}
    with app.app_context(), writing() as session:
        for name, (own, away) in {**wanted, "D": (None, 4), "E": (9, 10), "F": (0, 1)}.items():
            person = cast.customer(session, people.bob, name, "", f"+12065551{ord(name)}0")
            asking.day(session, person, people.bob, away, lead_days=own)
    assert sorted(asked(app, people.bob)) == list(wanted)


def test_the_organisations_lead_time_counts_where_the_date_says_nothing(app: Flask, people: cast.Cast) -> None:
    given(app, people, 12)
    assert asked(app, people.bob) == []
    with app.app_context(), writing() as session:
        session.execute(sa.update(Organisation).values(lead_days=12))
    assert asked(app, people.bob) == ["Maria"]


@both_databases
def test_only_her_own_days_are_asked(app: Flask, people: cast.Cast, sign_in: SignIn) -> None:
    given(app, people, 1)
    assert asked(app, people.bob) == ["Maria"]
    assert asked(app, people.alice) == asked(app, people.charlie) == []
    with app.app_context(), writing() as session:
        maria = session.get_one(Person, people.maria.id)
        asking.day(session, maria, people.charlie, 1, kind="contract")
        asking.day(session, maria, people.alice, 2, kind="work_anniversary")
    assert asked(app, people.charlie) == []  # on the other side of the wall, whatever the row says
    assert asked(app, people.alice) == ["Maria"]
    assert "Work anniversary" in sign_in(people.alice).get("/").text


@both_databases
def test_a_day_with_a_message_is_not_asked_again(app: Flask, people: cast.Cast) -> None:
    with app.app_context(), writing() as session:
        for number, state in enumerate(sorted(states.STATES - {states.PLANNED})):
            person = cast.customer(session, people.bob, state, "", f"+1206555{1000 + number}")
            day = asking.day(session, person, people.bob, 1)
            asking.message(session, person, people.bob, state, occurrence_id=day.id)
    assert asked(app, people.bob) == []


@both_databases
def test_a_plan_without_its_video_is_still_asked_for_and_one_with_it_is_not(
    app: Flask, people: cast.Cast, bob: FlaskClient
) -> None:
    with app.app_context(), writing() as session:
        maria = session.get_one(Person, people.maria.id)
        day = asking.day(session, maria, people.bob, 1)
        plan = asking.message(session, maria, people.alice, states.PLANNED, occurrence_id=day.id)
    assert asked(app, people.bob) == ["Maria"]
    page = bob.get("/").text
    assert "Alice planned a text for this day. It waits for your video." in page
    assert f"/messages/{plan.id}" in page
    with app.app_context(), writing() as session:
        plan = session.merge(plan)
        plan.video_id = asking.take(session, session.get_one(Occurrence, day.id), people.bob).id
    assert asked(app, people.bob) == []


@both_databases
def test_a_kept_take_answers_and_one_that_waits_failed_or_was_let_go_does_not(app: Flask, people: cast.Cast) -> None:
    takes: dict[str, dict[str, Any]] = {
        "Kept": {"kept_at": NOW},
        "Waits": {},
        "Failed": {"kept_at": NOW, "state": "failed"},
        "Gone": {"discarded_at": NOW},
    }
    with app.app_context(), writing() as session:
        for name, values in takes.items():
            person = cast.customer(session, people.bob, name, "", f"+120655510{len(name)}0")
            asking.take(session, asking.day(session, person, people.bob, 1), people.bob, **values)
    assert asked(app, people.bob) == ["Waits", "Failed", "Gone"]


@both_databases
def test_a_day_that_was_put_off_sleeps_until_then_and_a_skipped_one_for_good(app: Flask, people: cast.Cast) -> None:
    days: dict[str, dict[str, Any]] = {
        "Today": {"snoozed_until": TODAY},
        "Morrow": {"snoozed_until": TODAY + dt.timedelta(days=1)},
        "Skipped": {"skipped_at": NOW},
    }
    with app.app_context(), writing() as session:
        for name, values in days.items():
            person = cast.customer(session, people.bob, name, "", f"+120655510{len(name)}0")
            asking.day(session, person, people.bob, 2, **values)
    assert asked(app, people.bob) == ["Today"]


@both_databases
def test_who_asked_us_to_stop_or_is_left_in_peace_is_not_asked_for(app: Flask, people: cast.Cast) -> None:
    given(app, people, 1)
    with app.app_context(), writing() as session:
        tom = cast.customer(session, people.bob, "Tom", "", "+12065550143")
        asking.day(session, tom, people.bob, 1)
        keeping.pause(session, tom, people.bob.id, until=None, reason="His mother died.")
        home = people.bob.organisation_id
        consent.revoke(session, organisation_id=home, phone=cast.MARIA_PHONE, words="STOP", source="text")
    with app.app_context(), reading() as session:
        assert today.due(session, session.merge(people.bob)) == []


def test_who_has_not_said_yes_yet_is_told_of_quietly_and_never_the_card(
    app: Flask, people: cast.Cast, bob: FlaskClient
) -> None:
    with app.app_context(), writing() as session:
        ruth = cast.customer(session, people.bob, "Ruth", "Lind", "+12065550144", agreed=False)
        asking.day(session, ruth, people.bob, 0)
    page = bob.get("/").text
    assert "Ruth Lind</a> (Birthday, today): a day is near, and there is no yes to texts yet." in page
    assert "occurrence=" not in page
    given(app, people, 1)
    page = bob.get("/").text
    assert page.index("Maria Alvarez") < page.index("Ruth Lind")


@both_databases
def test_the_card_says_why_now_what_was_noted_and_the_last_hello(
    app: Flask, people: cast.Cast, bob: FlaskClient
) -> None:
    number = given(app, people, 1, kind="customer_since", count=5)
    with app.app_context(), writing() as session:
        maria = session.get_one(Person, people.maria.id)
        for text, days in (("Swims.", 200), ("Lucia starts college.", 20), ("Likes good bread.", 90)):
            keeping.note(session, maria, people.bob.id, text, None).at = NOW - dt.timedelta(days=days)
        for days, who in ((300, people.bob), (120, people.alice)):
            at = NOW - dt.timedelta(days=days)
            asking.message(session, maria, who, states.DELIVERED, created_at=at, due_at=at)
        asking.message(session, maria, people.bob, states.CANCELED)
        asking.message(session, maria, people.bob, states.DELIVERED, purpose="confirm")
    page = bob.get("/").text
    assert "One person, half a minute." in page
    card = page.split('class="card hero next"')[1].split("</section>")[0]
    assert "Tomorrow" in card
    assert "Five years with us" in card
    assert "Lucia starts college." in card
    assert "Noted on 4 November." in card
    assert "Swims" not in card
    assert "The last hello was 4 months ago, from Alice." in card
    assert 'stroke-dasharray="34 100"' in card
    assert f"/record/{people.maria.id}?occurrence={number}" in card
    assert "Alice Archer" in card  # a colleague to hand it to
    assert "Charlie" not in card


def test_why_now_is_said_by_the_persons_calendar(app: Flask, people: cast.Cast, bob: FlaskClient) -> None:
    here, tokyo = "America/Los_Angeles", "Asia/Tokyo"  # where it is the 25th already
    words = {(0, here): "Today", (1, here): "Tomorrow", (1, tokyo): "Today", (3, here): "Friday",
             (-1, here): "Yesterday", (-5, here): "5 days ago"}  # fmt: skip
    number = given(app, people, 0)
    for (away, zone), word in words.items():
        with app.app_context(), writing() as session:
            session.get_one(Occurrence, number).planned_on = TODAY + dt.timedelta(days=away)
            session.execute(sa.update(Person).values(time_zone=zone))
        card = bob.get("/").text.split('class="card hero next"')[1]
        assert f"</svg>{word}</p>" in card


def test_a_day_that_is_kept_on_another_says_so(app: Flask, people: cast.Cast, bob: FlaskClient) -> None:
    given(app, people, 3, natural_on=TODAY + dt.timedelta(days=4))
    assert "Kept on Friday 27 November; the day itself is Saturday 28 November." in bob.get("/").text


def test_the_next_ones_stand_beside_the_card_and_can_be_put_on_it(
    app: Flask, people: cast.Cast, bob: FlaskClient
) -> None:
    given(app, people, 0)
    with app.app_context(), writing() as session:
        tom = cast.customer(session, people.bob, "Tom", "Okafor", "+12065550143")
        number = asking.day(session, tom, people.bob, 2, kind="contract").id
    page = bob.get("/").text
    assert "Two people, about one minute." in page
    assert page.index("Maria Alvarez") < page.index("After that") < page.index("Tom Okafor")
    assert "Contract or project, Thursday" in page
    assert f"/?card={number}" in page
    page = bob.get(f"/?card={number}").text
    assert page.index("Tom Okafor") < page.index("After that") < page.index("Maria Alvarez")
    assert bob.get("/?card=999999").text.index("Maria Alvarez") < page.index("After that")


def test_todays_end_is_kind_and_names_whom_she_thought_of(app: Flask, people: cast.Cast, bob: FlaskClient) -> None:
    page = bob.get("/").text
    assert "That's everyone for today" in page
    assert "Nobody's day is near. Nothing else needs you." in page
    with app.app_context(), writing() as session:
        for number, name in enumerate(("Maria", "Tom", "Joan", "Ann", "Sam")):
            person = cast.customer(session, people.bob, name, "", f"+1206555{2000 + number}")
            day = asking.day(session, person, people.bob, 1)
            at = NOW + dt.timedelta(seconds=number)
            asking.message(session, person, people.bob, states.SCHEDULED, occurrence_id=day.id, created_at=at)
    page = bob.get("/").text
    assert "Maria, Tom, Joan, and 2 more will hear from you on the day, at a decent hour." in page


def test_the_next_person_is_named_where_a_video_was_just_sent(app: Flask, people: cast.Cast, bob: FlaskClient) -> None:
    with app.app_context(), writing() as session:
        maria = session.get_one(Person, people.maria.id)
        day = asking.day(session, maria, people.bob, 0)
        sent = asking.message(session, maria, people.bob, states.SCHEDULED, occurrence_id=day.id).id
        greeting = asking.message(session, maria, people.bob, states.SCHEDULED).id
    assert "Back to today" in bob.get(f"/messages/{sent}").text
    with app.app_context(), writing() as session:
        tom = cast.customer(session, people.bob, "Tom", "Okafor", "+12065550143")
        asking.day(session, tom, people.bob, 2)
    assert "Next: Tom" in bob.get(f"/messages/{sent}").text
    assert "Next: Tom" not in bob.get(f"/messages/{greeting}").text


@both_databases
def test_missed_and_held_messages_of_hers_are_asked_about(
    app: Flask, people: cast.Cast, bob: FlaskClient, sign_in: SignIn
) -> None:
    late = "Maria's day was 23 November. Nothing goes late by itself: add a kind word and send it, or let it be."
    with app.app_context(), writing() as session:
        maria = session.get_one(Person, people.maria.id)
        missed = asking.message(session, maria, people.bob, states.MISSED, reason=late).id
        asking.message(session, maria, people.bob, states.HELD, reason="It waits for a manager's yes.")
        asking.message(session, maria, people.bob, states.FAILED, reason="No such number.")
        asking.message(session, maria, people.bob, states.HELD, purpose="ask", reason="An ask.")
    page = bob.get("/").text
    word = page.split("These wait for your word")[1].split("</section>")[0]
    assert "Maria&#39;s day was 23 November." in word
    assert f"/messages/{missed}" in word
    assert word.count("<li>") == 1
    alices = sign_in(people.alice).get("/").text.split("These wait for your word")[1].split("</section>")[0]
    assert "It waits for a manager&#39;s yes." in alices
    assert alices.count("<li>") == 1
    assert "These wait for your word" not in sign_in(people.charlie).get("/").text


@both_databases
def test_messages_of_a_colleague_who_left_wait_for_whoever_has_her_people_now(
    app: Flask, people: cast.Cast, sign_in: SignIn
) -> None:
    with app.app_context(), writing() as session:
        dana = cast.user(session, session.merge(people.team), "Dana Diaz")
        maria = session.get_one(Person, people.maria.id)
        asking.message(session, maria, dana, states.HELD, reason="Dana no longer works here.")
    assert "Dana no longer works here." not in sign_in(people.bob).get("/").text
    with app.app_context(), writing() as session:
        session.merge(dana).active = False
    assert "Dana no longer works here." in sign_in(people.bob).get("/").text
    assert "Dana no longer works here." not in sign_in(people.charlie).get("/").text


@contextmanager
def counting(app: Flask) -> Iterator[list[str]]:
    """The statements that are run meanwhile."""
    run: list[str] = []
    with app.app_context():
        engine = db.engine

    def _heard(_connection: Any, _cursor: Any, statement: str, *_more: Any) -> None:
        run.append(statement)

    sa.event.listen(engine, "before_cursor_execute", _heard)
    yield run
    sa.event.remove(engine, "before_cursor_execute", _heard)


def crowd(app: Flask, people: cast.Cast, first: int, last: int, away: int | None) -> None:
    """So many more people of Bob's, with notes, hellos, missed messages and replies; and with a day unless None."""
    with app.app_context(), writing() as session:
        for number in range(first, last):
            person = cast.customer(session, people.bob, f"P{number}", "", f"+1206555{1000 + number}")
            keeping.note(session, person, people.bob.id, "Swims.", None)
            at = NOW - dt.timedelta(days=30 + number)
            asking.message(session, person, people.bob, states.DELIVERED, created_at=at, due_at=at)
            asking.message(session, person, people.bob, states.MISSED)
            asking.reply(session, person, "Thank you")
            if away is not None:
                asking.day(session, person, people.bob, away)


@both_databases
@pytest.mark.parametrize("away", [1, None])
def test_the_number_of_queries_does_not_grow_with_the_people(
    app: Flask, people: cast.Cast, bob: FlaskClient, away: int | None
) -> None:
    crowd(app, people, 0, 8, away)
    bob.get("/")
    with counting(app) as few:
        assert bob.get("/").status_code == 200
    crowd(app, people, 8, 48, away)
    with counting(app) as many:
        assert bob.get("/").status_code == 200
    assert len(many) == len(few) <= 25
