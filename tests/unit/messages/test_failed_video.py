"""A text that carries a video which could not be prepared: its rep reads it on the message's page, and what to do."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests import watched
from vidmsg.accounts.models import User
from vidmsg.database import reading, writing
from vidmsg.messages import states
from vidmsg.messages.models import Message
from vidmsg.videos.models import BROKEN, Video


@pytest.fixture
def show(app: Flask, sign_in: Callable[[Any], FlaskClient]) -> Callable[[str, str], str]:
    """`show(message state, video state)` is the message's page as Bob sees it."""

    def _show(state: str, video_state: str) -> str:
        with app.app_context(), writing() as session:
            sent = watched.make(session, app.extensions["storage"], playable=False)
            session.get_one(Message, sent.message_id).state = state
            session.get_one(Video, sent.video_id).state = video_state
        with app.app_context(), reading() as session:
            bob = sign_in(session.get_one(User, sent.sender_id))
        return bob.get(f"/messages/{sent.message_id}").text

    return _show


@pytest.mark.parametrize("state", [states.SENT, states.DELIVERED])
def test_a_rep_reads_that_her_video_cannot_be_played_and_what_the_customer_sees(
    show: Callable[[str, str], str], state: str
) -> None:
    text = show(state, BROKEN)
    assert "Can&#39;t be played" in text
    assert "Maria reads that it went wrong, and whom to call. Record another." in text
    assert ">Record another</a>" in text
    assert "Not heard yet" not in text


def test_a_held_text_without_a_playable_video_offers_another_take_first(show: Callable[[str, str], str]) -> None:
    text = show(states.HELD, BROKEN)
    assert ">Record another</a>" in text
    assert "Send it after all" not in text
    assert "Don't send it" in text
