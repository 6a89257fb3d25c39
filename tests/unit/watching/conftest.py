"""A sent video text, and ways to ask for its page."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests import watched
from tests.watched import Sent
from vidmsg.database import reading, writing
from vidmsg.messages import progress
from vidmsg.messages.models import Link, Message
from vidmsg.messages.progress import Progress
from vidmsg.watching.models import Visit

IPHONE = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) "
    "Version/18.5 Mobile/15E148 Safari/604.1"
)


@pytest.fixture
def sent(app: Flask) -> Sent:
    """Bob's message to Maria, delivered, its video ready."""
    with app.app_context(), writing() as session:
        return watched.make(session, app.extensions["storage"])


@pytest.fixture
def phone(app: Flask) -> FlaskClient:
    """Maria's phone."""
    made = app.test_client()
    made.environ_base["HTTP_USER_AGENT"] = IPHONE
    return made


@pytest.fixture
def open_page(phone: FlaskClient, sent: Sent) -> Callable[..., str]:
    """`open_page()` loads the page as a phone does and gives its page id."""

    def _open(client: FlaskClient = phone) -> str:
        with client.get(sent.path) as response:
            found = re.search(r'data-page="([^"]+)"', response.text)
        assert found
        return found[1]

    return _open


@pytest.fixture
def tell(phone: FlaskClient, sent: Sent) -> Callable[..., int]:
    """`tell(page, event, …)` sends a beacon as the page does and gives the status."""

    def _tell(page: str, event: str, client: FlaskClient = phone, **more: object) -> int:
        said = {"page": page, "event": event, "intervals": [], **more}
        return client.post(f"{sent.path}/seen", json=said, headers={"Origin": "http://localhost"}).status_code

    return _tell


@pytest.fixture
def known(app: Flask, sent: Sent) -> Callable[[], Progress]:
    """What the rep may know by now."""

    def _known() -> Progress:
        with app.app_context(), reading() as session:
            return progress.of(session, session.get_one(Message, sent.message_id))

    return _known


@pytest.fixture
def visits(app: Flask) -> Callable[[], list[Visit]]:
    """The rows of visits."""

    def _visits() -> list[Visit]:
        with app.app_context(), reading() as session:
            return session.query(Visit).order_by(Visit.id).all()

    return _visits


@pytest.fixture
def change_link(app: Flask, sent: Sent) -> Callable[..., None]:
    """Set columns of the link."""

    def _change(**values: object) -> None:
        with app.app_context(), writing() as session:
            link = session.get_one(Link, sent.link_id)
            for name, value in values.items():
                setattr(link, name, value)

    return _change
