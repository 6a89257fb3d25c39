"""What every page stands in: headers, errors, cookies."""

from __future__ import annotations

import pytest
from flask.testing import FlaskClient


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
