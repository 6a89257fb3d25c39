"""Whatever a customer reads can be translated: with a language in which every word is dots, nothing is left on her
pages but what people wrote themselves."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Callable
from typing import Any

import flask_babel
import pytest
import sqlalchemy as sa
from babel.support import NullTranslations
from flask import Flask
from flask.testing import FlaskClient

from tests import watched
from vidmsg.accounts.models import Organisation, User
from vidmsg.database import reading, writing
from vidmsg.messages import calls
from vidmsg.people.models import Person

WRITTEN = "Bob Baker|Bob|Maria|Harbor Spa|vidmsg|STOP|HELP|START|" + "|".join(re.findall(r"\w+", watched.WORDS))
DATES = r"(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)[a-z]*"  # Babel's own, by the locale
SEEN = re.compile(r'(?:aria-label|placeholder|alt|data-(?!when)[a-z]+|og:\w+" content)="([^"]*\s[^"]*)"')
_LETTER = re.compile(r"(%\(\w+\)\w|\{\w+\}|<[^>]+>)|[^\W\d_]")


class Dots(NullTranslations):
    """Every letter a dot; placeholders and tags stay."""

    def ugettext(self, message: str) -> str:
        return _LETTER.sub(lambda found: found.group(1) or "·", message)

    def ungettext(self, singular: str, plural: str, number: int) -> str:
        return self.ugettext(singular if number == 1 else plural)

    gettext, ngettext = ugettext, ungettext


@pytest.fixture(autouse=True)
def dots(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(flask_babel.Domain, "get_translations", lambda self: Dots())


@pytest.fixture
def token(app: Flask) -> str:
    with app.app_context(), writing() as session:
        sent = watched.make(session, app.extensions["storage"])
        session.scalars(sa.select(Organisation)).one().join_token = "the-token-of-the-page"
        return sent.token


def left_over(page: str) -> list[str]:
    """Words that did not go through the translation."""
    page = re.sub(r"<(style|script|svg|select)\b.*?</\1>|<meta name=.*?>", " ", page, flags=re.DOTALL)
    seen = " ".join(SEEN.findall(page))
    text = html.unescape(re.sub(r"<[^>]+>", " ", page) + " " + seen)
    text = re.sub(rf"\b(?:{WRITTEN}|{DATES}|https?://\S+|\S+@\S+)\b", " ", text)
    return re.findall(r"[^\W\d_]{3,}", text)


@pytest.mark.parametrize("page", ["", "/gone"])
def test_what_a_customer_sees_behind_her_link_can_be_translated(client: FlaskClient, token: str, page: str) -> None:
    found = client.get(f"/v/{token}" if not page else "/v/" + "x" * 22)
    assert not left_over(found.get_data(as_text=True))


@pytest.mark.parametrize("page", ["", "/privacy"])
def test_the_join_page_can_be_translated(client: FlaskClient, token: str, page: str) -> None:
    found = client.get(f"/join/the-token-of-the-page{page}")
    assert found.status_code == 200
    assert not left_over(found.get_data(as_text=True))


SAID = re.compile(r'<script type="application/json" id="recorder-words"[^>]*>(.*?)</script>', re.DOTALL)


@pytest.mark.parametrize("page", ["/record/{maria}", "/takes"])
def test_what_a_rep_reads_of_her_takes_can_be_translated_the_words_of_scripts_too(
    app: Flask, token: str, sign_in: Callable[[Any], FlaskClient], page: str
) -> None:
    with app.app_context(), reading() as session:
        bob = session.scalars(sa.select(User).where(User.name == "Bob Baker")).one()
        maria = session.scalars(sa.select(Person.id)).one()
    found = sign_in(bob).get(page.format(maria=maria))
    assert found.status_code == 200
    (said,) = SAID.findall(found.text)
    sentences = list(json.loads(said).values())
    assert len(sentences) > 10
    assert not re.findall(r"[^\W\d_]{2,}", re.sub(r"\{\w+\}|'[\w-]+':", " ", str(sentences)))
    if page != "/takes":
        assert not left_over(found.text)


def test_what_a_caller_hears_can_be_translated(app: Flask, token: str) -> None:
    with app.app_context():
        assert re.findall(r"<Say>([^<]*)</Say>", calls.twiml(None, "")) == [Dots().ugettext(NOBODY)]


NOBODY = "Thank you for calling. This number only sends texts. Please answer by text."
