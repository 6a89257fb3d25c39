"""A backup holds database and videos of one moment; a restored one sends nothing that the running one has sent."""

from __future__ import annotations

import datetime as dt
import tarfile
import threading
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from tests import cast, postgres
from vidmsg import backup, clock, create_app, migrations, startup, tokens
from vidmsg.accounts.models import User
from vidmsg.config import Settings
from vidmsg.database import reading, writing
from vidmsg.errors import Sentence
from vidmsg.messages import compose, frozen, reconcile, sending, states, thawing
from vidmsg.messages.models import Message
from vidmsg.people.models import Person
from vidmsg.sms.gateway import Accepted, Listed
from vidmsg.storage.port import NotFound
from vidmsg.videos.models import READY, Video

NOON = dt.datetime(2026, 3, 4, 20, 0, tzinfo=dt.UTC)  # Wednesday noon in Seattle
BODY = "Hi Maria, it's Bob from Harbor Spa. I made you a short video. Reply STOP to opt out."


@dataclass
class Twilio:
    """One Twilio for two installations: it keeps and lists what either sends."""

    sender: str = "+12065550199"
    texts: list[Listed] = field(default_factory=list)

    def send(self, to: str, body: str, status_callback: str, validity_seconds: int) -> Accepted:
        sid = f"SM{len(self.texts):032d}"
        self.texts.append(Listed(sid, "delivered", None, body, "outbound-api", clock.now()))
        return Accepted(sid, "queued", 1)

    def find(self, to: str, containing: str, since: dt.datetime) -> list[Listed]:
        return [text for text in self.texts if containing in text.body]

    def fetch(self, sid: str) -> Listed:
        return next(text for text in self.texts if text.sid == sid)


@pytest.fixture(autouse=True)
def _noon(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(clock.OFFSET_FILE, str(tmp_path / "clock"))
    forward(NOON - dt.datetime.now(dt.UTC), tmp_path)


def forward(by: dt.timedelta, folder: Path) -> None:
    path = folder / "clock"
    before = float(path.read_text()) if path.exists() else 0.0
    path.write_text(str(before + by.total_seconds()))


def settings(folder: Path, database_url: str) -> Settings:
    folder.mkdir(exist_ok=True)
    return Settings(
        _env_file=None,
        data_dir=folder,
        database_url=database_url,
        queue_url=f"sqlite:///{folder / 'queue'}",
        public_url="http://localhost",
        log_level="ERROR",
    ).with_secret()


def new_database(kind: str, folder: Path) -> str:
    return postgres.empty_database() if kind == "postgres" else f"sqlite:///{folder / 'vidmsg.db'}"


def started(loaded: Settings, twilio: Twilio) -> Flask:
    app = startup.ready_app(loaded)
    app.extensions["gateway"] = twilio
    return app


def write_to_maria(home: cast.Cast, due_at: dt.datetime) -> Message:
    with writing() as session:
        video = Video(
            organisation_id=home.organisation.id,
            team_id=home.team.id,
            owner_id=home.bob.id,
            state=READY,
            created_at=clock.now(),
            kept_at=clock.now(),
        )
        session.add(video)
        session.flush()
        return compose.compose(
            session,
            sender=session.get_one(User, home.bob.id),
            person=session.get_one(Person, home.maria.id),
            video=video,
            body=BODY,
            words="",
            request_key=tokens.new_token(),
            due_at=due_at,
        )


def work() -> None:
    while reconcile.look() or thawing.look() or sending.send_due(threading.Event()):
        pass


@pytest.fixture(params=["sqlite", "postgres"])
def running(request: pytest.FixtureRequest, tmp_path: Path) -> tuple[Flask, Settings, Twilio, cast.Cast, str]:
    """An installation at work, with a file in its storage."""
    folder = tmp_path / "running"
    folder.mkdir()
    twilio = Twilio()
    loaded = settings(folder, new_database(request.param, folder))
    app = started(loaded, twilio)
    with app.app_context():
        with writing() as session:
            home = cast.put_in(session)
        app.extensions["storage"].put_bytes(b"a video", "video/abc/standard.mp4", "video/mp4")
    return app, loaded, twilio, home, request.param


def test_a_restored_backup_and_a_running_copy_double_nothing(running: Any, tmp_path: Path) -> None:
    app, loaded, twilio, home, kind = running
    with app.app_context():
        message = write_to_maria(home, clock.now() + dt.timedelta(minutes=30))
        never = write_to_maria(home, clock.now() + dt.timedelta(hours=2))
        backup.write(app, loaded, tmp_path / "backup.tar")
        forward(dt.timedelta(minutes=31), tmp_path)
        work()  # the running copy goes on after the backup was taken
        assert len(twilio.texts) == 1
    folder = tmp_path / "restored"
    folder.mkdir()
    there = settings(folder, new_database(kind, folder))
    backup.read(there, tmp_path / "backup.tar")
    restored = started(there, twilio)
    with restored.app_context():
        work()
        assert len(twilio.texts) == 1
        with reading() as session:
            assert "Restored from the backup" in (frozen.reason(session) or "")
        forward(dt.timedelta(hours=2), tmp_path)
        work()
        with writing() as session:
            frozen.lift(session, session.query(User).filter_by(name="Alice Archer").one())
        work()
        with reading() as session:
            assert session.get_one(Message, message.id).state == states.DELIVERED
            assert session.get_one(Message, never.id).state in {states.ACCEPTED, states.DELIVERED}
    assert len([text for text in twilio.texts if token_of(app, message) in text.body]) == 1
    assert len(twilio.texts) == 2


def token_of(app: Flask, message: Message) -> str:
    with app.app_context(), reading() as session:
        link = session.get_one(Message, message.id).link
        assert link
        return link.token


def dump(app: Flask) -> dict[str, list[Any]]:
    with app.app_context(), reading() as session:
        return {
            table.name: sorted(repr(tuple(row)) for row in session.execute(sa.select(table)))
            for table in migrations.metadata().sorted_tables
            if table.name != "installation"
        }


@pytest.mark.parametrize("to", ["sqlite", "postgres"])
def test_every_row_and_file_comes_back_on_either_database(running: Any, tmp_path: Path, to: str) -> None:
    app, loaded, _twilio, home, _kind = running
    with app.app_context():
        write_to_maria(home, clock.now())
        rows, objects = backup.write(app, loaded, tmp_path / "backup.tar")
    assert rows > 10
    assert objects == 2  # the video and the marker
    folder = tmp_path / "restored"
    folder.mkdir()
    there = settings(folder, new_database(to, folder))
    assert backup.read(there, tmp_path / "backup.tar") == (rows, objects)
    restored = create_app(there)
    assert dump(restored) == dump(app)
    assert (folder / "secret.key").read_text() == loaded.secret_key
    with restored.app_context():
        assert restored.extensions["storage"].get_bytes("video/abc/standard.mp4") == b"a video"
        with writing() as session:  # numbers go on after the highest
            cast.customer(session, session.get_one(User, home.bob.id), "Tom", "", "+12065550143")


def test_nothing_is_restored_over_an_installation(running: Any, tmp_path: Path) -> None:
    app, loaded, _twilio, _home, _kind = running
    backup.write(app, loaded, tmp_path / "backup.tar")
    with pytest.raises(Sentence, match="already"):
        backup.read(loaded, tmp_path / "backup.tar")


def test_half_a_backup_is_refused_and_nothing_is_written(running: Any, tmp_path: Path) -> None:
    app, loaded, _twilio, _home, _kind = running
    whole, half = tmp_path / "backup.tar", tmp_path / "half.tar"
    backup.write(app, loaded, whole)
    half.write_bytes(whole.read_bytes()[: whole.stat().st_size * 2 // 3])
    folder = tmp_path / "restored"
    folder.mkdir()
    there = settings(folder, f"sqlite:///{folder / 'vidmsg.db'}")
    with pytest.raises(Sentence, match="not whole"):
        backup.read(there, half)
    assert not (folder / "vidmsg.db").exists()
    with create_app(there).app_context() as context, pytest.raises(NotFound):
        context.app.extensions["storage"].get_bytes("video/abc/standard.mp4")


def test_another_file_is_no_backup(tmp_path: Path) -> None:
    other = tmp_path / "other.tar"
    with tarfile.open(other, "w") as tar:
        (tmp_path / "hello").write_text("hello")
        tar.add(tmp_path / "hello", "hello")
    folder = tmp_path / "restored"
    with pytest.raises(Sentence, match="no backup"):
        backup.read(settings(folder, f"sqlite:///{tmp_path / 'vidmsg.db'}"), other)


def test_a_backup_is_for_its_owner_only(running: Any, tmp_path: Path) -> None:
    app, loaded, _twilio, _home, _kind = running
    backup.write(app, loaded, tmp_path / "backup.tar")
    assert (tmp_path / "backup.tar").stat().st_mode & 0o077 == 0
