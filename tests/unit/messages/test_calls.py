"""Somebody calls the texting number back."""

from __future__ import annotations

import xml.etree.ElementTree as ET

import pytest
from flask import Flask

from tests import cast
from tests.postgres import both_databases
from vidmsg.accounts.models import Organisation
from vidmsg.database import reading, writing
from vidmsg.messages import calls

pytestmark = both_databases


@pytest.fixture
def home(app: Flask) -> cast.Cast:
    with app.app_context(), writing() as session:
        made = cast.put_in(session)
        session.get_one(Organisation, made.organisation.id).name = "Smith & Sons <Spa>"
        return made


def answered(app: Flask, caller: str) -> Organisation | None:
    with app.app_context(), reading() as session:
        return calls.answers_for(session, caller)


def test_a_caller_is_put_through_to_whom_she_knows(app: Flask, home: cast.Cast) -> None:
    found = answered(app, cast.MARIA_PHONE)
    assert found
    spoken = ET.fromstring(calls.twiml(found, "+12065550199"))
    assert spoken.findtext("Dial") == cast.ORGANISATION_PHONE
    assert "Smith & Sons <Spa>" in (spoken.findtext("Say") or "")


def test_a_stranger_reaches_the_only_organisation_and_among_several_none(app: Flask, home: cast.Cast) -> None:
    assert answered(app, "+12065550111")
    with app.app_context(), writing() as session:
        cast.organisation(session, "Second Spa")
    assert answered(app, "+12065550111") is None


def test_a_number_that_would_ring_itself_says_a_sentence(app: Flask, home: cast.Cast) -> None:
    found = answered(app, cast.MARIA_PHONE)
    spoken = ET.fromstring(calls.twiml(found, cast.ORGANISATION_PHONE))
    assert spoken.find("Dial") is None
    assert "answer by text" in (spoken.findtext("Say") or "")
