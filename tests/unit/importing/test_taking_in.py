"""A list is looked at, taken in once, and taken back, on both databases; pages say what happens."""

from __future__ import annotations

import datetime as dt
import io
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from tests.cast import MARIA_PHONE, Cast
from tests.plans import no_table_is_read_whole
from tests.postgres import both_databases
from vidmsg import clock
from vidmsg.database import reading, writing
from vidmsg.importing import forgetting, knowing, plan, taking_in
from vidmsg.importing.contacts import Contact
from vidmsg.milestones import keeping as dates
from vidmsg.milestones.keeping import Details
from vidmsg.milestones.models import Milestone
from vidmsg.people import consent, keeping
from vidmsg.people.models import Company, Consent, ImportBatch, ImportChange, Note, Person

pytestmark = both_databases
LIST = (
    "Name,Mobile,Birthday,Customer since,Company,Notes,Consent,Consent source,Do not contact\n"
    "Maria Alvarez,206 555 0142,5/17/1990,,Harbor Cafe,,,,\n"
    "Tom Wells,206 555 0143,2/29/1992,3/1/2019,Wells Bakery,Likes tea,yes,paper form,\n"
    "Ann Wells,206 555 0144,31 Feb,,wells bakery,,yes,,\n"
    "Sol Ames,206 555 0145,,,,,,,true\n"
    "Tom again,(206) 555-0143,,,,,,,\n"
    "Pat Poe,206 555,,,,,,,\n"
)
TOM, SOL = "+12065550143", "+12065550145"


def bring(client: FlaskClient, text: str | bytes = LIST, name: str = "customers.csv") -> str:
    data = text.encode() if isinstance(text, str) else text
    answer = client.post("/people/lists", data={"list": (io.BytesIO(data), name)})
    assert answer.status_code == 302, answer.text
    return str(answer.headers["Location"])


def take(client: FlaskClient, text: str | bytes = LIST) -> str:
    address = bring(client, text)
    assert client.post(address + "/take").status_code == 302
    return address


def every(app: Flask, model: Any) -> list[Any]:
    with app.app_context(), reading() as session:
        return list(session.scalars(sa.select(model).order_by(model.id)))


def named(app: Flask, first_name: str) -> Any:
    return next((one for one in every(app, Person) if one.first_name == first_name), None)


def snapshot(app: Flask) -> dict[str, list[Any]]:
    """What is kept of people, apart from ids and moments."""
    columns = {
        Person: ("first_name", "last_name", "phone", "time_zone", "company_id", "owner_id"),
        Milestone: ("person_id", "kind", "month", "day", "year", "active"),
        Note: ("person_id", "text"),
        Consent: ("phone", "action", "source"),
    }
    return {
        model.__name__: [tuple(getattr(one, name) for name in names) for one in every(app, model)]
        for model, names in columns.items()
    }


def test_looking_tells_what_would_happen_and_keeps_nobody(app: Flask, bob: FlaskClient) -> None:
    before = snapshot(app)
    page = bob.get(bring(bob)).text
    for words in (
        "4 people are new, 1 changes, 1 row stays out.",
        "Birthday: 29 February 1992",
        "With us: 1 March 2019",
        "Said yes to texts",
        "Birthday: 17 May 1990, before: nothing",
        "The same as row 3.",
        "31 Feb is a day that no calendar has.",
        "not where it was said",
        "206 555: ",
        "For example: 206 555 0142",
    ):
        assert words in page
    assert snapshot(app) == before


def test_a_list_becomes_people_with_days_notes_companies_and_consent(app: Flask, bob: FlaskClient, cast: Cast) -> None:
    page = bob.get(take(bob)).text
    assert "4 people are new." in page
    tom, ann = named(app, "Tom"), named(app, "Ann")
    assert (tom.name, tom.phone, tom.owner_id, tom.team_id) == ("Tom Wells", TOM, cast.bob.id, cast.team.id)
    assert tom.company_id == ann.company_id is not None
    assert tom.time_zone == "America/Los_Angeles"
    kept = {(one.person_id, one.kind): (one.month, one.day, one.year) for one in every(app, Milestone)}
    assert kept == {
        (cast.maria.id, "birthday"): (5, 17, 1990),
        (tom.id, "birthday"): (2, 29, 1992),
        (tom.id, "customer_since"): (3, 1, 2019),
    }
    assert all(one.next_on for one in every(app, Milestone))
    assert [(one.person_id, one.text) for one in every(app, Note)] == [(tom.id, "Likes tea")]
    with app.app_context(), reading() as session:
        yes = consent.current(session, cast.organisation.id, TOM)
        assert yes is not None
        assert (yes.action, yes.source, yes.recorded_by) == ("granted", "paper form", cast.bob.id)
        assert "customers.csv" in yes.words
        assert consent.current(session, cast.organisation.id, str(ann.phone)) is None
        stopped = consent.current(session, cast.organisation.id, SOL)
        assert stopped is not None
        assert stopped.action == "revoked"
    assert "Marked so in a list." in bob.get(f"/people/{named(app, 'Sol').id}").text


MORE = (
    "Name,Mobile,Hire date,Contract date,Visits\n"
    "Maria Alvarez,206 555 0142,,5/17/2020,50\n"
    "Tom Wells,206 555 0143,3/1/2019,,37\n"
    "Ann Wells,206 555 0144,,31 Feb,many\n"
)


def days_of(app: Flask, person_id: int) -> dict[str, Any]:
    """Her days that are kept now."""
    mine = [one for one in every(app, Milestone) if one.person_id == person_id and one.active]
    return {one.kind: (one.month, one.day, one.year) if one.month else (one.target, one.on_date) for one in mine}


def test_years_at_work_contracts_and_counts_are_taken_in(app: Flask, bob: FlaskClient, cast: Cast) -> None:
    address = bring(bob, MORE)
    page = bob.get(address).text
    for words in (
        "Works here since",
        "Work anniversary: 1 March 2019",
        "Contract or project: 17 May 2020, before: nothing",
        "50th visit, reached now",
        "31 Feb is a day that no calendar has.",
        "many is no number of visits.",
    ):
        assert words in page
    bob.post(address + "/take")
    today = clock.local(clock.now(), cast.organisation.time_zone).date()
    tom, ann = named(app, "Tom"), named(app, "Ann")
    assert days_of(app, cast.maria.id) == {"contract": (5, 17, 2020), "count": (50, today)}
    assert days_of(app, tom.id) == {"work_anniversary": (3, 1, 2019)}
    assert days_of(app, ann.id) == {}
    assert [one.kind for one in (named(app, "Maria"), tom, ann)] == ["customer", "colleague", "customer"]
    before = snapshot(app)
    take(bob, MORE)
    assert snapshot(app) == before


def test_years_at_work_contracts_and_counts_are_taken_back(app: Flask, bob: FlaskClient, cast: Cast) -> None:
    with app.app_context(), writing() as session:
        maria = session.get_one(Person, cast.maria.id)
        dates.add(session, maria, Details("contract", month=1, day=2, year=2018, lead_days=9), None)
        dates.add(session, maria, Details("contract", title="The new roof", month=6, day=1), None)
        dates.add(session, maria, Details("count", title="order", target=50, on_date=dt.date(2026, 1, 1)), None)
    before = snapshot(app)
    address = take(bob, MORE)
    assert len([one for one in every(app, Milestone) if one.person_id == cast.maria.id]) == 4
    bob.post(address + "/undo")
    assert named(app, "Tom") is None
    after = snapshot(app)
    assert after["Person"] == before["Person"]
    assert [one for one in after["Milestone"] if one[-1]] == before["Milestone"]
    assert next(one for one in every(app, Milestone) if one.kind == "contract").lead_days == 9


def test_a_day_that_somebody_changed_since_stays(app: Flask, bob: FlaskClient, cast: Cast) -> None:
    address = take(bob, MORE)
    with app.app_context(), writing() as session:
        (row,) = session.scalars(sa.select(Milestone).where(Milestone.kind == "contract"))
        dates.change(session, row, Details("contract", month=5, day=18, year=2020), None)
    assert "Maria Alvarez" in bob.post(address + "/undo", follow_redirects=True).text
    assert days_of(app, cast.maria.id) == {"contract": (5, 18, 2020)}


def test_a_count_that_was_added_by_hand_is_not_added_again(app: Flask, bob: FlaskClient, cast: Cast) -> None:
    with app.app_context(), writing() as session:
        maria = session.get_one(Person, cast.maria.id)
        dates.add(session, maria, Details("count", title="Visit", target=50, on_date=dt.date(2026, 1, 1)), None)
    take(bob, MORE)
    assert [one.target for one in every(app, Milestone) if one.kind == "count"] == [50]


def test_a_column_of_counts_is_corrected_by_hand(app: Flask, bob: FlaskClient, cast: Cast) -> None:
    address = bring(bob, "Name,Mobile,Punched\nTom Wells,206 555 0143,1 000 visits\n")
    assert "1000th visit" not in bob.get(address).text
    bob.post(address + "/columns", data={"c0": "name", "c1": "mobile", "c2": "visits"})
    assert "1000th visit, reached now" in bob.get(address).text
    bob.post(address + "/take")
    assert [one.target for one in every(app, Milestone)] == [1000]


def test_a_round_count_that_came_between_two_lists_is_not_lost(app: Flask, bob: FlaskClient, cast: Cast) -> None:
    text = "Name,Mobile,Visits\nTom Wells,206 555 0143,{}\n"
    take(bob, text.format(49))
    assert every(app, Milestone) == []
    address = bring(bob, text.format(52))
    page = bob.get(address).text
    assert "50th visit, reached now" in page
    assert "Visits so far: 52, before: 49" in page
    bob.post(address + "/take")
    assert [one.target for one in every(app, Milestone) if one.active] == [50]
    assert "1 is here already" in bob.get(bring(bob, text.format(52))).text
    bob.post(address + "/undo")
    assert [one for one in every(app, Milestone) if one.active] == []
    assert named(app, "Tom").visits == 49


def test_any_count_is_a_day_where_somebody_says_so(app: Flask, bob: FlaskClient, cast: Cast) -> None:
    address = bring(bob, "Name,Mobile,Visits\nTom Wells,206 555 0143,37\n")
    assert "37th visit" not in bob.get(address).text
    bob.post(address + "/columns", data={"c0": "name", "c1": "mobile", "c2": "reached"})
    assert "37th visit, reached now" in bob.get(address).text
    bob.post(address + "/take")
    assert [one.target for one in every(app, Milestone)] == [37]
    bob.post(address + "/undo")
    assert [one for one in every(app, Milestone) if one.active] == []


def test_the_same_list_twice_changes_nothing(app: Flask, bob: FlaskClient) -> None:
    take(bob)
    before = snapshot(app)
    address = bring(bob)
    assert "5 are here already, 1 row stays out." in bob.get(address).text
    bob.post(address + "/take")
    assert snapshot(app) == before


def test_taking_in_twice_at_once_is_once(app: Flask, bob: FlaskClient, cast: Cast) -> None:
    address = take(bob)
    count = len(every(app, Person))
    bob.post(address + "/take")
    assert len(every(app, Person)) == count
    other = int(bring(bob).rsplit("/", 1)[1])
    with app.app_context():
        taking_in._claim(other)
        with pytest.raises(taking_in.AlreadyRunning):
            taking_in.take_in(other, cast.bob.id)
    page = bob.post(f"/people/lists/{other}/take", follow_redirects=True).text
    assert "being taken in already" in page


def test_a_run_that_died_is_taken_up_and_adds_nobody_twice(
    app: Flask, bob: FlaskClient, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(taking_in, "BATCH", 2)
    parts, whole = [0], taking_in._Taking.take

    def _dies(*args: Any) -> int:
        parts[0] += 1
        if parts[0] == 2:
            raise RuntimeError("the machine lost power")
        return whole(*args)

    monkeypatch.setattr(taking_in._Taking, "take", _dies)
    batch_id = int(bring(bob).rsplit("/", 1)[1])
    with app.app_context(), pytest.raises(RuntimeError):
        taking_in.take_in(batch_id, cast.bob.id)
    assert named(app, "Tom")
    assert named(app, "Sol") is None
    with app.app_context(), writing() as session:
        session.get_one(ImportBatch, batch_id).started_at = clock.now() - taking_in.ABANDONED * 2
    assert "stopped half way" in bob.get(f"/people/lists/{batch_id}").text
    bob.post(f"/people/lists/{batch_id}/take")
    assert [one.first_name for one in every(app, Person)] == ["Maria", "Tom", "Ann", "Sol", "Pat"]
    (batch,) = every(app, ImportBatch)
    assert (batch.added, batch.changed, batch.refused) == (4, 1, 1)


def test_taking_back_leaves_nothing_but_the_ledger(app: Flask, bob: FlaskClient, cast: Cast) -> None:
    with app.app_context(), writing() as session:
        maria = session.get_one(Person, cast.maria.id)
        dates.add(session, maria, Details("birthday", month=1, day=2, weekend="before"), None)
    before = snapshot(app)
    address = take(bob)
    assert snapshot(app)["Person"] != before["Person"]
    page = bob.post(address + "/undo", follow_redirects=True).text
    assert "is gone again" in page
    after = snapshot(app)
    assert {key: after[key] for key in ("Person", "Milestone", "Note")} == {
        key: before[key] for key in ("Person", "Milestone", "Note")
    }
    (birthday,) = every(app, Milestone)
    assert birthday.weekend == "before"
    with app.app_context(), reading() as session:
        assert not consent.is_granted(session, cast.organisation.id, TOM)
        assert consent.is_granted(session, cast.organisation.id, MARIA_PHONE)
        assert not consent.is_granted(session, cast.organisation.id, SOL)
    assert every(app, ImportChange) == []
    take(bob)  # corrected and brought again, the yes counts
    with app.app_context(), reading() as session:
        assert consent.is_granted(session, cast.organisation.id, TOM)


def test_what_has_a_life_of_its_own_by_then_stays_and_is_told(app: Flask, bob: FlaskClient, cast: Cast) -> None:
    address = take(bob)
    with app.app_context(), writing() as session:
        tom, ann, sol, pat = (session.get_one(Person, named(app, name).id) for name in ("Tom", "Ann", "Sol", "Pat"))
        keeping.note(session, tom, cast.bob.id, "Has a dog", None)
        keeping.change(session, ann, keeping.Details("Anna", "Wells", ann.phone, ann.time_zone), cast.bob.id)
        keeping.pause(session, sol, cast.bob.id, until=None, reason="moving")
        session.add(_video(cast, pat))
        (birthday,) = (one for one in session.scalars(sa.select(Milestone)) if one.person_id == cast.maria.id)
        dates.change(session, birthday, Details("birthday", month=5, day=18, year=1990), None)
    page = bob.post(address + "/undo", follow_redirects=True).text
    for words in ("Tom Wells", "Anna Wells", "Sol Ames", "Pat Poe", "Maria Alvarez", "days or notes were added since"):
        assert words in page
    assert len(every(app, Person)) == 5
    assert {(one.day, one.year) for one in every(app, Milestone) if one.person_id == cast.maria.id} == {(18, 1990)}
    assert bob.post(address + "/undo", follow_redirects=True).text.count("Tom Wells") == 1


def _video(cast: Cast, person: Person) -> Any:
    from vidmsg.videos.models import TAKE, Video

    home = {"organisation_id": person.organisation_id, "team_id": person.team_id, "owner_id": cast.bob.id}
    return Video(**home, person_id=person.id, kind=TAKE, created_at=clock.now())


def test_a_number_that_texted_stop_gets_no_consent_from_a_list(app: Flask, bob: FlaskClient, cast: Cast) -> None:
    home = cast.organisation.id
    with app.app_context(), writing() as session:
        consent.revoke(session, organisation_id=home, phone=TOM, words="STOP", source=consent.BY_TEXT)
    address = bring(bob)
    assert "This number said no before" in bob.get(address).text
    bob.post(address + "/take")
    with app.app_context(), reading() as session:
        assert consent.asked_to_stop(session, home, TOM)


def test_columns_are_corrected_by_hand_and_nothing_is_taken_in_by_guess(app: Flask, bob: FlaskClient) -> None:
    address = bring(bob, "column1,column2,column3\nTom Wells,206 555 0143,3/4/1990\n")
    page = bob.get(address).text
    assert "nothing is taken in by guess" in page
    assert "Take them in" not in page
    bob.post(address + "/columns", data={"c0": "name", "c1": "mobile", "c2": "birthday"})
    assert "Birthday: 4 March 1990" in bob.get(address).text
    bob.post(address + "/columns", data={"c0": "name", "c1": "mobile", "c2": "birthday", "order": "day"})
    assert "Birthday: 3 April 1990" in bob.get(address).text
    twice = bob.post(address + "/columns", data={"c0": "name", "c1": "name", "c2": "made up"}, follow_redirects=True)
    assert "Two columns cannot both be" in twice.text
    bob.post(address + "/take")
    (tom,) = (one for one in every(app, Milestone))
    assert (tom.month, tom.day) == (4, 3)


def test_what_is_no_list_is_refused_with_a_sentence(app: Flask, bob: FlaskClient) -> None:
    for data, sentence in ((b"PK\x03\x04", "This is a workbook"), (b"", "This file is empty.")):
        answer = bob.post("/people/lists", data={"list": (io.BytesIO(data), "a.csv")})
        assert answer.status_code == 422
        assert sentence in answer.text
    assert "Pick a file first." in bob.post("/people/lists", data={}).text
    assert every(app, ImportBatch) == []


def test_values_are_text_on_every_page(app: Flask, bob: FlaskClient) -> None:
    evil = 'Name,Mobile\n"<img src=x onerror=1>=1+1",206 555 0143\n{{7*7}},\n'
    address = bring(bob, evil, "<b>list</b>.csv")
    for page in (
        bob.get(address).text,
        bob.post(address + "/take", follow_redirects=True).text,
        bob.get("/people").text,
    ):
        assert "<img src=x" not in page
        assert "<b>list" not in page
        assert "49" not in page.split("<main")[1].split("</main")[0].replace("206", "")
    assert named(app, "{{7*7}}")


def test_a_list_is_its_team_s_and_its_people_are_the_team_s(
    app: Flask, bob: FlaskClient, charlie: FlaskClient, alice: FlaskClient
) -> None:
    address = bring(bob)
    assert charlie.get(address).status_code == 404
    assert charlie.post(address + "/take").status_code == 404
    assert alice.get(address).status_code == 200
    theirs = charlie.get(bring(charlie)).text
    assert "Somebody in another team has this number" in theirs
    assert "before: nothing" not in theirs


def test_a_file_is_dropped_after_taking_in_or_a_day(app: Flask, bob: FlaskClient) -> None:
    taken, looked = take(bob), bring(bob)
    with app.app_context():
        forgetting.forget()
        with reading() as session:
            sources = dict(session.execute(sa.select(ImportBatch.id, ImportBatch.source)).all())
        assert [source is None for _id, source in sorted(sources.items())] == [True, False]
        with writing() as session:
            session.execute(sa.update(ImportBatch).values(created_at=clock.now() - dt.timedelta(days=1, minutes=1)))
        forgetting.forget()
    assert bob.get(looked).status_code == 404
    assert bob.get(taken).status_code == 200


def test_a_list_that_was_looked_at_can_be_thrown_away(app: Flask, bob: FlaskClient) -> None:
    address = bring(bob)
    assert bob.post(address + "/forget").status_code == 302
    assert every(app, ImportBatch) == []


def test_a_hundred_rows_read_whom_they_can_mean_and_nobody_else(app: Flask, bob: FlaskClient) -> None:
    take(bob, "Name,Mobile\nÅsa Öberg,\nTom Wells,206 555 0143\n")
    with app.app_context(), writing() as session:
        maria = session.scalars(sa.select(Person).where(Person.first_name == "Maria")).one()
        same = {"organisation_id": maria.organisation_id, "team_id": maria.team_id, "time_zone": maria.time_zone}
        session.add_all(Person(first_name=f"No. {at}", created_at=clock.now(), **same) for at in range(50))
    read: list[str] = []
    with app.app_context(), reading() as session:
        sa.event.listen(session, "loaded_as_persistent", lambda _session, one: read.append(type(one).__name__))
        rows = [Contact(2, first_name="ÅSA", last_name="ÖBERG"), Contact(3, first_name="tom", last_name="wells")]
        around = knowing.around(session, maria.organisation_id, maria.team_id, rows)
    assert [one.first_name for one in around.without_phone["åsa öberg"]] == ["Åsa"]
    assert around.called == {"åsa öberg", "tom wells"}
    assert read.count("Person") == 1


def test_looking_at_a_list_reads_no_table_whole(app: Flask, bob: FlaskClient) -> None:
    address = bring(bob)
    with app.app_context(), no_table_is_read_whole() as asked, reading() as session:
        batch = session.scalars(sa.select(ImportBatch).where(ImportBatch.id == int(address.rsplit("/", 1)[1]))).one()
        found = plan.only(plan.read_contacts(session, batch))
        knowing.around(session, batch.organisation_id, batch.team_id, found)
    assert any("person.folded" in text for text, _ in asked)


def test_a_list_is_taken_back_though_the_company_that_somebody_was_in_is_removed(app: Flask, bob: FlaskClient) -> None:
    take(bob, "Name,Mobile,Company\nMaria Alvarez,206 555 0142,Spa Supplies\n")
    address = take(bob, "Name,Mobile,Company\nMaria Alvarez,206 555 0142,Harbor Cafe\n")
    was, now = every(app, Company)
    bob.post(f"/companies/{was.id}/remove")
    bob.post(address + "/undo")
    assert named(app, "Maria").company_id is None
    assert [one.id for one in every(app, Company)] == [now.id]


IDAHO = "Name,Mobile\nTom Wells,208 555 0143\nAnn Wells,206 555 0144\nSol Ames,208 555 0145\n"


def test_a_number_that_may_be_in_several_zones_is_remarked_on_and_corrected_before_it_is_taken_in(
    app: Flask, bob: FlaskClient
) -> None:
    address = bring(bob, IDAHO)
    page = bob.get(address).text
    assert page.count("This number may be in several time zones.") == 2
    columns = {f"c{at}": field for at, field in enumerate(("name", "phone"))}
    bob.post(address + "/columns", data={**columns, "z2": "America/Boise", "z4": "Nowhere/Atall"})
    page = bob.get(address).text
    assert page.count("This number may be in several time zones.") == 1
    assert '<option value="America/Boise" selected>' in page
    bob.post(address + "/take")
    zones = {name: (named(app, name).time_zone, named(app, name).zone_is_guess) for name in ("Tom", "Ann", "Sol")}
    assert zones == {
        "Tom": ("America/Boise", False),
        "Ann": ("America/Los_Angeles", False),
        "Sol": ("America/Los_Angeles", True),
    }
    bring_more = IDAHO.replace("Name,Mobile", "Name,Mobile,Time zone").replace("0145", "0145,America/Boise")
    take(bob, bring_more.replace("0143", "0143,").replace("0144", "0144,"))
    assert (named(app, "Sol").time_zone, named(app, "Sol").zone_is_guess) == ("America/Boise", False)
