"""Every test of this folder that asks for `place` runs once on a folder behind waitress and once on
SeaweedFS."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from urllib.parse import urljoin

import pytest
import requests
from flask import Flask

from tests.contract.storage.serving import serving
from tests.seaweed import shared_seaweed
from vidmsg.storage import Storage, Ticket
from vidmsg.storage.directory import Directory
from vidmsg.storage.port import TICKET_LIFE
from vidmsg.storage.s3 import S3
from vidmsg.web.media import media_blueprint

DAY = timedelta(days=1)


@dataclass(frozen=True)
class Place:
    """A storage, and what a browser on a page of ours can do with the addresses that it gives."""

    storage: Storage
    page: str

    def get(self, url: str, **headers: str) -> requests.Response:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return requests.get(urljoin(self.page, url), headers=named, timeout=60)

    def send(self, ticket: Ticket, body: bytes, **headers: str) -> requests.Response:
        named = {**ticket.headers, **{name.replace("_", "-"): value for name, value in headers.items()}}
        return requests.request(ticket.method, urljoin(self.page, ticket.url), data=body, headers=named, timeout=60)


def web_application(storage: Directory) -> Flask:
    app = Flask(__name__)
    app.config["MAX_CONTENT_LENGTH"] = 1000  # a ticket is not bound by the limit for forms
    app.register_blueprint(media_blueprint(storage))
    app.add_url_rule("/tiny", "tiny", lambda: "tiny")
    return app


@pytest.fixture(params=["directory", "s3"])
def make_storage(request: pytest.FixtureRequest, tmp_path: Path) -> Callable[..., Storage]:
    """Opens the same empty store, as often as wanted, as several processes would."""
    if request.param == "directory":
        return lambda ticket_life=TICKET_LIFE: Directory(tmp_path / "media", b"secret", ticket_life=ticket_life)
    server, prefix = shared_seaweed(), f"t{secrets.token_hex(6)}/"
    return lambda ticket_life=TICKET_LIFE: S3(
        server.bucket,
        server.region,
        server.endpoint,
        prefix,
        server.access_key_id,
        server.secret_access_key,
        ticket_life,
    )


@pytest.fixture
def storage(make_storage: Callable[..., Storage]) -> Storage:
    return make_storage()


@pytest.fixture
def place(storage: Storage) -> Iterator[Place]:
    if isinstance(storage, Directory):
        with serving(web_application(storage)) as page:
            yield Place(storage, page)
    else:
        yield Place(storage, "http://app.invalid")
