"""An application whose clock stands at a decent hour, the cast in its database, and a network whose answers a test
chooses."""

from __future__ import annotations

import datetime as dt
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from flask import Flask, g
from flask.testing import FlaskClient

from tests import cast
from vidmsg import clock, tokens
from vidmsg.accounts.models import User
from vidmsg.database import db, reading, writing
from vidmsg.messages import compose, sending
from vidmsg.messages.models import Attempt, Message
from vidmsg.people.models import Person
from vidmsg.sms.gateway import Accepted, GatewayError, Listed
from vidmsg.videos.models import READY, Video

NOON = dt.datetime(2026, 3, 4, 20, 0, tzinfo=dt.UTC)  # Wednesday noon in Seattle
FIRST = "Hi Maria, it's Bob from Harbor Spa. I made you a short video. Reply STOP to opt out."


def go() -> bool:
    """What a worker does when it looks for due messages; whether there was one."""
    return sending.send_due(threading.Event())


def attempts() -> list[Attempt]:
    """Every attempt, in order."""
    with reading() as session:
        return session.query(Attempt).order_by(Attempt.message_id, Attempt.number).all()


def form(**given: str) -> dict[str, str]:
    """What the page where a text is written sends."""
    return {"body": FIRST, "words": "", "plain": "y", "request_key": tokens.new_token()} | given


class Clock:
    """Sets what `clock.now()` says, for every process; it runs on from there."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def at(self, moment: dt.datetime) -> None:
        """It is `moment` now."""
        self.path.write_text(str((moment - dt.datetime.now(dt.UTC)).total_seconds()))

    def forward(self, **passed: float) -> None:
        """Time passes."""
        self.at(clock.now() + dt.timedelta(**passed))


@pytest.fixture(autouse=True)
def time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Clock:
    monkeypatch.setenv("VIDMSG_CLOCK_FILE", str(tmp_path / "clock"))
    set_to = Clock(tmp_path / "clock")
    set_to.at(NOON)
    return set_to


@dataclass
class FakeGateway:
    """Twilio as a test wants it: each `send` takes the next outcome, accepted where there is none left."""

    outcomes: list[Any] = field(default_factory=list)
    listings: list[Any] = field(default_factory=list)
    fetched: Listed | None = None
    failing: GatewayError = field(default_factory=lambda: GatewayError("Twilio answered 500."))
    sent: list[dict[str, Any]] = field(default_factory=list)
    sender: str = "+12065550199"
    before: Callable[[], None] = lambda: None

    def send(self, to: str, body: str, status_callback: str, validity_seconds: int) -> Accepted:
        self.sent.append({"to": to, "body": body, "callback": status_callback, "validity": validity_seconds})
        self.before()
        outcome = self.outcomes.pop(0) if self.outcomes else Accepted(f"SM{len(self.sent):032d}", "queued", 1)
        if isinstance(outcome, BaseException):
            raise outcome
        return outcome

    def find(self, to: str, containing: str, since: dt.datetime) -> list[Listed]:
        listing = self.listings.pop(0) if self.listings else []
        if isinstance(listing, Exception):
            raise listing
        return [entry for entry in listing if containing in entry.body]

    def fetch(self, sid: str) -> Listed:
        if self.fetched is None:
            raise self.failing
        return self.fetched


def _forget_the_request_before() -> None:
    """Requests inside the test's own context share its `g`: who was signed in, and what a session saw."""
    g.pop("_login_user", None)
    db.session.close()


@pytest.fixture
def home(app: Flask) -> Iterator[cast.Cast]:
    app.before_request_funcs.setdefault(None, []).insert(0, _forget_the_request_before)
    with app.app_context(), writing() as session:
        made = cast.put_in(session)
    with app.app_context():
        yield made


@pytest.fixture
def bob(home: cast.Cast, sign_in: Callable[[Any], FlaskClient]) -> FlaskClient:
    """The rep's browser."""
    return sign_in(home.bob)


@pytest.fixture
def gateway(app: Flask) -> FakeGateway:
    fake = FakeGateway()
    app.extensions["gateway"] = fake
    return fake


@pytest.fixture
def video(home: cast.Cast) -> Video:
    with writing() as session:
        made = Video(
            organisation_id=home.organisation.id,
            team_id=home.team.id,
            owner_id=home.bob.id,
            person_id=home.maria.id,
            state=READY,
            duration_s=31.0,
            width=720,
            height=1280,
            has_audio=True,
            silent=False,
            created_at=clock.now(),
            playable_at=clock.now(),
            kept_at=clock.now(),
        )
        session.add(made)
    return made


@dataclass
class Written:
    """Makes messages and looks them up, each in a transaction of its own."""

    home: cast.Cast
    video: Video

    def make(self, *, body: str = FIRST, video: bool = True, key: str = "", to: Person | None = None) -> Message:
        with writing() as session:
            return compose.compose(
                session,
                sender=session.get_one(User, self.home.bob.id),
                person=session.get_one(Person, (to or self.home.maria).id),
                video=session.get(Video, self.video.id) if video else None,
                body=body,
                words="",
                request_key=key or tokens.new_token(),
                due_at=clock.now(),
            )

    def look(self, message: Message) -> Message:
        with reading() as session:
            return session.get_one(Message, message.id)


@pytest.fixture
def written(home: cast.Cast, video: Video) -> Written:
    return Written(home, video)


@pytest.fixture
def write(written: Written) -> Callable[..., Message]:
    return written.make


@pytest.fixture
def look(written: Written) -> Callable[[Message], Message]:
    return written.look
