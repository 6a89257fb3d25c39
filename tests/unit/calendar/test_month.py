"""The calendar: a month of what each may see, its states and its load, any year; a day moved and handed over."""

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
from vidmsg import clock
from vidmsg.asking.models import RecordLink
from vidmsg.calendar import month, planning
from vidmsg.database import db, reading, writing
from vidmsg.messages.models import Link, Message
from vidmsg.milestones import keeping
from vidmsg.milestones.keeping import Details
from vidmsg.milestones.models import Occurrence
from vidmsg.people.models import Person
from vidmsg.tokens import new_token
from vidmsg.videos.models import Upload, Video
from vidmsg.watching.models import Visit

SignIn = Callable[[Any], FlaskClient]
pytestmark = both_databases


@pytest.fixture
def people(app: Flask, monkeypatch: pytest.MonkeyPatch) -> cast.Cast:
    """Everybody, on Friday 20 November 2026, noon in Los Angeles."""
    monkeypatch.setattr(clock, "now", lambda: dt.datetime(2026, 11, 20, 20, tzinfo=dt.UTC))
    with app.app_context(), writing() as session:
        return cast.put_in(session)


@pytest.fixture
def bob(people: cast.Cast, sign_in: SignIn) -> FlaskClient:
    return sign_in(people.bob)


def date_of(app: Flask, person: Person, details: Details) -> None:
    with app.app_context():
        with writing() as session:
            keeping.add(session, session.get_one(Person, person.id), details, None)
        planning.run()


def somebody(app: Flask, owner: Any, name: str, details: Details) -> None:
    with app.app_context(), writing() as session:
        person = cast.customer(session, owner, name, "", f"+1206555{1000 + len(name) * 7:04d}")
    date_of(app, person, details)


def only(app: Flask) -> Occurrence:
    with app.app_context(), reading() as session:
        return session.scalars(sa.select(Occurrence)).one()


def message(app: Flask, people: cast.Cast, state: str, **values: Any) -> str:
    with app.app_context(), writing() as session:
        day, now = session.scalars(sa.select(Occurrence)).one(), clock.now()
        made = Message(
            id=new_token(), organisation_id=day.organisation_id, team_id=day.team_id, occurrence_id=day.id,
            person_id=day.person_id, sender_id=people.bob.id, request_key=new_token(), phone="+12065550142", body="Hi",
            state=state, send_on=day.planned_on, due_at=now, created_at=now, changed_at=now, **values,
        )  # fmt: skip
        session.add(made)
        return made.id


def video(app: Flask, people: cast.Cast, **values: Any) -> str:
    with app.app_context(), writing() as session:
        made = Video(
            organisation_id=people.organisation.id, team_id=people.team.id, owner_id=people.bob.id,
            created_at=clock.now(), **values,
        )  # fmt: skip
        session.add(made)
        session.flush()
        return made.id


def test_a_month_shows_whose_day_it_is_and_what_is_missing(app: Flask, people: cast.Cast, bob: FlaskClient) -> None:
    date_of(app, people.maria, Details("birthday", month=11, day=24, year=1986))
    page = bob.get("/calendar?month=2026-11").text
    assert "Maria Alvarez" in page
    assert "Needs video" in page
    assert "40th birthday" in page
    assert "One milestone, one has no video" in page
    assert "Maria" not in bob.get("/calendar?month=2026-10").text.split('<aside class="card soon')[0]


def test_another_team_does_not_see_it_and_the_manager_does(app: Flask, people: cast.Cast, sign_in: SignIn) -> None:
    date_of(app, people.maria, Details("birthday", month=11, day=24))
    for address in ("/calendar?month=2026-11", "/calendar?month=2031-11", "/calendar/day/2026-11-24"):
        assert "Maria" not in sign_in(people.charlie).get(address).text
        assert "Maria" in sign_in(people.alice).get(address.replace("day/2031", "day/2026")).text


def test_any_future_year_is_shown_and_nothing_of_it_is_stored(app: Flask, people: cast.Cast, bob: FlaskClient) -> None:
    date_of(app, people.maria, Details("birthday", month=2, day=29, year=1992))
    date_of(app, people.maria, Details("check_in", on_date=dt.date(2026, 11, 24), step=3, unit="months"))
    date_of(app, people.maria, Details("once", title="Graduation", on_date=dt.date(2033, 2, 10)))
    page = bob.get("/calendar?month=2033-02").text.split('<aside class="card soon')[0]
    assert page.count("Maria Alvarez") == 3
    assert page.count("Planned<") == 3 + 1  # and the word among the filters
    assert "41st birthday" in page
    assert "Graduation" in page
    day = page.index('data-day="2033-02-28"')
    assert day < page.index("41st birthday") < page.index('data-day="2033-03-01"')
    with app.app_context(), reading() as session:
        assert session.scalars(sa.select(sa.func.max(Occurrence.planned_on))).one() < dt.date(2027, 3, 1)


def test_what_is_planned_at_the_edge_of_the_horizon_is_shown_once(
    app: Flask, people: cast.Cast, bob: FlaskClient
) -> None:
    """The horizon ends on 19 January 2027, a Tuesday; weekends are kept after."""
    for day, name in ((16, "Sat"), (17, "Sund"), (19, "Tuesd"), (20, "Wednesd"), (23, "Saturday")):
        somebody(app, people.bob, name, Details("birthday", month=1, day=day, weekend="after"))
    page = bob.get("/calendar?month=2027-01").text.split('<aside class="card soon')[0]
    assert [page.count(f"<b>{name}</b>") for name in ("Sat", "Sund", "Tuesd", "Wednesd", "Saturday")] == [1] * 5


STATES = [
    ("scheduled", "Scheduled"), ("claimed", "Scheduled"), ("unknown", "Scheduled"), ("sent", "Sent"),
    ("delivered", "Sent"), ("missed", "Missed"), ("failed", "Missed"), ("suppressed", "Missed"),
    ("canceled", "Needs video"), ("planned", "Needs video"), ("held", "Needs video"),
]  # fmt: skip


@pytest.mark.parametrize(("state", "word"), STATES)
def test_the_state_of_a_day_is_its_messages(
    app: Flask, people: cast.Cast, bob: FlaskClient, state: str, word: str
) -> None:
    date_of(app, people.maria, Details("birthday", month=11, day=24))
    message(app, people, state)
    page = bob.get(f"/calendar/{only(app).id}").text
    assert f"</svg>{word}</span>" in page


def test_a_day_is_ready_with_a_take_and_watched_once_somebody_pressed_play(
    app: Flask, people: cast.Cast, bob: FlaskClient
) -> None:
    date_of(app, people.maria, Details("birthday", month=11, day=24))
    day, now = only(app), clock.now()
    taken = video(app, people, state="ready", person_id=people.maria.id)
    with app.app_context(), writing() as session:
        upload = Upload(
            video_id=taken, occurrence_id=day.id, capability_digest="x", kind="take", created_at=now, moved_at=now
        )
        session.add(upload)
    assert "</svg>Needs video</span>" in bob.get("/calendar?month=2026-11").text, "nobody kept it yet"
    assert "Maria" in bob.get("/").text, "and Today asks for it"
    with app.app_context(), writing() as session:
        session.get_one(Video, taken).kept_at = now
    assert "</svg>Ready</span>" in bob.get("/calendar?month=2026-11").text
    made = message(app, people, "delivered", video_id=taken)
    assert "</svg>Sent</span>" in bob.get("/calendar?month=2026-11").text
    with app.app_context(), writing() as session:
        link = Link(message_id=made, video_id=taken, created_at=now)
        session.add(link)
        session.flush()
        session.add(Visit(link_id=link.id, page_id="p", fetched_at=now, played_at=now))
    assert "</svg>Watched</span>" in bob.get("/calendar?month=2026-11").text


def test_filters_keep_to_a_rep_a_kind_and_a_state(app: Flask, people: cast.Cast, bob: FlaskClient) -> None:
    date_of(app, people.maria, Details("birthday", month=11, day=24))
    grid = {
        query: "Maria Alvarez" in bob.get(f"/calendar?month=2026-11&{query}").text.split('<aside class="card soon')[0]
        for query in (
            f"rep={people.bob.id}",
            f"rep={people.alice.id}",
            "kind=birthday",
            "kind=once",
            "state=needs",
            "state=watched",
            "state=nonsense",
            "kind=nonsense",
            "rep=x",
        )
    }
    assert list(grid.values()) == [True, False, True, False, True, False, True, True, True]


def test_a_full_day_says_for_whom_and_shows_the_first_few(app: Flask, people: cast.Cast, bob: FlaskClient) -> None:
    for name in ("Ada", "Bertha", "Cleo", "Dorothea", "Eve Marie"):
        somebody(app, people.bob, name, Details("birthday", month=11, day=24))
    page = bob.get("/calendar?month=2026-11").text
    assert "and 2 more" in page
    assert 'Full<span class="vh"> for Bob' in page
    assert "Tuesday 24 is full: five on one day for Bob." in page
    assert bob.get("/calendar/day/2026-11-24").text.count("<h2>") == 5
    assert bob.get("/calendar/day/nonsense").status_code == 404


@pytest.mark.parametrize("asked", ["", "2026-13", "x", "9999-12", "0001-01", "2026-11-20"])
def test_an_address_without_a_month_shows_this_one(people: cast.Cast, bob: FlaskClient, asked: str) -> None:
    assert "<h1>November</h1>" in bob.get(f"/calendar?month={asked}").text


def test_weeks_begin_as_the_country_has_them(app: Flask) -> None:
    november = dt.date(2026, 11, 1)
    assert month.span(november, "US") == (dt.date(2026, 11, 1), dt.date(2026, 12, 5))
    assert month.span(november, "GB") == (dt.date(2026, 10, 26), dt.date(2026, 12, 6))


def test_a_day_is_moved_with_its_message_unless_somebody_was_faster(
    app: Flask, people: cast.Cast, bob: FlaskClient
) -> None:
    date_of(app, people.maria, Details("birthday", month=11, day=24))
    day = only(app)
    made = message(app, people, "scheduled")
    address, was = f"/calendar/{day.id}/move", "2026-11-24"
    assert bob.post(address, data={"day": "2026-11-26", "was": was}).status_code == 302
    assert (only(app).planned_on, only(app).moved) == (dt.date(2026, 11, 26), True)
    with app.app_context(), reading() as session:
        assert session.get_one(Message, made).send_on == dt.date(2026, 11, 26)
    late = bob.post(address, data={"day": "2026-11-28", "was": was})
    assert late.status_code == 409
    assert "Somebody was faster" in late.text
    script = bob.post(address, data={"day": "2026-11-28", "was": was}, headers={"X-Requested-With": "fetch"})
    assert "Somebody was faster" in script.json["reason"]
    with app.app_context(), reading() as session:
        assert session.get_one(Message, made).send_on == dt.date(2026, 11, 26)  # nothing half moved


@pytest.mark.parametrize(("state", "goes"), [("scheduled", True), ("missed", False), ("held", False)])
def test_whoever_moves_a_day_hears_whether_its_text_goes_or_needs_a_word(
    app: Flask, people: cast.Cast, bob: FlaskClient, state: str, goes: bool
) -> None:
    date_of(app, people.maria, Details("birthday", month=11, day=24))
    message(app, people, state)
    address = f"/calendar/{only(app).id}/move"
    page = bob.post(address, data={"day": "2026-11-26", "was": "2026-11-24"}, follow_redirects=True).text
    assert ("A text that waits goes with it." in page, "Its text does not go by itself" in page) == (goes, not goes)
    dragged = {"data": {"day": "2026-11-27", "was": "2026-11-26"}, "headers": {"X-Requested-With": "fetch"}}
    assert bob.post(address, **dragged).status_code == 204
    assert ("Its text does not go by itself" in bob.get("/calendar?month=2026-11").text) is not goes


@pytest.mark.parametrize(
    ("day", "sentence"),
    [
        ("2026-11-19", "That day is over."),
        ("2028-11-24", "more than a year away"),
        ("2026-02-30", "a day that the calendar has"),
        ("", "a day that the calendar has"),
    ],
)
def test_a_move_that_makes_no_sense_is_refused(
    app: Flask, people: cast.Cast, bob: FlaskClient, day: str, sentence: str
) -> None:
    date_of(app, people.maria, Details("birthday", month=11, day=24))
    answer = bob.post(f"/calendar/{only(app).id}/move", data={"day": day, "was": "2026-11-24"})
    assert answer.status_code in {409, 422}
    assert sentence in answer.text
    assert only(app).planned_on == dt.date(2026, 11, 24)


def test_a_day_whose_text_is_leaving_is_not_moved(app: Flask, people: cast.Cast, bob: FlaskClient) -> None:
    date_of(app, people.maria, Details("birthday", month=11, day=24))
    message(app, people, "claimed")
    answer = bob.post(f"/calendar/{only(app).id}/move", data={"day": "2026-11-26", "was": "2026-11-24"})
    assert answer.status_code == 409
    assert "Too late to move" in answer.text
    assert only(app).planned_on == dt.date(2026, 11, 24)


def test_a_day_is_handed_to_a_colleague_and_the_old_link_to_record_ends(
    app: Flask, people: cast.Cast, bob: FlaskClient
) -> None:
    date_of(app, people.maria, Details("birthday", month=11, day=24))
    day, now = only(app), clock.now()
    with app.app_context(), writing() as session:
        session.add(
            RecordLink(token_digest="d", occurrence_id=day.id, user_id=people.bob.id, created_at=now, expires_at=now)
        )
    address, was = f"/calendar/{day.id}/assign", str(people.bob.id)
    refused = bob.post(address, data={"to": str(people.charlie.id), "was": was})
    assert refused.status_code == 409  # from another team, she must not see Maria
    assert bob.post(address, data={"to": "99999", "was": was}).status_code == 422
    assert bob.post(address, data={"to": str(people.alice.id), "was": was}).status_code == 302
    assert only(app).assignee_id == people.alice.id
    with app.app_context(), reading() as session:
        assert session.scalars(sa.select(RecordLink.ended_at)).one() is not None
    assert bob.post(address, data={"to": str(people.bob.id), "was": was}).status_code == 409


def test_a_new_date_begins_with_the_person(people: cast.Cast, bob: FlaskClient, sign_in: SignIn) -> None:
    assert f"/people/{people.maria.id}/dates/new" in bob.get("/calendar/new?q=maria").text
    assert "Nobody by that name" in sign_in(people.charlie).get("/calendar/new?q=maria").text


def test_a_page_asks_as_many_questions_for_many_as_for_few(app: Flask, people: cast.Cast, bob: FlaskClient) -> None:
    date_of(app, people.maria, Details("birthday", month=11, day=24))
    with app.app_context():
        engine = db.engine
    asked: list[str] = []
    sa.event.listen(engine, "before_cursor_execute", lambda _c, _k, statement, *_: asked.append(statement))

    def questions(address: str) -> int:
        asked.clear()
        assert bob.get(address).status_code == 200
        return len(asked)

    addresses = ("/calendar?month=2026-11", "/calendar?month=2027-11", "/calendar?month=2027-01")
    few = [questions(address) for address in addresses]
    for number in range(12):
        somebody(app, people.bob, "x" * (number + 1), Details("birthday", month=11, day=10 + number))
    assert [questions(address) for address in addresses] == few
