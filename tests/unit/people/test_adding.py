"""Adding and changing a person: numbers, zones, names, the same number twice."""

from __future__ import annotations

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from tests.cast import MARIA_PHONE, Cast
from vidmsg.database import reading
from vidmsg.people import consent
from vidmsg.people.models import Consent, Person

TOM = {
    "first_name": "Tom",
    "last_name": "Weber",
    "phone": "(206) 555-0117",
    "words": "May we text? Yes.",
    "source": "phone",
}


def kept(app: Flask, first_name: str = "Tom") -> Person | None:
    with app.app_context(), reading() as session:
        return session.execute(sa.select(Person).where(Person.first_name == first_name)).scalar_one_or_none()


@pytest.mark.parametrize(
    "spelling", ["(206) 555-0117", "206.555.0117", "+1 206 555 0117", "1-206-555-0117", " 2065550117 "]
)
def test_any_usual_spelling_is_kept_as_one_number(app: Flask, bob: FlaskClient, spelling: str) -> None:
    assert bob.post("/people/new", data=TOM | {"phone": spelling}).status_code == 302
    tom = kept(app)
    assert tom is not None
    assert tom.phone == "+12065550117"


@pytest.mark.parametrize(
    ("number", "reason"),
    [
        ("206 555 01", "two digits short"),
        ("206 555 01177", "too many digits"),
        ("call me", "isn&#39;t a phone number"),
        ("+999 1234567", "No country has this code"),
        ("", "Write the number"),
    ],
)
def test_a_wrong_number_is_refused_with_the_reason(app: Flask, bob: FlaskClient, number: str, reason: str) -> None:
    answer = bob.post("/people/new", data=TOM | {"phone": number, "words": "Kept words"})
    assert answer.status_code == 422
    assert reason in answer.text.replace("'", "&#39;")
    assert f'value="{number}"' in answer.text
    assert "Kept words" in answer.text
    assert kept(app) is None


def test_zones_with_the_same_clock_are_no_question(app: Flask, bob: FlaskClient) -> None:
    bob.post("/people/new", data=TOM | {"phone": "+44 7400 123456"})
    tom = kept(app)
    assert tom is not None
    assert tom.time_zone == "Europe/London"


def test_where_the_number_leaves_the_zone_open_somebody_is_asked(app: Flask, bob: FlaskClient) -> None:
    mobile = "+61 412 345 678"  # an Australian mobile may be anywhere between Perth and Sydney
    asked = bob.post("/people/new", data=TOM | {"phone": mobile})
    assert asked.status_code == 422
    assert "does not tell where it lives" in asked.text
    assert kept(app) is None
    assert bob.post("/people/new", data=TOM | {"phone": mobile, "time_zone": "Australia/Perth"}).status_code == 302
    tom = kept(app)
    assert tom is not None
    assert tom.time_zone == "Australia/Perth"


def test_without_a_yes_the_person_is_kept_and_the_page_says_that_nothing_is_sent(app: Flask, bob: FlaskClient) -> None:
    page = bob.post("/people/new", data=TOM, follow_redirects=True).text
    assert "Tom has not agreed to texts yet, so nothing is sent" in page
    with app.app_context(), reading() as session:
        assert session.execute(sa.select(Consent).where(Consent.phone == "+12065550117")).first() is None


def test_a_yes_is_kept_with_its_words_its_place_and_who_heard_it(app: Flask, bob: FlaskClient, cast: Cast) -> None:
    page = bob.post("/people/new", data=TOM | {"agreed": "y"}, follow_redirects=True).text
    assert "Tom said yes on" in page
    with app.app_context(), reading() as session:
        entry = consent.current(session, cast.organisation.id, "+12065550117")
        assert entry is not None
        assert (entry.action, entry.words, entry.source) == ("granted", "May we text? Yes.", "phone")
        assert (entry.recorded_by, entry.purpose) == (cast.bob.id, "personal video texts")


def test_a_tick_without_words_proves_nothing(app: Flask, bob: FlaskClient) -> None:
    answer = bob.post("/people/new", data=TOM | {"agreed": "y", "words": " "})
    assert answer.status_code == 422
    assert "Write down what you asked" in answer.text


def test_the_words_suggested_name_the_organisation_and_the_way_out(bob: FlaskClient) -> None:
    page = bob.get("/people/new").text
    assert "May Harbor Spa text you" in page
    assert "STOP" in page


def test_the_same_number_is_kept_twice_only_when_it_is_meant_so(app: Flask, bob: FlaskClient) -> None:
    twin = TOM | {"phone": MARIA_PHONE}
    asked = bob.post("/people/new", data=twin)
    assert asked.status_code == 422
    assert "Maria Alvarez has this number too" in asked.text
    assert kept(app) is None
    assert bob.post("/people/new", data=twin | {"same_number": "y"}).status_code == 302
    assert kept(app) is not None


def test_a_number_of_another_team_is_known_without_saying_whose(charlie: FlaskClient) -> None:
    asked = charlie.post("/people/new", data=TOM | {"phone": MARIA_PHONE}).text
    assert "Somebody in another team has this number too" in asked
    assert "Alvarez" not in asked


def test_a_name_in_any_script_stays_and_only_tricks_are_taken_out(app: Flask, bob: FlaskClient) -> None:
    bob.post("/people/new", data=TOM | {"first_name": "  Zoë\u202e\x00", "last_name": "Нгуен‌ 李  "})
    zoe = kept(app, "Zoë")
    assert zoe is not None
    assert zoe.last_name == "Нгуен‌ 李"


def test_a_name_is_shown_as_text_never_as_code(app: Flask, bob: FlaskClient) -> None:
    page = bob.post("/people/new", data=TOM | {"first_name": "<script>x</script>"}, follow_redirects=True).text
    assert "<script>x" not in page
    assert "&lt;script&gt;x" in page


def test_a_new_number_has_to_be_asked_again(app: Flask, bob: FlaskClient, cast: Cast) -> None:
    address = f"/people/{cast.maria.id}"
    data = {"first_name": "Maria", "last_name": "Alvarez", "phone": "206 555 0199", "time_zone": "America/Los_Angeles"}
    assert "ask once more" in bob.post(f"{address}/edit", data=data, follow_redirects=True).text
    assert "has not agreed to texts yet" in bob.get(address).text


def test_a_form_that_is_opened_and_kept_changes_nothing(app: Flask, bob: FlaskClient, cast: Cast) -> None:
    data = {
        "first_name": "Maria",
        "last_name": "Alvarez",
        "phone": "(206) 555-0142",
        "time_zone": "America/Los_Angeles",
    }
    assert bob.post(f"/people/{cast.maria.id}/edit", data=data).status_code == 302
    maria = kept(app, "Maria")
    assert maria is not None
    assert maria.phone == MARIA_PHONE
