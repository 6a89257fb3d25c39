"""Texts that belong to no rep: strangers' ones, and answers to somebody who left. A manager finds them on Today."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import pytest
from flask.testing import FlaskClient

from tests import cast
from tests.postgres import both_databases
from tests.unit.messages.conftest import FakeGateway, Written
from tests.unit.messages.test_inbound import come
from vidmsg.accounts.models import User
from vidmsg.database import writing
from vidmsg.messages import sending

Enter = Callable[[Any], FlaskClient]
STRANGER = "+12065550188"


@both_databases
def test_a_strangers_text_is_on_the_managers_today_and_leads_to_adding_her(home: cast.Cast, sign_in: Enter) -> None:
    kept = come("Is this the spa?", sender=STRANGER)
    assert kept is not None
    alice, bob = sign_in(home.alice), sign_in(home.bob)
    assert "Is this the spa?" not in bob.get("/").text
    shown = alice.get("/").text
    assert "Is this the spa?" in shown
    assert "Somebody we don&#39;t know" in shown or "Somebody we don't know" in shown
    assert "(206) 555-0188" in shown
    assert STRANGER in alice.get("/people/new?phone=%2B12065550188").text
    assert bob.post(f"/replies/{kept.id}/seen").status_code == 404
    assert alice.post(f"/replies/{kept.id}/seen").status_code == 302
    assert "Is this the spa?" not in alice.get("/").text


@pytest.mark.parametrize("sender", ["72975", "HARBOR", "+", "+1"])
def test_a_text_from_what_is_no_number_is_shown_as_it_came(home: cast.Cast, sign_in: Enter, sender: str) -> None:
    come("Your code is 1234", sender=sender)
    shown = sign_in(home.alice).get("/")
    assert shown.status_code == 200
    assert "Your code is 1234" in shown.text


@pytest.mark.parametrize("answered", [True, False])
def test_texts_for_somebody_who_left_are_on_the_managers_today(
    gateway: FakeGateway, home: cast.Cast, written: Written, sign_in: Enter, answered: bool
) -> None:
    if answered:
        written.make()
        sending.send_due(threading.Event())
    come("Thank you, Bob!")
    alice, charlie = sign_in(home.alice), sign_in(home.charlie)
    assert "Thank you, Bob!" not in alice.get("/").text
    with writing() as session:
        session.get_one(User, home.bob.id).active = False
    assert "Thank you, Bob!" in alice.get("/").text
    assert "Thank you, Bob!" not in charlie.get("/").text
