"""Files and parts of them over HTTP, on a server without a file wrapper (the contract suite has one that has it)."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import given
from hypothesis import strategies as some
from werkzeug.test import create_environ, run_wsgi_app

from vidmsg.storage.directory import Directory
from vidmsg.web.media import media_blueprint
from vidmsg.web.ranges import file_response

FILM = bytes(range(250)) * 1000


@pytest.fixture
def storage(tmp_path: Path) -> Directory:
    return Directory(tmp_path / "media", b"secret")


@pytest.fixture
def client(storage: Directory) -> FlaskClient:
    app = Flask(__name__)
    app.register_blueprint(media_blueprint(storage))
    return app.test_client()


@pytest.fixture
def film(storage: Directory) -> str:
    storage.put_bytes(FILM, "video/1/1.mp4", "video/mp4")
    return storage.url("video/1/1.mp4", timedelta(hours=1), "video/mp4")


def test_the_browser_is_told_not_to_guess_the_type(client: FlaskClient, film: str) -> None:
    answer = client.get(film)
    assert answer.data == FILM
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


def test_head_tells_the_whole_size_and_sends_nothing(client: FlaskClient, film: str) -> None:
    answer = client.head(film, headers={"Range": "bytes=0-9"})
    assert (answer.status_code, answer.content_length, answer.data) == (200, len(FILM), b"")


def test_an_empty_object_is_sent_and_has_no_parts(client: FlaskClient, storage: Directory) -> None:
    storage.put_bytes(b"", "video/1/empty", "video/mp4")
    url = storage.url("video/1/empty", timedelta(hours=1), "video/mp4")
    assert (client.get(url).status_code, client.get(url).content_length) == (200, 0)
    assert client.get(url, headers={"Range": "bytes=0-"}).status_code == 416


@pytest.mark.parametrize("asked", ["bytes=0-9,20-29", "bytes=9-0", "bytes=", "bytes=a-b", "lines=0-9", "bytes=-0"])
def test_a_range_that_we_do_not_serve_gives_the_whole(client: FlaskClient, film: str, asked: str) -> None:
    answer = client.get(film, headers={"Range": asked})
    assert (answer.status_code, answer.data) == (200, FILM)


def test_a_part_is_given_only_of_the_bytes_that_the_player_holds(client: FlaskClient, film: str) -> None:
    etag = client.get(film).headers["ETag"]
    same = client.get(film, headers={"Range": "bytes=0-9", "If-Range": etag})
    other = client.get(film, headers={"Range": "bytes=0-9", "If-Range": '"other"'})
    dated = client.get(film, headers={"Range": "bytes=0-9", "If-Range": "Wed, 21 Oct 2015 07:28:00 GMT"})
    assert [answer.status_code for answer in (same, other, dated)] == [206, 200, 200]


def test_a_known_etag_costs_no_bytes_and_names_no_type(client: FlaskClient, film: str) -> None:
    etag = client.get(film).headers["ETag"]
    answer = client.get(film, headers={"If-None-Match": f'"other", {etag}'})
    assert (answer.status_code, answer.data) == (304, b"")
    assert "Content-Type" not in answer.headers
    assert answer.headers["ETag"] == etag


def test_two_objects_have_two_etags(client: FlaskClient, storage: Directory, film: str) -> None:
    storage.put_bytes(FILM, "video/1/2.mp4", "video/mp4")
    other = storage.url("video/1/2.mp4", timedelta(hours=1), "video/mp4")
    assert client.get(film).headers["ETag"] != client.get(other).headers["ETag"]


@pytest.mark.parametrize("token", ["x", "a.b", "%00", "..%2f..%2fetc%2fpasswd"])
def test_a_made_up_address_gives_nothing(client: FlaskClient, token: str) -> None:
    answer = client.get(f"/media/{token}")
    assert answer.status_code in {403, 404}
    assert "no-store" in answer.headers.get("Cache-Control", "no-store")


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("ranges") / "film"
    path.write_bytes(FILM[:1000])
    return path


@given(first=some.integers(0, 1100), length=some.integers(1, 1100))
def test_any_part_is_exactly_that_part(file: Path, first: int, length: int) -> None:
    environ = create_environ(headers={"Range": f"bytes={first}-{first + length - 1}"})
    response = file_response(file, environ, "video/mp4", "etag", "private")
    body, status, _ = run_wsgi_app(response, environ)
    assert b"".join(body) == FILM[:1000][first : first + length]
    assert status.startswith("206" if first < 1000 else "416")


def test_a_file_that_is_gone_is_told_as_gone(client: FlaskClient, storage: Directory, film: str) -> None:
    storage.delete("video/1/1.mp4")
    answer = client.get(film)
    assert (answer.status_code, answer.text) == (404, "This video is no longer kept.")
