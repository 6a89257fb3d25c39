"""Bob chose to be asked by text; Maria has been a customer for five years on Friday 6 March 2026, with three days of
lead. The clock stands at Wednesday noon in Seattle, where both live."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from tests import cast
from tests.unit.messages.conftest import Clock, FakeGateway, gateway, go, home, time
from vidmsg import clock
from vidmsg.accounts.models import User
from vidmsg.asking import asking
from vidmsg.asking.models import RecordLink
from vidmsg.calendar import planning
from vidmsg.database import reading, writing
from vidmsg.messages import inbound
from vidmsg.messages.inbound import Received
from vidmsg.messages.models import Message
from vidmsg.milestones import keeping
from vidmsg.milestones.keeping import Details
from vidmsg.milestones.models import Occurrence
from vidmsg.people import confirming, ourselves
from vidmsg.people.models import Person
from vidmsg.people.ourselves import Choice
from vidmsg.tokens import new_token
from vidmsg.videos.models import OPEN, RECORDING, TAKE, Upload, Video

__all__ = ["gateway", "home", "time"]
BOB_PHONE = "+12065550177"
DAY = dt.date(2026, 3, 6)


def seattle(day: int, hour: int, minute: int = 0) -> dt.datetime:
    """That moment of March 2026 in Seattle, before clocks change there."""
    return dt.datetime(2026, 3, day, hour, minute, tzinfo=dt.timezone(-dt.timedelta(hours=8)))


@dataclass
class World:
    """The cast, and what tests do and look at, each in a transaction of its own."""

    people: cast.Cast
    gateway: FakeGateway
    time: Clock

    def run(self) -> int:
        """What the clock does: ask, and let what is due leave."""
        written = asking.run()
        while go():
            pass
        return written

    def texts(self, to: str = BOB_PHONE) -> list[str]:
        """What left for this number."""
        return [text["body"] for text in self.gateway.sent if text["to"] == to]

    def token(self) -> str:
        """Of the link in the last text to Bob that has one."""
        return [match[1] for body in self.texts() if (match := re.search(r"/r/([\w-]{22})$", body))][-1]

    def day(self) -> Occurrence:
        with reading() as session:
            return session.scalars(sa.select(Occurrence).order_by(Occurrence.id).limit(1)).one()

    def messages(self) -> list[Message]:
        """Texts to Bob as rows, in order."""
        with reading() as session:
            own = ourselves.row_of(session, self.people.bob.id)
            query = sa.select(Message).where(Message.person_id == (own.id if own else 0))
            return list(session.scalars(query.order_by(Message.created_at, Message.id)))

    def answer(self, body: str, number: str = BOB_PHONE) -> None:
        """A text comes back from this number."""
        with writing() as session:
            inbound.receive(session, Received(f"SM{new_token()}", number, "+12065550199", body))

    def change(self, model: Any, row_id: Any, **values: Any) -> None:
        """Write to one row."""
        with writing() as session:
            row = session.get_one(model, row_id)
            for name, value in values.items():
                setattr(row, name, value)

    def take(self, *, offset: int = 0, **values: Any) -> Upload:
        """A take of Bob's for the day, begun by the link in his last text."""
        with writing() as session:
            bob, day = (
                session.get_one(User, self.people.bob.id),
                session.scalars(sa.select(Occurrence).order_by(Occurrence.id)).first(),
            )
            assert day is not None
            video = Video(
                organisation_id=bob.organisation_id, team_id=bob.team_id, owner_id=bob.id, person_id=day.person_id,
                state=RECORDING, created_at=clock.now(),
            )  # fmt: skip
            session.add(video)
            session.flush()
            now = clock.now()
            upload = Upload(
                video_id=video.id, user_id=bob.id, occurrence_id=day.id, capability_digest="", kind=TAKE, state=OPEN,
                offset=offset, created_at=now, moved_at=now, **values,
            )  # fmt: skip
            session.add(upload)
            session.flush()
            newest = session.scalars(sa.select(RecordLink).order_by(RecordLink.id.desc())).first()
            assert newest is not None
            newest.upload_id = upload.id
            return upload


def agree(user_id: int, number: str = BOB_PHONE, opens: int = 9, closes: int = 20) -> None:
    """She turns texts on, on her own page, and her number answers YES."""
    with writing() as session:
        own = ourselves.agree(session, session.get_one(User, user_id), Choice(number, opens, closes))
        confirming.confirm(session, own.organisation_id, number)


@pytest.fixture
def world(app: Flask, home: cast.Cast, gateway: FakeGateway, time: Clock) -> World:
    agree(home.bob.id)
    with writing() as session:
        maria = session.get_one(Person, home.maria.id)
        keeping.add(session, maria, Details("customer_since", month=3, day=6, year=2021), home.bob.id)
    planning.run()
    return World(home, gateway, time)
