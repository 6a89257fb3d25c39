"""What tests of the join page need: the page filled in, what came of it, and Ana's phone."""

from __future__ import annotations

import re
import threading
from typing import Any

import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from vidmsg.database import reading, writing
from vidmsg.messages import inbound, sending
from vidmsg.messages.inbound import Received

ANA = "+12065550188"
FORM = {"first_name": "Ana", "last_name": "Ito", "phone": "(206) 555-0188", "month": "2", "day": "29", "agreed": "y"}
PAGE = "/join/the-token-of-the-page"
SENDER = "+12065550199"


def fill(client: FlaskClient, page: str = PAGE, **change: Any) -> str:
    """Send the form; the page that answers, without what is new each time."""
    answer = client.post(page, data={**FORM, **change}).get_data(as_text=True)
    return re.sub(r'nonce="[^"]+"', "", answer)


def rows(app: Flask, *what: Any) -> list[tuple[Any, ...]]:
    """All of these columns."""
    with app.app_context(), reading() as session:
        return [tuple(row) for row in session.execute(sa.select(*what))]


def answer(app: Flask, body: str, sid: str = "1", to: str = SENDER) -> None:
    """Ana writes back."""
    with app.app_context(), writing() as session:
        inbound.receive(session, Received(f"SM{sid:>032}", ANA, to, body))


def send(app: Flask) -> None:
    """What is due leaves."""
    with app.app_context():
        sending.send_due(threading.Event())
