"""A video that was measured only after its text was written: what the rep could not know holds the text once."""

from __future__ import annotations

from typing import Any

import pytest

from tests.postgres import both_databases
from tests.unit.messages.conftest import Clock, FakeGateway, Written, go
from vidmsg import clock
from vidmsg.database import writing
from vidmsg.messages import deciding, states
from vidmsg.messages.models import Message
from vidmsg.videos.models import CLOSED, PLAYABLE, PREPARING, TAKE, Upload, Video

ODD = [
    ({"silent": True}, "almost nothing"),
    ({"has_audio": False, "silent": False}, "no sound"),
    ({"truncated": True}, "Only a part"),
]


def change(video: Video, **facts: Any) -> None:
    with writing() as session:
        row = session.get_one(Video, video.id)
        for name, value in facts.items():
            setattr(row, name, value)


@both_databases
@pytest.mark.parametrize(("facts", "told"), ODD)
def test_what_was_measured_after_writing_holds_it_once(
    gateway: FakeGateway, written: Written, video: Video, time: Clock, facts: dict[str, Any], told: str
) -> None:
    change(video, state=PREPARING, playable_at=None)
    message = written.make()
    time.forward(seconds=20)
    change(video, state=PLAYABLE, playable_at=clock.now(), **facts)
    go()
    held = written.look(message)
    assert (held.state, gateway.sent) == (states.HELD, [])
    assert told in (held.reason or "")
    with writing() as session:
        assert deciding.release(session, session.get_one(Message, message.id))
    go()
    assert (written.look(message).state, len(gateway.sent)) == (states.ACCEPTED, 1)


@pytest.mark.parametrize(("facts", "_told"), ODD)
def test_what_she_was_told_before_writing_holds_nothing(
    gateway: FakeGateway, written: Written, video: Video, facts: dict[str, Any], _told: str
) -> None:
    change(video, **facts)
    message = written.make()
    go()
    assert written.look(message).state == states.ACCEPTED


def test_a_take_whose_upload_fell_silent_holds_it(
    gateway: FakeGateway, written: Written, video: Video, time: Clock
) -> None:
    change(video, state=PREPARING, playable_at=None)
    message = written.make()
    time.forward(seconds=20)
    change(video, state=PLAYABLE, playable_at=clock.now())
    with writing() as session:
        session.add(
            Upload(
                video_id=video.id,
                user_id=video.owner_id,
                capability_digest="0" * 64,
                kind=TAKE,
                state=CLOSED,
                offset=9,
                created_at=clock.now(),
                moved_at=clock.now(),
            )
        )
    go()
    assert written.look(message).state == states.HELD
