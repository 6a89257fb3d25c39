"""The storage fails while a video is prepared whose text is due: nobody gets a text with nothing behind it, the video
is not given up, and when the storage is back, one text leaves. The work on the picture itself is left out: it is fast
that way, and what is asked of storage is the same."""

from __future__ import annotations

import datetime as dt
import errno
import hashlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from botocore.config import Config
from flask import Flask
from flask.testing import FlaskClient

from tests import cast
from tests.faults.bucket import Bucket, bucket
from tests.unit.videos.sending import writing_then_lost
from vidmsg import clock, tokens
from vidmsg.accounts.models import User
from vidmsg.config import Settings
from vidmsg.database import reading, writing
from vidmsg.jobs import DUE, jobs
from vidmsg.messages import compose
from vidmsg.people.models import Person
from vidmsg.sms import current_simulator
from vidmsg.storage import s3
from vidmsg.videos import picturing, preparing, publishing
from vidmsg.videos.models import COMPLETE, FILE, PREPARING, Chunk, Rendition, Upload, Video

BODY = "Hi Maria, it's Bob from Harbor Spa. I made you a short video. Reply STOP to opt out."
FILM = b"a film, as far as storage is concerned"
NOON = dt.datetime(2026, 3, 4, 20, 0, tzinfo=dt.UTC)  # Wednesday noon in Seattle
MEASURED = SimpleNamespace(duration_s=3.0, width=320, height=240, has_audio=True, truncated=False)
LOUD = SimpleNamespace(silent=False, lufs=-16.0)


@pytest.fixture
def s3_bucket() -> Iterator[Bucket]:
    with bucket() as running:
        yield running


@pytest.fixture
def settings(settings: Settings, s3_bucket: Bucket) -> Settings:
    there = {"s3_bucket": "videos", "s3_endpoint": s3_bucket.address}
    return settings.model_copy(update={**there, "aws_access_key_id": "key", "aws_secret_access_key": "secret"})


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody waits long for S3, and films need no work."""
    patience = {"retries": {"max_attempts": 1}, "read_timeout": 0.3}
    monkeypatch.setattr(s3, "Config", lambda **given: Config(**{**given, **patience}))

    def prepare(raw: Path, out: Path, **_: Any) -> SimpleNamespace:
        out.mkdir()
        (out / "made.mp4").write_bytes(raw.read_bytes())
        still = SimpleNamespace(dark=False)
        return SimpleNamespace(video=out / "made.mp4", poster=still, probe=MEASURED, source=MEASURED, loudness=LOUD)

    monkeypatch.setattr(preparing.standard, "prepare", prepare)
    for owner, name in ((preparing, "_examine"), (preparing, "_make_quick"), (picturing, "keep_poster")):
        monkeypatch.setattr(owner, name, lambda *_: None)


@pytest.fixture(autouse=True)
def _noon(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(clock.OFFSET_FILE, str(tmp_path / "clock"))
    (tmp_path / "clock").write_text(str((NOON - dt.datetime.now(dt.UTC)).total_seconds()))


@pytest.fixture
def home(app: Flask) -> Iterator[cast.Cast]:
    with app.app_context():
        with writing() as session:
            made = cast.put_in(session)
        yield made


@pytest.fixture
def bob(home: cast.Cast, sign_in: Callable[[Any], FlaskClient]) -> FlaskClient:
    return sign_in(home.bob)


@pytest.fixture
def video(app: Flask, home: cast.Cast) -> str:
    """A picked file, uploaded whole and waiting to be prepared; and a text with it, due now."""
    now, key, digest = clock.now(), f"raw/abc/0-{tokens.new_token()}", hashlib.sha256(FILM).hexdigest()
    app.extensions["storage"].put_bytes(FILM, key, "application/octet-stream")
    ours = {"organisation_id": home.organisation.id, "team_id": home.team.id, "owner_id": home.bob.id}
    with writing() as session:
        made = Video(kind=FILE, state=PREPARING, job_state=DUE, job_due_at=now, created_at=now, kept_at=now, **ours)
        session.add(made)
        session.flush()
        upload = Upload(
            video_id=made.id,
            user_id=home.bob.id,
            capability_digest="",
            kind=FILE,
            length=len(FILM),
            offset=len(FILM),
            state=COMPLETE,
            created_at=now,
            moved_at=now,
        )
        session.add(upload)
        session.flush()
        session.add(Chunk(upload_id=upload.id, offset=0, length=len(FILM), sha256=digest, key=key))
        bob, maria = session.get_one(User, home.bob.id), session.get_one(Person, home.maria.id)
        said = {"body": BODY, "words": "", "request_key": "once", "due_at": now}
        compose.compose(session, sender=bob, person=maria, video=made, **said)
        return made.id


def work() -> None:
    """What workers do now, and a minute later."""
    with writing() as session:
        session.query(Video).filter_by(job_state=DUE).update({"job_due_at": clock.now()})
    for queue in ("prepare", "sms"):
        while jobs().run_one(queue):
            pass


def texts() -> list[str]:
    simulator = current_simulator()
    assert simulator is not None
    return [text.body for text in simulator.thread(cast.MARIA_PHONE)]


@contextmanager
def at_the_bucket(held: Bucket, fault: str) -> Iterator[None]:
    held.fault, before = fault, held.asked
    yield
    held.fault = ""
    assert held.asked > before


@contextmanager
def disk_is_full(_held: Bucket, _fault: str) -> Iterator[None]:
    def full(*_: Any) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(s3.S3, "put", full)
        yield


@contextmanager
def lost_before_the_commit(_held: Bucket, _fault: str) -> Iterator[None]:
    @contextmanager
    def lost() -> Iterator[Any]:
        with writing() as session:
            yield session
            raise preparing.sa.exc.OperationalError("COMMIT", {}, Exception("the connection was lost"))

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(publishing, "writing", lost)
        yield


@pytest.mark.parametrize(
    ("broken", "fault"),
    [
        pytest.param(at_the_bucket, "403 AccessDenied", id="403"),
        pytest.param(at_the_bucket, "404 NoSuchBucket", id="404"),
        pytest.param(at_the_bucket, "500 InternalError", id="500"),
        pytest.param(at_the_bucket, "slow", id="slow"),
        pytest.param(at_the_bucket, "truncated", id="truncated"),
        pytest.param(disk_is_full, "", id="disk full"),
        pytest.param(lost_before_the_commit, "", id="lost between upload and commit"),
    ],
)
def test_the_text_waits_for_its_video_and_leaves_once(
    video: str, bob: FlaskClient, s3_bucket: Bucket, broken: Any, fault: str
) -> None:
    with broken(s3_bucket, fault):
        for _ in range(5):  # more often than a row may fail
            work()
        told = bob.get(f"/videos/{video}/state").json
        assert (told["state"], texts()) == (PREPARING, [])
    work()
    work()
    assert bob.get(f"/videos/{video}/state").json["state"] == "ready"
    (text,) = texts()
    assert text.startswith(BODY)
    assert _plays(video, s3_bucket)


def test_a_commit_that_nobody_heard_of_sends_one_text_too(
    video: str, s3_bucket: Bucket, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as line:
        line.setattr(publishing, "writing", writing_then_lost)
        work()
    work()
    assert len(texts()) == 1
    assert _plays(video, s3_bucket)


def _plays(video: str, held: Bucket) -> bool:
    """Whether the bytes are there that the row names."""
    with reading() as session:
        (row,) = session.query(Rendition).filter_by(video_id=video, retired_at=None).all()
    return held.objects[row.key] == FILM
