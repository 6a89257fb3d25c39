"""The whole way on the practice phone: written on the page, sent by the worker's queue, delivered by signed callbacks,
answered, stopped."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Flask
from flask.testing import FlaskClient

from tests import cast
from tests.unit.messages.conftest import FIRST, Clock
from vidmsg import tokens
from vidmsg.database import reading
from vidmsg.messages import states
from vidmsg.messages.models import Inbound, Message
from vidmsg.people import consent
from vidmsg.videos.models import Video


def drain(app: Flask) -> None:
    """Do what the workers of the sms queue would do now."""
    while app.extensions["jobs"].run_one("sms"):
        pass


def post(client: FlaskClient, person_id: int, video: Video | None, **form: Any) -> Any:
    given = {"body": FIRST, "words": "", "plain": "y", "request_key": tokens.new_token()} | form
    query = f"?video={video.id}" if video else ""
    return client.post(f"/people/{person_id}/write{query}", data=given)


def test_a_written_text_arrives_on_the_practice_phone(
    app: Flask, home: cast.Cast, video: Video, sign_in: Callable[[Any], FlaskClient], time: Clock
) -> None:
    bob = sign_in(home.bob)
    assert b"Harbor Spa" in bob.get(f"/people/{home.maria.id}/write?video={video.id}").data
    shown = post(bob, home.maria.id, video).headers["Location"]
    drain(app)
    time.forward(seconds=5)
    drain(app)
    assert bob.get(f"{shown}/state").json["state"] == states.DELIVERED
    phone = bob.get("/phone")
    assert "short video" in phone.text
    assert "/v/" in phone.text
    assert phone.status_code == 200


def test_a_reply_and_a_stop_come_back(
    app: Flask, home: cast.Cast, video: Video, sign_in: Callable[[Any], FlaskClient], time: Clock
) -> None:
    bob = sign_in(home.bob)
    shown = post(bob, home.maria.id, video).headers["Location"]
    drain(app)
    time.forward(seconds=5)
    drain(app)
    bob.post("/phone/12065550142/reply", data={"body": "Oh Bob. Five years!"})
    drain(app)
    assert "Five years!" in bob.get(shown).text
    bob.post("/phone/12065550142/reply", data={"body": "STOP"})
    drain(app)
    assert "asked us to stop" in bob.get(shown).text
    with reading() as session:
        latest = consent.current(session, home.organisation.id, cast.MARIA_PHONE)
        assert latest is not None
        assert latest.action == "revoked"
        assert session.query(Inbound).count() == 2
    answer = post(bob, home.maria.id, video, body="Hello again")
    assert answer.status_code == 200
    assert "asked us to stop" in answer.text
    with reading() as session:
        assert session.query(Message).count() == 1
