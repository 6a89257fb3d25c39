"""The registration kit: what carriers ask for, in this organisation's own words and templates."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from tests import cast
from tests.unit.joining.filling import ANA, PAGE, fill, rows, send
from vidmsg.accounts.models import Organisation, User
from vidmsg.composing import templating
from vidmsg.database import reading, writing
from vidmsg.joining import kit
from vidmsg.messages import compose, keywords
from vidmsg.messages.models import Attempt
from vidmsg.people import confirming
from vidmsg.sms import segments

BASE = "https://hi.example.com"


@pytest.fixture
def template(app: Flask, home: cast.Cast) -> Callable[..., None]:
    def _template(name: str, body: str, kind: str | None = None) -> None:
        with app.app_context(), writing() as session:
            templating.save(session, session.get_one(User, home.alice.id), templating.Draft(name, kind, body))

    return _template


def parts(app: Flask) -> dict[str, str]:
    with app.test_request_context(), reading() as session:
        home = session.execute(sa.select(Organisation)).scalar_one()
        return {part.title: part.text for part in kit.parts(session, home, BASE)}


def samples(app: Flask) -> list[str]:
    return [text for title, text in parts(app).items() if title.startswith("Sample message")]


def assert_carriers_take_it(texts: list[str]) -> None:
    assert 2 <= len(texts) <= 5
    assert len(set(texts)) == len(texts)
    assert any(compose.says_how_to_stop(text) and "Harbor Spa" in text for text in texts)
    assert all(re.search(r" https://hi\.example\.com/v/[\w-]{22}$", text) for text in texts)
    assert not any(set("{}") & set(text) for text in texts)


def test_without_templates_the_samples_are_our_own_words(app: Flask) -> None:
    texts = samples(app)
    assert_carriers_take_it(texts)
    assert texts[0].startswith(
        "Hi Maria, it's Alice from Harbor Spa. I made you a short video. Reply STOP to opt out. "
    )


def test_the_samples_are_the_organisations_own_templates(app: Flask, template: Callable[..., None]) -> None:
    template(
        "Years", "Hi {first_name}, {rep_first_name} here: {years} years with {organisation}. {link}", "customer_since"
    )
    template("Birthday", "Happy {ordinal} {occasion}, {first_name}. {link}", "birthday")
    texts = samples(app)
    assert_carriers_take_it(texts)
    assert len(texts) == 3
    assert any(text.startswith("Hi Maria, Alice here: 5 years with Harbor Spa. https://") for text in texts)
    assert any(text.startswith("Happy 40th birthday, Maria. https://") for text in texts)


def test_of_many_templates_only_as_many_as_a_registration_takes(app: Flask, template: Callable[..., None]) -> None:
    for number in range(9):
        template(f"Words {number}", f"Hello {{first_name}}, the {number}th way to say it. {{link}}")
    assert_carriers_take_it(samples(app))
    assert len(samples(app)) == 5


def test_the_opt_in_message_is_the_very_text_that_the_page_sends(app: Flask, client: FlaskClient) -> None:
    fill(client)
    send(app)
    assert rows(app, Attempt.body) == [(parts(app)["Opt-in message"],)]


@pytest.mark.parametrize(
    ("title", "wanted"),
    [
        ("Opt-in message", ("Harbor Spa", "a year", "Reply YES", "HELP", "STOP", "Msg & data rates")),
        ("Answer to STOP", ("Harbor Spa", "no more texts", "START")),
        ("Answer to HELP", ("Harbor Spa", "(206) 555-0100", "a year", "STOP", "Msg & data rates")),
        ("The consent words", ("Harbor Spa", "a year", "not a condition", "STOP", "HELP", "data rates")),
        ("How people agree", ("Harbor Spa", f"{BASE}{PAGE} ", f"{BASE}{PAGE}/privacy", "YES", "STOP")),
        ("Privacy and terms", (f"{BASE}{PAGE}/privacy",)),
    ],
)
def test_each_field_says_what_carriers_look_for(app: Flask, title: str, wanted: tuple[str, ...]) -> None:
    text = parts(app)[title]
    assert [word for word in wanted if word not in text] == []
    if title in {"Opt-in message", "Answer to STOP", "Answer to HELP"}:
        assert segments.count(text) == segments.Count("GSM-7", 1, len(text))


def test_the_keywords_are_those_that_are_obeyed(app: Flask) -> None:
    found = parts(app)
    said = {title: found[f"{title} keywords"].split(", ") for title in ("Opt-in", "Opt-out", "Help")}
    assert [keywords.kind(word) for word in said["Opt-out"]] == [keywords.STOP] * len(said["Opt-out"])
    assert {"STOP", "UNSUBSCRIBE", "END", "QUIT", "STOPALL", "REVOKE", "OPTOUT", "CANCEL"} <= set(said["Opt-out"])
    assert [keywords.kind(word) for word in said["Help"]] == [keywords.HELP] * len(said["Help"])
    assert all(confirming.is_yes(word) or keywords.kind(word) == keywords.START for word in said["Opt-in"])


def test_the_desk_shows_it_ready_to_paste(sign_in: Callable[[Any], FlaskClient], home: cast.Cast) -> None:
    desk = sign_in(home.alice).get("/settings/joining/").get_data(as_text=True)
    for title in ("Sample message 1", "Sample message 2", "Opt-in keywords", "Answer to HELP"):
        assert title in desk
    assert ANA not in desk
