"""The page of decency: hours, countries, limits and a manager's yes are explained, checked and kept; whatever was
planned before, they are asked in the moment in which a text leaves."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient

from tests import cast
from tests.postgres import both_databases
from tests.unit.messages.conftest import NOON, Clock, FakeGateway, go
from vidmsg.accounts.models import Audit, Organisation
from vidmsg.database import reading, writing
from vidmsg.messages import approval, hours, states
from vidmsg.messages.models import Message
from vidmsg.messages.window import DEFAULT, Hours
from vidmsg.operating import decency

pytestmark = both_databases
Write, Look = Callable[..., Message], Callable[[Message], Message]
AS_IT_IS = {
    "opens": "9",
    "closes": "20",
    "opens_sunday": "12",
    "countries": ["US"],
    "another": "",
    "person_daily_cap": "2",
    "daily_cap": "500",
}


@pytest.fixture
def alice(home: cast.Cast, sign_in: Callable[[Any], FlaskClient]) -> FlaskClient:
    return sign_in(home.alice)


@pytest.fixture
def kept(home: cast.Cast) -> Callable[[], Organisation]:
    def read() -> Organisation:
        with reading() as session:
            return session.get_one(Organisation, home.organisation.id)

    return read


def keep(client: FlaskClient, **changes: Any) -> Any:
    return client.post("/settings/decency", data={**AS_IT_IS, **changes}, follow_redirects=True)


def test_an_organisation_that_set_nothing_has_the_careful_defaults(
    alice: FlaskClient, kept: Callable[[], Organisation]
) -> None:
    home = kept()
    assert hours.of(home) == DEFAULT == Hours(9, 20, 12)
    assert (home.person_daily_cap, home.daily_cap, home.approval) == (2, 500, False)
    assert decency.countries(home) == {"US"}
    page = alice.get("/settings/decency").text
    assert "Texts go between 9 and 20, Sundays 12 to 20, in each person" in page
    assert "It is 12:00 in Los Angeles now: texts there may go." in page
    assert keep(alice).status_code == 200
    assert kept().allowed_countries == ""


def test_other_hours_are_kept_said_at_once_and_noted(
    alice: FlaskClient, kept: Callable[[], Organisation], home: cast.Cast
) -> None:
    page = keep(alice, opens="10", closes="19", opens_sunday="24").text
    assert "Kept. Texts go between 10 and 19, never on Sundays" in page
    assert hours.of(kept()) == Hours(10, 19, 24)
    with reading() as session:
        entry = session.scalars(sa.select(Audit).where(Audit.action == "organisation.decency")).one()
    assert (entry.user_id, entry.detail) == (home.alice.id, {"fields": ["opens", "closes", "opens_sunday"]})


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"opens": "20", "closes": "9"}, "before it opens"),
        ({"opens": "9", "closes": "9"}, "before it opens"),
        ({"opens_sunday": "21"}, "By then it is closed"),
        ({"closes": "25"}, "Not a valid choice"),
        ({"person_daily_cap": "0"}, "Between 1 and 20."),
        ({"person_daily_cap": "many"}, "Between 1 and 20."),
        ({"daily_cap": ""}, "Between 1 and 100,000."),
        ({"countries": []}, "Leave at least one country"),
    ],
)
def test_nonsense_is_refused_with_a_sentence_and_nothing_is_kept(
    changes: dict[str, Any], told: str, alice: FlaskClient, kept: Callable[[], Organisation]
) -> None:
    answer = keep(alice, daily_cap="77", **changes) if "daily_cap" not in changes else keep(alice, **changes)
    assert answer.status_code == 422
    assert told in answer.text
    assert kept().daily_cap == 500


@pytest.mark.parametrize("bold", [{"opens": "7"}, {"closes": "22"}, {"opens_sunday": "6"}])
def test_hours_beyond_the_federal_rule_want_a_tick_under_the_rule(
    bold: dict[str, str], alice: FlaskClient, kept: Callable[[], Organisation]
) -> None:
    asked = keep(alice, **bold)
    assert asked.status_code == 422
    assert "47 CFR 64.1200" in asked.text
    assert "Read this first." in asked.text
    assert hours.of(kept()) == DEFAULT
    assert "Kept." in keep(alice, sure="y", **bold).text
    assert decency.are_bold(hours.of(kept()))


def test_countries_join_and_leave_the_list(alice: FlaskClient, kept: Callable[[], Organisation]) -> None:
    keep(alice, another="CA")
    assert kept().allowed_countries == "CA,US"
    assert "Canada" in alice.get("/settings/decency").text
    keep(alice, countries=["CA"])
    assert kept().allowed_countries == "CA"
    keep(alice, countries=["US"])
    assert kept().allowed_countries == "", "the own country alone follows where the organisation is"


def test_a_text_that_was_due_waits_for_hours_that_were_made_shorter(
    gateway: FakeGateway, write: Write, look: Look, time: Clock, alice: FlaskClient
) -> None:
    message = write()
    keep(alice, opens="13")
    go()
    assert (look(message).state, gateway.sent) == (states.SCHEDULED, [])
    assert look(message).due_at == NOON + dt.timedelta(hours=1)
    assert "texts there wait until 13:00" in alice.get("/settings/decency").text
    time.at(NOON + dt.timedelta(hours=1))
    go()
    assert (look(message).state, len(gateway.sent)) == (states.ACCEPTED, 1)


def test_a_text_leaves_in_hours_that_were_made_longer(
    gateway: FakeGateway, write: Write, look: Look, time: Clock, alice: FlaskClient
) -> None:
    message = write()
    time.at(NOON + dt.timedelta(hours=8, minutes=30))  # 20:30 in Seattle, and no worker ran
    keep(alice, closes="21")
    go()
    assert look(message).state == states.ACCEPTED
    assert gateway.sent[0]["validity"] <= 30 * 60, "it may not arrive after the new end either"


def test_limits_countries_and_the_yes_hold_for_what_waits_already(
    gateway: FakeGateway, write: Write, look: Look, alice: FlaskClient
) -> None:
    first, second = write(), write()
    keep(alice, approval="y")
    go()
    assert {look(one).reason for one in (first, second)} == {approval.WAITS}
    keep(alice, countries=["CA"])
    third = write()
    go()
    assert look(third).reason
    assert look(third).reason != approval.WAITS
    assert gateway.sent == []


def test_a_day_is_counted_on_the_page(gateway: FakeGateway, write: Write, alice: FlaskClient) -> None:
    write()
    go()
    assert "1 has left today." in alice.get("/settings/decency").text


def test_hours_that_can_not_be_are_never_taken_for_open(home: cast.Cast) -> None:
    with writing() as session:
        row = session.get_one(Organisation, home.organisation.id)
        row.opens, row.closes = 22, 5
        assert hours.of(row) == DEFAULT


def test_more_texts_a_day_let_go_what_waited_for_room(
    alice: FlaskClient, gateway: FakeGateway, write: Write, look: Look
) -> None:
    keep(alice, daily_cap="1")
    first, second = write(), write()
    go()
    assert sorted((look(first).state, look(second).state)) == [states.ACCEPTED, states.SCHEDULED]
    assert not go()
    keep(alice, daily_cap="2")
    go()
    assert len(gateway.sent) == 2
