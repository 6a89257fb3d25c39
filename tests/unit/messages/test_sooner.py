"""Other hours: what waited for the old ones goes as soon as the new ones allow, never before it was wanted."""

from __future__ import annotations

import datetime as dt
import zoneinfo
from collections.abc import Callable
from typing import Any

import pytest
from flask.testing import FlaskClient

from tests import cast
from tests.postgres import both_databases
from tests.unit.asking.conftest import agree
from tests.unit.messages.conftest import FIRST, NOON, Clock, FakeGateway, go
from tests.unit.operating.test_decency import AS_IT_IS
from vidmsg import tokens
from vidmsg.accounts.models import Organisation, User
from vidmsg.asking import texting
from vidmsg.database import writing
from vidmsg.messages import compose, reconcile, sooner, states
from vidmsg.messages.models import Message
from vidmsg.people.models import Person

pytestmark = both_databases

SEATTLE = zoneinfo.ZoneInfo("America/Los_Angeles")
Look = Callable[[Message], Message]
Writer = Callable[..., Message]


def seattle(hour: int, minute: int = 0, day: int = 5) -> dt.datetime:
    return dt.datetime.combine(dt.date(2026, 3, day), dt.time(hour, minute), SEATTLE).astimezone(dt.UTC)


@pytest.fixture
def alice(home: cast.Cast, sign_in: Callable[[Any], FlaskClient]) -> FlaskClient:
    return sign_in(home.alice)


@pytest.fixture
def wanted(home: cast.Cast) -> Writer:
    """A plain text to Maria that is wanted at a moment."""

    def _wanted(at: dt.datetime, **plan: Any) -> Message:
        with writing() as session:
            return compose.compose(
                session, sender=session.get_one(User, home.bob.id), person=session.get_one(Person, home.maria.id),
                video=None, body=FIRST, words="", request_key=tokens.new_token(), due_at=at, plan=compose.Plan(**plan),
            )  # fmt: skip

    return _wanted


def keep(alice: FlaskClient, **hours: str) -> None:
    assert alice.post("/settings/decency", data={**AS_IT_IS, "sure": "y", **hours}).status_code == 302


def test_one_that_is_wanted_at_seven_goes_at_seven_once_the_hours_allow(
    alice: FlaskClient, wanted: Writer, look: Look
) -> None:
    early = wanted(seattle(7), send_on=dt.date(2026, 3, 5))
    assert look(early).due_at == seattle(9)
    keep(alice, opens="8")
    assert look(early).due_at == seattle(8)
    keep(alice, opens="6")
    assert look(early).due_at == seattle(7)


def test_a_moment_that_was_chosen_inside_the_hours_stays(alice: FlaskClient, wanted: Writer, look: Look) -> None:
    at_nine = wanted(seattle(9))
    keep(alice, opens="7")
    assert look(at_nine).due_at == seattle(9)


def test_one_of_this_evening_goes_at_once_when_the_hours_are_longer(
    alice: FlaskClient, wanted: Writer, look: Look, time: Clock, gateway: FakeGateway
) -> None:
    time.at(seattle(20, 30, 4))
    tonight = wanted(seattle(20, 30, 4))
    assert look(tonight).due_at == seattle(9)
    time.at(seattle(20, 45, 4))
    keep(alice, closes="22")
    go()
    assert look(tonight).state == states.ACCEPTED


def test_one_that_was_put_off_in_the_moment_of_sending_comes_forward_too(
    alice: FlaskClient, wanted: Writer, look: Look, home: cast.Cast, gateway: FakeGateway
) -> None:
    message = wanted(NOON)
    with writing() as session:
        session.get_one(Organisation, home.organisation.id).opens = 15
    go()
    assert look(message).due_at == seattle(15, 0, 4)
    keep(alice, opens="9")
    go()
    assert look(message).state == states.ACCEPTED


def test_it_never_goes_before_its_day_nor_past_it(alice: FlaskClient, wanted: Writer, look: Look) -> None:
    sunday = wanted(seattle(8, 0, 8), send_on=dt.date(2026, 3, 8))
    before = look(sunday).due_at
    keep(alice, opens="6", opens_sunday="24")
    assert look(sunday).due_at == before
    eve = wanted(seattle(20, 30, 4), send_on=dt.date(2026, 3, 5))
    keep(alice, closes="23", opens="6")
    assert look(eve).due_at == seattle(6)


def test_a_planned_one_is_asked_about_sooner(
    alice: FlaskClient, wanted: Writer, look: Look, time: Clock, gateway: FakeGateway
) -> None:
    plan = wanted(seattle(7), send_on=dt.date(2026, 3, 5), no_video="ask")
    keep(alice, opens="7")
    assert (look(plan).due_at, look(plan).look_at) == (seattle(7), seattle(7))
    time.at(seattle(7))
    while reconcile.look():
        pass
    assert look(plan).state == states.HELD


@pytest.mark.parametrize("values", [{"state": states.HELD}, {"tries": 1}, {"wanted_at": None}])
def test_what_waits_for_something_else_is_left_alone(
    alice: FlaskClient, wanted: Writer, look: Look, values: dict[str, Any]
) -> None:
    early = wanted(seattle(7))
    with writing() as session:
        for name, value in values.items():
            setattr(session.get_one(Message, early.id), name, value)
    keep(alice, opens="6")
    assert look(early).due_at == seattle(9)


def test_other_settings_and_other_houses_bring_nothing_forward(
    alice: FlaskClient, wanted: Writer, look: Look, home: cast.Cast
) -> None:
    early = wanted(seattle(7))
    version = look(early).version
    keep(alice, daily_cap="77")
    with writing() as session:
        elsewhere = cast.organisation(session, "Elsewhere").id
    with writing() as session:
        session.get_one(Organisation, home.organisation.id).opens = 6
    sooner.bring(elsewhere)
    assert (look(early).due_at, look(early).version) == (seattle(9), version)


def test_many_come_forward_in_batches(
    alice: FlaskClient, wanted: Writer, look: Look, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sooner, "BATCH", 2)
    early = [wanted(seattle(7)) for _ in range(5)]
    keep(alice, opens="8")
    assert {look(one).due_at for one in early} == {seattle(8)}


def test_a_reps_own_hours_bring_her_questions_forward(
    bob: FlaskClient, home: cast.Cast, look: Look, time: Clock, gateway: FakeGateway
) -> None:
    number = "(206) 555-0177"
    agree(home.bob.id, "+12065550177", opens=12)
    time.at(seattle(9, 30))
    with writing() as session:
        about = session.get_one(Person, home.maria.id)
        said = texting.Said("Maria: 5 years tomorrow.")
        ask = texting.to_rep(session, session.get_one(User, home.bob.id), said, key="ask", about=about)
    assert ask is not None
    assert look(ask).due_at == seattle(12)
    given = {"phone": number, "opens": "9", "closes": "20", "agreed": "y"}
    assert bob.post("/account/texts", data=given).status_code == 302
    go()
    assert look(ask).state == states.ACCEPTED
