"""The practice phone of a number that two teams know: each sees its own texts, and not a word of the other's."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests import cast
from tests.unit.messages.conftest import Written
from vidmsg.database import writing
from vidmsg.messages import links, sending
from vidmsg.messages.models import Attempt

NUMBER = cast.MARIA_PHONE[1:]
PAGES = ("/phone", f"/phone/{NUMBER}", f"/phone/{NUMBER}/state")


@pytest.fixture
def charlie(home: cast.Cast, sign_in: Callable[[Any], FlaskClient]) -> FlaskClient:
    """He has a person of his own with Maria's number."""
    with writing() as session:
        cast.customer(session, session.merge(home.charlie), "Mia", "", cast.MARIA_PHONE)
    return sign_in(home.charlie)


@pytest.mark.parametrize("settled", [True, False])
def test_another_teams_texts_and_links_are_not_on_the_practice_phone(
    app: Flask, home: cast.Cast, written: Written, charlie: FlaskClient, sign_in: Any, settled: bool
) -> None:
    message = written.make()
    sending.send_due(threading.Event())
    with writing() as session:
        attempt = session.query(Attempt).one()
        attempt.sid = attempt.sid if settled else None
        link = links.current(session, message.id)
        assert link is not None
    for page in PAGES:
        shown = charlie.get(page).text
        assert "short video" not in shown
        assert link.token not in shown
    assert link.token in sign_in(home.bob).get(PAGES[1]).text
    assert link.token in sign_in(home.alice).get(PAGES[1]).text


def test_an_answer_to_another_teams_text_is_not_on_the_practice_phone(
    app: Flask, written: Written, charlie: FlaskClient, home: cast.Cast, sign_in: Any
) -> None:
    written.make()
    sending.send_due(threading.Event())
    bob = sign_in(home.bob)
    bob.post(f"/phone/{NUMBER}/reply", data={"body": "Oh Bob, how kind!"})
    while app.extensions["jobs"].run_one("sms"):
        pass
    assert "how kind" in bob.get(PAGES[1]).text
    for page in PAGES:
        assert "how kind" not in charlie.get(page).text
