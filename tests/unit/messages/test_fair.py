"""Texts that are due don't wait behind questions to Twilio, nor questions behind texts."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import pytest
import sqlalchemy as sa
from flask import Flask

from tests.postgres import both_databases
from tests.unit.messages.conftest import FakeGateway
from vidmsg import clock, tokens
from vidmsg.database import reading, writing
from vidmsg.jobs import Jobs
from vidmsg.messages import states
from vidmsg.messages.models import Attempt, Message

pytestmark = both_databases
Write = Callable[..., Message]
MANY = 200


def left_long_ago(one: Message) -> None:
    """Two hundred texts like this one left, and Twilio has said nothing more about them."""
    kept = ("organisation_id", "team_id", "person_id", "sender_id", "phone", "body", "words", "created_at")
    same = {name: getattr(one, name) for name in kept}
    past = clock.now() - dt.timedelta(days=2)
    ids = [tokens.new_token() for _ in range(MANY)]
    with writing() as session:
        asked = {"state": states.ACCEPTED, "look_at": past, "changed_at": past, "tries": 1, "version": 0}
        session.execute(sa.insert(Message), [{**same, **asked, "id": one, "request_key": one} for one in ids])
        call = {"number": 1, "sender_number": "+12065550199", "phone": same["phone"], "body": "Hi", "created_at": past}
        rows = [{**call, "id": one, "message_id": one, "sid": f"MM{at:032x}"} for at, one in enumerate(ids)]
        session.execute(sa.insert(Attempt), rows)


def waiting() -> tuple[int, int]:
    """How many texts are due, and how many questions."""
    with reading() as session:
        due = sa.select(sa.func.count()).where(Message.state == states.SCHEDULED)
        asked = sa.select(sa.func.count()).where(Message.look_at <= clock.now())
        return session.scalars(due).one(), session.scalars(asked).one()


@pytest.mark.parametrize("turn", range(4))
def test_a_due_text_goes_within_two_pieces_of_work_however_many_questions_wait(
    app: Flask, gateway: FakeGateway, write: Write, turn: int
) -> None:
    left_long_ago(write(video=False))
    worker: Jobs = app.extensions["jobs"]
    for _ in range(turn):
        next(worker._turns["sms"])
    assert all(worker.run_one("sms") for _ in range(2))
    assert len(gateway.sent) == 1


def test_questions_are_asked_while_texts_wait(app: Flask, gateway: FakeGateway, write: Write) -> None:
    left_long_ago(write(video=False))
    for _ in range(30):
        write(video=False)
    worker: Jobs = app.extensions["jobs"]
    assert all(worker.run_one("sms") for _ in range(4))
    due, questions = waiting()
    assert due > 0
    assert questions < MANY
