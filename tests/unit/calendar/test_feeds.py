"""Calendar feeds: secret addresses, what they show, and that other programs read them right."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Iterator
from typing import Any

import icalendar
import pytest
import recurring_ical_events
from flask import Flask
from flask.testing import FlaskClient

from tests import cast
from tests.postgres import both_databases
from vidmsg import clock
from vidmsg.accounts.models import Organisation, User
from vidmsg.database import writing
from vidmsg.milestones import keeping
from vidmsg.milestones.keeping import Details
from vidmsg.milestones.models import Milestone, Occurrence
from vidmsg.people.models import Person

pytestmark = both_databases

SignIn = Callable[[Any], FlaskClient]


@pytest.fixture
def home(app: Flask) -> Iterator[cast.Cast]:
    with app.app_context():
        with writing() as session:
            made = cast.put_in(session)
        yield made


def dated(home: cast.Cast, **details: Any) -> Milestone:
    with writing() as session:
        return keeping.add(session, session.get_one(Person, home.maria.id), Details(**details), home.bob.id)


def address(browser: FlaskClient, whose: str = "mine") -> str:
    page = browser.post(f"/calendar/feeds/{whose}", follow_redirects=True).get_data(as_text=True)
    found = re.search(r'value="http://localhost(/feed/[^"]+)"', page)
    assert found, page
    return found[1]


def events(client: FlaskClient, path: str) -> list[tuple[str, str]]:
    answer = client.get(path)
    assert (answer.status_code, answer.mimetype) == (200, "text/calendar")
    calendar = icalendar.Calendar.from_ical(answer.data)
    now = clock.now().date()
    found = recurring_ical_events.of(calendar).between(now - dt.timedelta(days=60), now + dt.timedelta(days=460))
    return sorted((event["DTSTART"].dt.isoformat(), str(event["SUMMARY"])) for event in found)


def day_of(away: int) -> dt.date:
    return clock.now().date() + dt.timedelta(days=away)


def test_a_rep_has_her_peoples_days_in_her_own_calendar(client: FlaskClient, sign_in: SignIn, home: cast.Cast) -> None:
    on = day_of(20)
    dated(home, kind="once", title="Closing day, at last; “keys, please”", on_date=on)
    path = address(sign_in(home.bob))
    assert events(client, path) == [(on.isoformat(), "Maria Alvarez: Closing day, at last; “keys, please”")]


def test_years_are_counted_where_they_are_known(client: FlaskClient, sign_in: SignIn, home: cast.Cast) -> None:
    on = day_of(20)
    dated(home, kind="customer_since", month=on.month, day=on.day, year=on.year - 5)
    assert events(client, address(sign_in(home.bob)))[0] == (on.isoformat(), "Maria Alvarez: With us, 5 years")


def test_29_february_is_where_the_rule_puts_it(client: FlaskClient, sign_in: SignIn, home: cast.Cast) -> None:
    dated(home, kind="birthday", month=2, day=29, leap="mar1")
    path = address(sign_in(home.bob))
    year = next(y for y in (clock.now().year, clock.now().year + 1) if dt.date(y, 3, 1) >= clock.now().date())
    expected = f"{year}-02-29" if year % 4 == 0 else f"{year}-03-01"
    assert (expected, "Maria Alvarez: Birthday") in events(client, path)


def test_a_moved_day_shows_where_it_was_moved_and_stays_the_same_event(
    client: FlaskClient, sign_in: SignIn, home: cast.Cast
) -> None:
    milestone = dated(home, kind="once", title="Graduation", on_date=day_of(20))
    path = address(sign_in(home.bob))
    before = re.search(rb"UID:(\S+)", client.get(path).data)
    with writing() as session:
        session.add(Occurrence(
            milestone_id=milestone.id, organisation_id=home.organisation.id, team_id=home.maria.team_id,
            person_id=home.maria.id, kind="once", cycle="once", natural_on=day_of(20), planned_on=day_of(22),
            moved=True, assignee_id=home.bob.id, created_at=clock.now(),
        ))  # fmt: skip
    assert events(client, path) == [(day_of(22).isoformat(), "Maria Alvarez: Graduation")]
    after = re.search(rb"UID:(\S+)", client.get(path).data)
    assert before
    assert after
    assert before[1] == after[1]


def test_lines_are_folded_at_75_octets_and_end_with_crlf(client: FlaskClient, sign_in: SignIn, home: cast.Cast) -> None:
    dated(home, kind="once", title="Ελένη’s graduation " + "ü" * 80, on_date=day_of(3))
    body = client.get(address(sign_in(home.bob))).data
    assert b"\r\n" in body
    assert b"\n" not in body.replace(b"\r\n", b"")
    assert max(len(line) for line in body.split(b"\r\n")) <= 75
    body.decode("utf-8")


def test_it_says_what_it_is(client: FlaskClient, sign_in: SignIn, home: cast.Cast) -> None:
    answer = client.get(address(sign_in(home.bob)))
    assert answer.headers["Content-Type"] == "text/calendar; charset=utf-8"
    assert answer.data.startswith(b"BEGIN:VCALENDAR\r\n")


def test_it_holds_no_number_and_no_note(client: FlaskClient, sign_in: SignIn, home: cast.Cast) -> None:
    dated(home, kind="once", title="Move", on_date=day_of(3))
    assert cast.MARIA_PHONE[-7:].encode() not in client.get(address(sign_in(home.bob))).data


def test_a_new_address_ends_the_old_one_and_it_can_be_taken_back(
    client: FlaskClient, sign_in: SignIn, home: cast.Cast
) -> None:
    bob = sign_in(home.bob)
    old = address(bob)
    new = address(bob)
    assert [client.get(path).status_code for path in (old, new)] == [404, 200]
    bob.post("/calendar/feeds/mine/end")
    assert client.get(new).status_code == 404


def test_it_is_not_sent_again_while_nothing_changed(client: FlaskClient, sign_in: SignIn, home: cast.Cast) -> None:
    dated(home, kind="once", title="Move", on_date=day_of(3))
    path = address(sign_in(home.bob))
    first = client.get(path)
    assert client.get(path, headers={"If-None-Match": first.headers["ETag"]}).status_code == 304
    dated(home, kind="birthday", month=5, day=1)
    assert client.get(path, headers={"If-None-Match": first.headers["ETag"]}).status_code == 200


def test_only_a_manager_has_everybodys_and_only_while_she_is_one(
    client: FlaskClient, sign_in: SignIn, home: cast.Cast
) -> None:
    dated(home, kind="once", title="Move", on_date=day_of(3))
    path = address(sign_in(home.alice), "everybody")
    assert len(events(client, path)) == 1
    with writing() as session:
        alice = session.get_one(User, home.alice.id)
        alice.roles = [role for role in alice.roles if role.name != "manager"]
    assert client.get(path).status_code == 404


def test_a_rep_cannot_make_everybodys(sign_in: SignIn, home: cast.Cast) -> None:
    assert sign_in(home.bob).post("/calendar/feeds/everybody").status_code == 403


def test_a_feed_ends_with_its_owners_account(client: FlaskClient, sign_in: SignIn, home: cast.Cast) -> None:
    path = address(sign_in(home.bob))
    with writing() as session:
        session.get_one(User, home.bob.id).active = False
    assert client.get(path).status_code == 404


def test_another_organisations_days_are_not_in_it(client: FlaskClient, sign_in: SignIn, home: cast.Cast) -> None:
    with writing() as session:
        other = session.get_one(Organisation, cast.organisation(session, "Second Spa").id)
        charlie = cast.user(session, cast.team(session, other, "Team"), "Dora Other")
        tom = cast.customer(session, charlie, "Tom", "", "+12065550143")
        keeping.add(session, tom, Details(kind="once", title="Move", on_date=day_of(3)), charlie.id)
    assert events(client, address(sign_in(home.alice), "everybody")) == []
