"""What a feed holds: inside the walls as they are now, every day once and where it was put, of too many those to come;
and whoever tries addresses is slowed down."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests import cast
from tests.postgres import both_databases
from tests.unit.calendar.test_feeds import SignIn, address, dated, day_of, events, home
from vidmsg import clock
from vidmsg.accounts.models import User
from vidmsg.calendar import agenda, feeds, planning
from vidmsg.database import writing
from vidmsg.milestones import keeping
from vidmsg.milestones.keeping import Details
from vidmsg.milestones.models import Milestone, Occurrence
from vidmsg.people.models import Person
from vidmsg.web.limits import limiter

__all__ = ["home"]
pytestmark = both_databases


def planned(home: cast.Cast, milestone: Milestone, natural: int, on: int, rep: User, **values: Any) -> None:
    """A row for the milestone's day, natural and planned so many days from today."""
    with writing() as session:
        person = session.get_one(Person, milestone.person_id)
        session.add(Occurrence(
            milestone_id=milestone.id, organisation_id=home.organisation.id, team_id=person.team_id,
            person_id=person.id, kind="once", cycle="once", natural_on=day_of(natural), planned_on=day_of(on),
            moved=natural != on, assignee_id=rep.id, created_at=clock.now(), **values,
        ))  # fmt: skip


def given(rep: User, *, everybody: bool = False) -> str:
    """The address of a feed of hers, without the page."""
    with writing() as session:
        return f"/feed/{feeds.make(session, session.get_one(User, rep.id), everybody=everybody)}.ics"


def across(home: cast.Cast) -> None:
    """Two days of the other team's people who are Alice's: one planned, one not yet."""
    for name, away in (("Tom", 5), ("Ann", 200)):
        with writing() as session:
            alice = session.get_one(User, home.alice.id)
            person = cast.customer(session, alice, name, "", f"+1206555{2000 + away:04d}")
            person.team_id = home.other_team.id
        with writing() as session:
            again = session.get_one(Person, person.id)
            made = keeping.add(session, again, Details("once", title="Move", on_date=day_of(away)), None)
        if name == "Tom":
            planned(home, made, away, away, home.alice)


def test_a_manager_who_is_none_any_more_sees_her_own_team_alone(
    client: FlaskClient, sign_in: SignIn, home: cast.Cast
) -> None:
    across(home)
    path = address(sign_in(home.alice))
    assert events(client, path) == [(day_of(5).isoformat(), "Tom: Move"), (day_of(200).isoformat(), "Ann: Move")]
    with writing() as session:
        session.get_one(User, home.alice.id).roles = []
    assert events(client, path) == []


@pytest.mark.parametrize("away", [-50, -44, 410])
def test_a_day_that_was_moved_far_does_not_come_back_where_it_was(
    client: FlaskClient, sign_in: SignIn, home: cast.Cast, away: int
) -> None:
    made = dated(home, kind="once", title="Move", on_date=day_of(-20))
    planned(home, made, -20, away, home.bob)
    assert events(client, address(sign_in(home.bob))) == []


def test_a_day_that_was_handed_on_is_in_the_feed_of_whoever_has_it(client: FlaskClient, home: cast.Cast) -> None:
    made = dated(home, kind="once", title="Move", on_date=day_of(9))
    planned(home, made, 9, 9, home.alice)
    assert events(client, given(home.alice)) == [(day_of(9).isoformat(), "Maria Alvarez: Move")]
    assert events(client, given(home.bob)) == []


def test_of_too_many_days_those_to_come_are_kept_in_order(
    client: FlaskClient, sign_in: SignIn, home: cast.Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(agenda, "MOST", 3)
    for away in (-3, 40, 12, 2, -1, 25):
        planned(home, dated(home, kind="once", title=f"Day {away}", on_date=day_of(away)), away, away, home.bob)
    assert [words for _on, words in events(client, address(sign_in(home.bob)))] == [
        "Maria Alvarez: Day 2", "Maria Alvarez: Day 12", "Maria Alvarez: Day 25",
    ]  # fmt: skip


def test_of_too_many_days_that_nobody_planned_yet_the_nearest_are_kept_and_the_page_says_so(
    client: FlaskClient, sign_in: SignIn, home: cast.Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(agenda, "MOST", 3)
    for away in (350, 330, 310, 120, 100, 80):
        dated(home, kind="once", title=f"Day {away}", on_date=day_of(away))
    planning.run()
    alice = sign_in(home.alice)
    assert [words for _on, words in events(client, address(alice, "everybody"))] == [
        "Maria Alvarez: Day 80", "Maria Alvarez: Day 100", "Maria Alvarez: Day 120",
    ]  # fmt: skip
    assert "The whole organisation's plan: its nearest 3 days." in alice.get("/calendar/feeds").text


@pytest.fixture
def limited(app: Flask) -> Iterator[None]:
    limiter.enabled = True
    limiter.reset()
    yield
    limiter.reset()
    limiter.enabled = False


@pytest.mark.usefixtures("limited")
@pytest.mark.parametrize("guess", ["/feed/{}.ics", "/r/{}"])
def test_an_address_that_tries_secrets_is_let_in_no_more_and_others_are(
    client: FlaskClient, sign_in: SignIn, home: cast.Cast, guess: str
) -> None:
    path = address(sign_in(home.bob))
    answers = [client.get(guess.format(f"{number:022d}")).status_code for number in range(121)]
    assert answers == [404] * 120 + [429]
    assert client.get(path).status_code == 429
    assert client.get(path, environ_overrides={"REMOTE_ADDR": "203.0.113.9"}).status_code == 200


@pytest.mark.usefixtures("limited")
def test_many_feeds_may_be_fetched_from_one_address(client: FlaskClient, home: cast.Cast) -> None:
    mine, everybodys = given(home.bob), given(home.alice, everybody=True)
    answers = {client.get(path).status_code for path in (mine, everybodys) for _ in range(100)}
    assert answers == {200}
