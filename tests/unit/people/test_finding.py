"""The list of people: searching, pages, walls."""

from __future__ import annotations

import re

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.cast import Cast, customer
from vidmsg.accounts.models import User
from vidmsg.database import writing

NAMES = [("Éva", "Ångström"), ("Tom", "Weber"), ("Mária", "Öz"), ("Ng", ""), ("李", "小龙")]


@pytest.fixture
def known(app: Flask, cast: Cast) -> None:
    with app.app_context(), writing() as session:
        bob = session.get_one(User, cast.bob.id)
        for number, (first, last) in enumerate(NAMES):
            customer(session, bob, first, last, f"+1206555015{number}", agreed=number % 2 == 0)


def found(client: FlaskClient, words: str) -> list[str]:
    page = client.get("/people", query_string={"q": words}).text
    return re.findall(r'class="card" href="/people/\d+">.*?<h2>(.*?)</h2>', page, re.DOTALL)


@pytest.mark.parametrize(
    ("words", "names"),
    [
        ("tom", ["Tom Weber"]),
        ("WEBER", ["Tom Weber"]),
        ("tom web", ["Tom Weber"]),
        ("éva", ["Éva Ångström"]),
        ("öz", ["Mária Öz"]),
        ("小龙", ["李 小龙"]),
        ("0151", ["Tom Weber"]),
        ("(206) 555-0151", ["Tom Weber"]),
        ("206 555 0142", ["Maria Alvarez"]),
        ("100%", []),
        ("_om", []),
    ],
)
def test_people_are_found_by_name_or_number(bob: FlaskClient, known: None, words: str, names: list[str]) -> None:
    assert found(bob, words) == names


def test_nobody_found_says_so_and_an_empty_house_invites(bob: FlaskClient, charlie: FlaskClient) -> None:
    assert "Nobody by that name or number" in bob.get("/people?q=zzz").text
    assert "Nobody here yet" in charlie.get("/people").text


def test_pages_show_everybody_once(app: Flask, bob: FlaskClient, cast: Cast) -> None:
    with app.app_context(), writing() as session:
        owner = session.get_one(User, cast.bob.id)
        for number in range(70):
            customer(
                session, owner, f"P{number}", "Same" if number % 3 else "Zed", f"+1206555{number:04}", agreed=False
            )
    seen: list[str] = []
    address: str | None = "/people"
    while address:
        page = bob.get(address).text
        seen += re.findall(r"<h2>(.*?)</h2>", page)
        more = re.search(r'href="(/people\?after=[^"]+)"', page)
        address = more[1] if more else None
    assert len(seen) == len(set(seen)) == 71


def test_an_address_with_a_broken_page_key_shows_the_beginning(bob: FlaskClient) -> None:
    for after in ("x", "e30=", "WzEsMiwzXQ==", "////"):
        assert "Maria Alvarez" in bob.get("/people", query_string={"after": after}).text


def test_the_list_ends_at_the_wall_and_the_manager_sees_over_it(
    alice: FlaskClient, bob: FlaskClient, charlie: FlaskClient
) -> None:
    assert found(bob, "maria") == found(alice, "maria") == ["Maria Alvarez"]
    assert found(charlie, "maria") == []
    assert found(charlie, "206 555 0142") == []
