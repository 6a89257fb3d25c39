"""Templates: kept in versions, looked at with a real person's data, and what the rep begins with."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from tests import cast
from tests.postgres import both_databases
from vidmsg.composing import templating
from vidmsg.database import reading, writing
from vidmsg.messages.models import Message, Template, TemplateVersion

pytestmark = both_databases

SignIn = Callable[[Any], FlaskClient]
WORDS = {
    "name": "Thank you",
    "kind": "",
    "body": "Hi {first_name}, it's {rep_first_name} from {organisation}. Reply STOP to opt out. {link}",
    "words": "For you, {first_name}",
}


@pytest.fixture
def home(app: Flask) -> cast.Cast:
    with app.app_context(), writing() as session:
        return cast.put_in(session)


@pytest.fixture
def alice(sign_in: SignIn, home: cast.Cast) -> FlaskClient:
    return sign_in(home.alice)


def versions(app: Flask) -> list[tuple[int, str]]:
    with app.app_context(), reading() as session:
        rows = session.execute(sa.select(TemplateVersion.number, TemplateVersion.body).order_by(TemplateVersion.number))
        return [(row.number, row.body) for row in rows]


def the_id(app: Flask) -> int:
    with app.app_context(), reading() as session:
        return session.execute(sa.select(Template.id)).scalar_one()


def test_each_change_of_the_words_is_a_new_version_and_old_ones_stay(app: Flask, alice: FlaskClient) -> None:
    alice.post("/templates/new", data=WORDS)
    address = f"/templates/{the_id(app)}"
    alice.post(address, data={**WORDS, "name": "Thanks"})
    assert [number for number, _ in versions(app)] == [1]
    alice.post(address, data={**WORDS, "body": "Thank you, {first_name}!"})
    assert versions(app) == [(1, WORDS["body"]), (2, "Thank you, {first_name}!")]


@pytest.mark.parametrize(
    ("change", "told"),
    [({"body": "Hi {name}"}, "no field “name”"), ({"body": "Hi {first_name"}, "brace stands alone"),
     ({"body": "See {link} now"}, "at the very end"), ({"body": ""}, "Write the text first"),
     ({"name": ""}, "Give it a name"), ({"words": "Look: {link}"}, "need no link")],
)  # fmt: skip
def test_what_cannot_work_is_refused_with_the_reason_and_nothing_is_kept(
    app: Flask, alice: FlaskClient, change: dict[str, str], told: str
) -> None:
    answer = alice.post("/templates/new", data={**WORDS, **change})
    assert answer.status_code == 422
    assert told in answer.get_data(as_text=True)
    assert versions(app) == []


def test_it_is_looked_at_with_a_real_persons_data_before_it_is_kept(app: Flask, alice: FlaskClient) -> None:
    page = alice.post("/templates/new", data={**WORDS, "look": "1"}).get_data(as_text=True)
    assert "Hi Maria, it&#39;s Alice from Harbor Spa" in page
    assert "1 text," in page
    assert "about 1 cent" in page
    assert versions(app) == []


def test_a_rep_begins_with_it_and_the_text_knows_its_version(
    app: Flask, alice: FlaskClient, sign_in: SignIn, home: cast.Cast
) -> None:
    alice.post("/templates/new", data=WORDS)
    write = f"/people/{home.maria.id}/write?template={the_id(app)}"
    bob = sign_in(home.bob)
    page = bob.get(write).get_data(as_text=True)
    assert "Hi Maria, it&#39;s Bob from Harbor Spa. Reply STOP to opt out." in page
    with app.app_context(), reading() as session:
        version = session.execute(sa.select(TemplateVersion.id)).scalar_one()
    sent = {
        "body": "Hi Maria, it's Bob from Harbor Spa. Reply STOP to opt out.",
        "request_key": "k",
        "template": version,
    }
    bob.post(write, data=sent)
    with app.app_context(), reading() as session:
        assert session.execute(sa.select(Message.template_version_id)).scalar_one() == version


def test_years_that_nobody_knows_are_said_and_our_own_words_stand(
    alice: FlaskClient, app: Flask, sign_in: SignIn, home: cast.Cast
) -> None:
    alice.post("/templates/new", data={**WORDS, "body": "Happy {ordinal} day, {first_name}!"})
    page = sign_in(home.bob).get(f"/people/{home.maria.id}/write?template={the_id(app)}").get_data(as_text=True)
    assert "We don&#39;t know {ordinal}" in page
    assert "Happy" not in page.split("<textarea", 1)[1].split("</textarea>", 1)[0]


def test_what_was_put_away_is_offered_no_more(app: Flask, alice: FlaskClient) -> None:
    alice.post("/templates/new", data=WORDS)
    alice.post(f"/templates/{the_id(app)}/archive")
    assert "Thank you" not in alice.get("/templates/").get_data(as_text=True)
    assert alice.get(f"/templates/{the_id(app)}").status_code == 404


def test_templates_for_a_kind_of_day_come_first_and_others_kinds_do_not(app: Flask, home: cast.Cast) -> None:
    with app.test_request_context(), writing() as session:
        for name, kind in (("Any", None), ("Birthday", "birthday"), ("Contract", "contract")):
            templating.save(session, session.merge(home.alice), templating.Draft(name, kind, "Hi"))
        offered = templating.offered(session, home.organisation.id, "birthday")
        assert [template.name for template, _ in offered] == ["Birthday", "Any"]
