"""Companies with several contacts, and colleagues as persons, by hand."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from tests import cast
from tests.postgres import both_databases
from vidmsg.database import db, reading, writing
from vidmsg.milestones.models import Milestone
from vidmsg.people import companies, consent, keeping
from vidmsg.people.models import COLLEAGUE, CUSTOMER, Company, Person

pytestmark = both_databases
SignIn = Callable[[Any], FlaskClient]
TOM = {"first_name": "Tom", "last_name": "Wells", "phone": "(206) 555-0117", "words": "Yes.", "source": "phone"}


@pytest.fixture
def people(app: Flask) -> cast.Cast:
    with app.app_context(), writing() as session:
        return cast.put_in(session)


@pytest.fixture
def bob(people: cast.Cast, sign_in: SignIn) -> FlaskClient:
    return sign_in(people.bob)


def named(app: Flask, first_name: str) -> Person:
    with app.app_context(), reading() as session:
        return session.scalars(sa.select(Person).where(Person.first_name == first_name)).one()


def firms(app: Flask) -> list[Company]:
    with app.app_context(), reading() as session:
        return list(session.scalars(sa.select(Company).order_by(Company.id)))


def maria(people: cast.Cast, **more: str) -> dict[str, str]:
    given = {"first_name": "Maria", "last_name": "Alvarez", "phone": str(people.maria.phone), "time_zone": ""}
    return given | more


def test_a_company_is_made_where_its_name_is_typed_and_found_again_however_it_is_written(
    app: Flask, people: cast.Cast, bob: FlaskClient
) -> None:
    bob.post("/people/new", data=TOM | {"company": "Wells Bakery"})
    bob.post(f"/people/{people.maria.id}/edit", data=maria(people, company="wells BAKERY"))
    (firm,) = firms(app)
    assert (firm.name, firm.team_id) == ("Wells Bakery", people.team.id)
    assert named(app, "Tom").company_id == named(app, "Maria").company_id == firm.id
    page = bob.get(f"/companies/{firm.id}").text
    assert "2 contacts" in page
    assert "Tom Wells" in page
    assert "Maria Alvarez" in page
    assert '<option value="Wells Bakery">' in bob.get("/people/new").text
    assert f'href="/companies/{firm.id}"' in bob.get(f"/people/{people.maria.id}").text


def test_an_emptied_company_is_left_and_everything_else_stays(app: Flask, people: cast.Cast, bob: FlaskClient) -> None:
    bob.post(f"/people/{people.maria.id}/edit", data=maria(people, company="Spa"))
    bob.post(f"/people/{people.maria.id}/edit", data=maria(people, company=""))
    kept = named(app, "Maria")
    assert (kept.company_id, kept.phone, kept.owner_id) == (None, people.maria.phone, people.bob.id)
    assert "Nobody there yet" in bob.get(f"/companies/{firms(app)[0].id}").text


def test_a_colleague_has_years_at_work_and_her_yes_like_anybody(
    app: Flask, people: cast.Cast, bob: FlaskClient
) -> None:
    bob.post("/people/new", data=TOM | {"works_here": "y", "agreed": "y"})
    tom = named(app, "Tom")
    assert tom.kind == COLLEAGUE
    with app.app_context(), reading() as session:
        assert consent.is_granted(session, people.organisation.id, tom.phone)
    kinds = bob.get(f"/people/{tom.id}/dates/new").text
    assert "Work anniversary" in kinds
    assert "With us" not in kinds
    bob.post(f"/people/{tom.id}/dates/new?kind=work_anniversary", data={"day": "1", "month": "3", "year": "2019"})
    with app.app_context(), reading() as session:
        assert session.scalars(sa.select(Milestone.kind)).all() == ["work_anniversary"]
    bob.post(f"/people/{tom.id}/edit", data=TOM | {"time_zone": ""})
    assert named(app, "Tom").kind == CUSTOMER


def test_a_reps_own_row_stays_a_colleagues(app: Flask, people: cast.Cast) -> None:
    with app.app_context(), writing() as session:
        own = keeping.add(session, people.bob, keeping.Details("Bob", "Baker", None, "America/Los_Angeles"))
        own.user_id, own.kind = people.bob.id, COLLEAGUE
        companies.place(session, own, "", works_here=False, user_id=people.bob.id)
    assert named(app, "Bob").kind == COLLEAGUE


def test_a_companys_day_is_kept_by_a_contact_and_stands_on_its_page(
    app: Flask, people: cast.Cast, bob: FlaskClient
) -> None:
    bob.post(f"/people/{people.maria.id}/edit", data=maria(people, company="Spa Supplies"))
    (firm,) = firms(app)
    assert f"/people/{people.maria.id}/dates/new?company=1" in bob.get(f"/companies/{firm.id}").text
    chosen = bob.get(f"/people/{people.maria.id}/dates/new?company=1").text
    assert "kind=contract&amp;company=1" in chosen
    form = bob.get(f"/people/{people.maria.id}/dates/new?kind=contract&company=1").text
    assert 'checked id="of_company"' in form
    told = {"title": "The supply contract", "day": "4", "month": "7", "year": "2020", "of_company": "y"}
    bob.post(f"/people/{people.maria.id}/dates/new?kind=contract", data=told)
    bob.post(f"/people/{people.maria.id}/dates/new?kind=birthday", data={"day": "1", "month": "3"})
    page = bob.get(f"/companies/{firm.id}").text
    assert "The supply contract" in page
    assert "Birthday" not in page
    bob.post(f"/people/{people.maria.id}/edit", data=maria(people, company=""))
    assert "with Maria, who is no longer there" in bob.get(f"/companies/{firm.id}").text


def test_a_name_is_corrected_and_never_taken_twice(app: Flask, people: cast.Cast, bob: FlaskClient) -> None:
    bob.post("/people/new", data=TOM | {"company": "Wels Bakery"})
    bob.post(f"/people/{people.maria.id}/edit", data=maria(people, company="Harbor Cafe"))
    first, second = firms(app)
    assert bob.post(f"/companies/{first.id}", data={"company": "Wells Bakery"}).status_code == 302
    refused = bob.post(f"/companies/{first.id}", data={"company": "harbor cafe"})
    assert refused.status_code == 422
    assert "There is another company of this name." in refused.text
    assert "What is the company called?" in bob.post(f"/companies/{first.id}", data={"company": " "}).text
    assert [one.name for one in firms(app)] == ["Wells Bakery", second.name]


def test_companies_are_found_by_name_and_stand_behind_the_walls_of_their_team(
    app: Flask, people: cast.Cast, bob: FlaskClient, sign_in: SignIn
) -> None:
    bob.post("/people/new", data=TOM | {"company": "Bäckerei Wells"})
    bob.post(f"/people/{people.maria.id}/edit", data=maria(people, company="Harbor Cafe"))
    firm = firms(app)[0]
    found = bob.get("/companies?q=wells").text
    assert "Bäckerei Wells" in found
    assert "1 contact<" in found
    assert "Harbor Cafe" not in found
    charlie = sign_in(people.charlie)
    assert charlie.get(f"/companies/{firm.id}").status_code == 404
    assert charlie.post(f"/companies/{firm.id}", data={"company": "Mine"}).status_code == 404
    assert "Bäckerei" not in charlie.get("/companies").text
    assert "Bäckerei" not in charlie.get("/people/new").text
    assert "Bäckerei Wells" in sign_in(people.alice).get("/companies").text


def test_the_form_of_a_refused_person_keeps_what_was_typed(app: Flask, bob: FlaskClient) -> None:
    answer = bob.post("/people/new", data=TOM | {"phone": "12", "company": "Wells Bakery", "works_here": "y"})
    assert answer.status_code == 422
    assert 'value="Wells Bakery"' in answer.text
    assert firms(app) == []
    assert 'value="Wells Bakery"' in bob.get("/people/new?company=Wells+Bakery").text


def test_two_who_save_the_same_new_company_at_once_get_one(app: Flask, people: cast.Cast) -> None:
    """Both looked before either wrote."""
    ready, made = threading.Barrier(2, timeout=10), set[int]()

    def place(name: str) -> None:
        with app.app_context(), writing() as session:
            if db.engine.dialect.name == "postgresql":  # on SQLite one waits for the other to have written
                assert companies.called(session, people.team.id, name) is None
                ready.wait()
            made.add(companies.put(session, people.organisation.id, people.team.id, name).id)

    threads = [threading.Thread(target=place, args=[name]) for name in ("Wells Bakery", "WELLS bakery")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert made == {one.id for one in firms(app)}
    assert len(made) == 1


def test_whoever_writes_a_name_after_another_looked_gets_hers(
    app: Flask, people: cast.Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    looks: list[Callable[..., Company | None]] = [companies.called, lambda *_: None]
    monkeypatch.setattr(companies, "called", lambda *given: looks.pop()(*given))
    with app.app_context(), writing() as session:
        session.add(Company(organisation_id=people.organisation.id, team_id=people.team.id, name="Café Ångström"))
    with app.app_context(), writing() as session:
        there = companies.put(session, people.organisation.id, people.team.id, "CAFÉ ÅNGSTRÖM")
        assert there.name == "Café Ångström"


def test_another_team_may_have_a_company_of_the_same_name(app: Flask, people: cast.Cast) -> None:
    with app.app_context(), writing() as session:
        for team in (people.team.id, people.charlie.team_id):
            companies.put(session, people.organisation.id, team, "Wells Bakery")
    assert len(firms(app)) == 2


def test_an_empty_company_is_removed_and_its_days_stay_with_their_people(
    app: Flask, people: cast.Cast, bob: FlaskClient, sign_in: SignIn
) -> None:
    bob.post(f"/people/{people.maria.id}/edit", data=maria(people, company="Harbor Cafe"))
    (firm,) = firms(app)
    told = {"title": "The supply contract", "day": "4", "month": "7", "year": "2020", "of_company": "y"}
    bob.post(f"/people/{people.maria.id}/dates/new?kind=contract", data=told)
    assert "Remove this company" not in bob.get(f"/companies/{firm.id}").text
    refused = bob.post(f"/companies/{firm.id}/remove", follow_redirects=True).text
    assert "Somebody is there." in refused
    bob.post(f"/people/{people.maria.id}/edit", data=maria(people, company=""))
    assert "Its days stay with the people" in bob.get(f"/companies/{firm.id}").text
    assert sign_in(people.charlie).post(f"/companies/{firm.id}/remove").status_code == 404
    assert "Harbor Cafe is removed." in bob.post(f"/companies/{firm.id}/remove", follow_redirects=True).text
    assert firms(app) == []
    with app.app_context(), reading() as session:
        (day,) = session.scalars(sa.select(Milestone))
        assert (day.title, day.company_id, day.person_id, day.active) == (
            "The supply contract", None, people.maria.id, True,
        )  # fmt: skip


def test_a_manager_removes_an_empty_company_of_any_team(
    app: Flask, people: cast.Cast, bob: FlaskClient, sign_in: SignIn
) -> None:
    with app.app_context(), writing() as session:
        firm = companies.put(session, people.organisation.id, people.team.id, "Wells Bakery").id
    assert sign_in(people.alice).post(f"/companies/{firm}/remove").status_code == 302
    assert firms(app) == []


def test_a_company_that_somebody_joins_at_that_moment_stays(
    app: Flask, people: cast.Cast, bob: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    bob.post(f"/people/{people.maria.id}/edit", data=maria(people, company="Harbor Cafe"))
    (firm,) = firms(app)
    monkeypatch.setattr(companies, "contacts", lambda _session, _company: [])
    bob.post(f"/companies/{firm.id}/remove")
    assert [one.id for one in firms(app)] == [firm.id]
    assert named(app, "Maria").company_id == firm.id
