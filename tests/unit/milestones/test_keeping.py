"""Dates are kept on people by verbs and by pages: checked, once of a kind where there is one, marked for planning."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from tests import cast
from tests.postgres import both_databases
from vidmsg.database import reading, writing
from vidmsg.milestones import keeping
from vidmsg.milestones.keeping import Details
from vidmsg.milestones.models import Milestone
from vidmsg.people import keeping as people_keeping
from vidmsg.people.models import Person

SignIn = Callable[[Any], FlaskClient]
pytestmark = both_databases
BIRTHDAY = Details("birthday", month=5, day=17, year=1990)


@pytest.fixture
def people(app: Flask) -> cast.Cast:
    with app.app_context(), writing() as session:
        return cast.put_in(session)


@pytest.fixture
def bob(people: cast.Cast, sign_in: SignIn) -> FlaskClient:
    return sign_in(people.bob)


def kept(app: Flask) -> list[Milestone]:
    with app.app_context(), reading() as session:
        return list(session.scalars(sa.select(Milestone).order_by(Milestone.id)))


def new(client: FlaskClient, person: Person, kind: str, **fields: Any) -> Any:
    return client.post(f"/people/{person.id}/dates/new?kind={kind}", data=fields)


def planned(app: Flask) -> None:
    with app.app_context(), writing() as session:
        session.execute(sa.update(Milestone).values(next_on=None))


def test_a_birthday_with_and_without_a_year_is_kept_and_shown(app: Flask, people: cast.Cast, bob: FlaskClient) -> None:
    assert new(bob, people.maria, "birthday", day="17", month="5", year="").status_code == 302
    (birthday,) = kept(app)
    assert (birthday.month, birthday.day, birthday.year) == (5, 17, None)
    assert birthday.next_on is not None
    page = bob.get(f"/people/{people.maria.id}").text
    assert "Birthday" in page
    assert "17 May" in page


@pytest.mark.parametrize(
    ("kind", "fields", "sentence"),
    [
        ("birthday", {"day": "31", "month": "4"}, "April has no day 31."),
        ("birthday", {"day": "29", "month": "2", "year": "1990"}, "1990 had no 29 February."),
        ("birthday", {"day": "1", "month": "1", "year": "2190"}, "This year is still to come."),
        ("birthday", {"day": "1", "month": "1", "year": "85"}, "four digits"),
        ("birthday", {"day": "", "month": "1"}, "Which day of the month?"),
        ("birthday", {"day": "x", "month": "1"}, "Which day of the month?"),
        ("once", {"title": "Closing", "on_date": "2026-02-30"}, "a day that the calendar has"),
        ("once", {"title": "", "on_date": "2190-01-30"}, "Name the day"),
        ("once", {"title": "Closing", "on_date": "2001-01-30"}, "This day is over."),
        ("check_in", {"on_date": "2026-01-30", "step": "0", "unit": "weeks"}, "Between 1 and 120."),
        ("count", {"on_date": "2026-01-30", "target": "-1"}, "A whole number from 1 on."),
        ("customer_since", {"day": "1", "month": "1", "lead_days": "99"}, "Between 0 and 30 days."),
    ],
)
def test_a_day_that_cannot_be_is_refused_with_a_sentence(
    app: Flask, people: cast.Cast, bob: FlaskClient, kind: str, fields: dict[str, str], sentence: str
) -> None:
    answer = new(bob, people.maria, kind, **fields)
    assert answer.status_code == 422
    assert sentence in answer.text
    assert kept(app) == []


def test_29_february_is_a_day_in_a_leap_year_and_where_the_year_is_unknown(
    app: Flask, people: cast.Cast, bob: FlaskClient
) -> None:
    assert new(bob, people.maria, "birthday", day="29", month="2", year="1992", leap="mar1").status_code == 302
    assert new(bob, people.maria, "customer_since", day="29", month="2").status_code == 302
    first, second = kept(app)
    assert (first.year, first.leap, second.year, second.leap) == (1992, "mar1", None, None)


def test_a_second_birthday_is_not_kept(app: Flask, people: cast.Cast, bob: FlaskClient) -> None:
    new(bob, people.maria, "birthday", day="17", month="5")
    answer = new(bob, people.maria, "birthday", day="18", month="5")
    assert answer.status_code == 302
    assert "has this day already" in bob.get(answer.headers["Location"]).text
    assert [row.day for row in kept(app)] == [17]


def test_a_list_taken_in_twice_changes_and_adds_none(app: Flask, people: cast.Cast) -> None:
    with app.app_context(), writing() as session:
        maria = session.get_one(Person, people.maria.id)
        first, new_one = keeping.put(session, maria, BIRTHDAY, None)
        second, new_two = keeping.put(session, maria, Details("birthday", month=5, day=18, year=1990), None)
        assert (new_one, new_two, first.id) == (True, False, second.id)
    assert [(row.month, row.day) for row in kept(app)] == [(5, 18)]


def test_every_edit_makes_planning_look_again(app: Flask, people: cast.Cast, bob: FlaskClient) -> None:
    new(bob, people.maria, "birthday", day="17", month="5")
    (birthday,) = kept(app)
    address = f"/people/{people.maria.id}/dates/{birthday.id}"
    planned(app)
    bob.post(address, data={"day": "17", "month": "5"})
    assert kept(app)[0].next_on is None  # nothing was changed
    bob.post(address, data={"day": "17", "month": "5", "weekend": "before", "send_at": "10:30"})
    (changed,) = kept(app)
    assert (changed.weekend, changed.send_at, changed.lead_days) == ("before", dt.time(10, 30), None)
    assert changed.next_on is not None
    planned(app)
    bob.post(address + "/remove")
    (removed,) = kept(app)
    assert not removed.active
    assert removed.next_on is not None
    assert "17 May" not in bob.get(f"/people/{people.maria.id}").text
    assert bob.get(address).status_code == 404


def test_a_check_in_with_another_start_or_step_begins_a_new_series(
    app: Flask, people: cast.Cast, bob: FlaskClient
) -> None:
    new(bob, people.maria, "check_in", on_date="2026-03-02", step="6", unit="weeks")
    (made,) = kept(app)
    address = f"/people/{people.maria.id}/dates/{made.id}"
    for step, lead, series in (("6", "2", 1), ("8", "2", 2)):
        bob.post(address, data={"on_date": "2026-03-02", "step": step, "unit": "weeks", "lead_days": lead})
        assert kept(app)[0].series == series


def test_a_person_in_another_zone_is_planned_anew(app: Flask, people: cast.Cast, bob: FlaskClient) -> None:
    new(bob, people.maria, "birthday", day="17", month="5")
    planned(app)
    with app.app_context(), writing() as session:
        maria = session.get_one(Person, people.maria.id)
        details = people_keeping.Details("Maria", "Alvarez", maria.phone, "Pacific/Auckland")
        people_keeping.change(session, maria, details, people.bob.id)
    assert kept(app)[0].next_on is not None


def test_a_company_day_stands_for_its_contact(app: Flask, people: cast.Cast, bob: FlaskClient) -> None:
    from vidmsg.people.models import Company

    with app.app_context(), writing() as session:
        firm = Company(organisation_id=people.organisation.id, team_id=people.team.id, name="Wells Bakery")
        session.add(firm)
        session.flush()
        session.get_one(Person, people.maria.id).company_id = firm.id
        firm_id = firm.id
    assert "It is a day of Wells Bakery" in bob.get(f"/people/{people.maria.id}/dates/new?kind=contract").text
    new(bob, people.maria, "contract", title="Bread contract", day="1", month="3", year="2020", of_company="y")
    assert kept(app)[0].company_id == firm_id


def test_each_kind_has_its_page_and_asks_only_what_it_needs(people: cast.Cast, bob: FlaskClient) -> None:
    address = f"/people/{people.maria.id}/dates/new"
    page = bob.get(address).text
    assert "Check-in" in page
    assert "Work anniversary" not in page  # she is a customer
    assert 'name="year"' in bob.get(address + "?kind=birthday").text
    check_in = bob.get(address + "?kind=check_in").text
    assert 'name="step"' in check_in
    assert 'name="year"' not in check_in


def test_the_organisations_rules_are_changed_by_a_manager_and_mark_what_is_planned(
    app: Flask, people: cast.Cast, bob: FlaskClient, sign_in: SignIn
) -> None:
    new(bob, people.maria, "birthday", day="29", month="2")
    planned(app)
    rules = {"leap": "mar1", "weekend": "after", "holidays": "US", "lead_days": "5", "send_at": "10:00"}
    alice = sign_in(people.alice)
    assert alice.post("/settings/dates", data={**rules, "send_zone": "ours", "no_video": "text"}).status_code == 302
    assert kept(app)[0].next_on is not None
    with app.app_context(), reading() as session:
        home = session.get_one(type(people.organisation), people.organisation.id)
        assert (home.leap, home.weekend, home.holidays, home.lead_days) == ("mar1", "after", "US", 5)
        assert (home.send_at, home.send_zone, home.no_video) == (dt.time(10), "ours", "text")
    assert "Between 0 and 30 days." in alice.post("/settings/dates", data={**rules, "lead_days": ""}).text
    assert bob.get("/settings/dates").status_code == 403
