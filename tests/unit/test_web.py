"""What every page stands in: headers, errors, cookies."""

from __future__ import annotations

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests import postgres


@pytest.mark.parametrize("path", ["/apple-touch-icon.png", "/favicon.ico", "/robots.txt", "/nothing-here"])
def test_an_unknown_address_sets_no_cookie(client: FlaskClient, path: str) -> None:
    answer = client.get(path)
    assert answer.status_code == 404
    assert "Set-Cookie" not in answer.headers


def test_each_answer_has_a_policy_with_a_nonce_of_its_own(client: FlaskClient) -> None:
    first, second = (client.get("/login").headers["Content-Security-Policy"] for _ in range(2))
    assert "unsafe" not in first
    assert "default-src 'none'" in first
    assert "frame-ancestors 'none'" in first
    assert first != second


def test_a_script_gets_an_error_as_json(client: FlaskClient) -> None:
    answer = client.get("/nothing-here", headers={"Accept": "application/json"})
    assert answer.json
    assert answer.json["error"] == "not_found"


def test_a_page_is_never_kept_by_a_cache(client: FlaskClient) -> None:
    assert "no-store" in client.get("/login").headers["Cache-Control"]


@pytest.mark.parametrize("database_url", ["postgres"], indirect=True)
def test_whoever_is_signed_in_gets_a_page_while_the_database_is_away(
    app: Flask, bob: FlaskClient, database_url: str
) -> None:
    app.config.update(TESTING=False, PROPAGATE_EXCEPTIONS=False)
    postgres.forget(database_url)
    for path in ("/", "/people/", "/nothing-here", "/static/nothing-here.css"):
        answer = bob.get(path, follow_redirects=True)
        assert answer.status_code == 500, path
        assert "Something broke on our side" in answer.text
        assert "Nothing of yours is lost" in answer.text
        assert "No real texts are sent" in answer.text
        assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
    told = bob.get("/", headers={"Accept": "application/json"})
    assert (told.status_code, told.json and told.json["error"]) == (500, "internal_server_error")
