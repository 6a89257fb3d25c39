"""What is cleared away by the hour, and what is surely left alone."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from pathlib import Path

import pytest
import sqlalchemy as sa

from tests.cast import Cast
from tests.postgres import both_databases
from tests.unit.videos.sending import Tus
from vidmsg import clock
from vidmsg.accounts import installation
from vidmsg.database import reading, writing
from vidmsg.jobs import DUE, FAILED
from vidmsg.messages.models import Message
from vidmsg.storage import marker
from vidmsg.videos import choosing, keys, renditions, sweeping
from vidmsg.videos.models import QUICK, Rendition, Upload, Video


@pytest.fixture
def later(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Moves the clock."""
    offset = tmp_path / "clock"
    monkeypatch.setenv("VIDMSG_CLOCK_FILE", str(offset))

    def move(**ahead: float) -> None:
        offset.write_text(str(dt.timedelta(**ahead).total_seconds()))

    return move


@pytest.fixture(autouse=True)
def _tied(tus: Tus) -> None:
    """Database and storage belong together, as after every start."""
    with tus.app.app_context():
        with writing() as session:
            mark = installation.get_or_create(session).marker
        marker.ensure_marker(tus.app.extensions["storage"], mark)


def sweep(tus: Tus) -> None:
    with tus.app.app_context():
        sweeping.sweep()


def rendition(tus: Tus, video_id: str, **more: object) -> str:
    key = keys.video_key(video_id)
    with tus.app.app_context(), writing() as session:
        tus.app.extensions["storage"].put_bytes(b"film", key, "video/mp4")
        made = Rendition(video_id=video_id, kind=QUICK, key=key, content_type="video/mp4", bytes=4, **more)
        renditions.add(session, made)
    return key


def exists(tus: Tus, key: str) -> bool:
    return tus.app.extensions["storage"].size(key) is not None


@both_databases
def test_bytes_that_no_row_names_go_after_a_day(tus: Tus, later: Callable[..., None]) -> None:
    sending = tus.begin(kind="take")
    sending.patch(0, b"recorded")
    stray = [keys.raw_key(sending.upload, 0), keys.video_key(sending.video), keys.picture_key(sending.video)]
    for key in stray:
        tus.app.extensions["storage"].put_bytes(b"lost", key, "video/mp4")
    later(hours=23)
    sweep(tus)
    assert all(exists(tus, key) for key in stray)
    later(hours=25)
    sweep(tus)
    assert not any(exists(tus, key) for key in stray)
    assert sending.bytes() == b"recorded"


@both_databases
def test_a_take_that_is_kept_while_the_sweep_looks_stays(
    tus: Tus, later: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> None:
    sending = tus.begin(kind="take")
    key = rendition(tus, sending.video)
    with tus.app.app_context(), writing() as session:
        session.get_one(Video, sending.video).discarded_at = clock.now()
    later(days=8)
    real = sweeping.writing

    def kept_first() -> object:
        monkeypatch.setattr(sweeping, "writing", real)
        with real() as session:
            session.get_one(Video, sending.video).kept_at = clock.now()
        return real()

    monkeypatch.setattr(sweeping, "writing", kept_first)
    with tus.app.app_context():
        sweeping.purge_discarded()
    assert exists(tus, key)


@pytest.mark.parametrize("found", ["another installation", None])
def test_nothing_is_swept_in_a_storage_that_is_not_ours(
    tus: Tus, later: Callable[..., None], found: str | None
) -> None:
    storage = tus.app.extensions["storage"]
    theirs = keys.video_key("theirs")
    storage.put_bytes(b"film", theirs, "video/mp4")
    storage.delete(marker.MARKER)
    if found:
        storage.put_bytes(found.encode(), marker.MARKER, "text/plain")
    later(days=8)
    sweep(tus)
    assert exists(tus, theirs)


def test_a_retired_rendition_lives_a_day_for_who_plays_it(tus: Tus, later: Callable[..., None]) -> None:
    sending = tus.begin(kind="take")
    old = rendition(tus, sending.video, retired_at=clock.now())
    new = rendition(tus, sending.video)
    later(hours=23)
    sweep(tus)
    assert exists(tus, old)
    later(hours=25)
    sweep(tus)
    assert not exists(tus, old)
    assert exists(tus, new)


@both_databases
def test_what_was_let_go_is_gone_after_seven_days(tus: Tus, later: Callable[..., None]) -> None:
    gone, kept = tus.begin(3, kind="take"), tus.begin(3, kind="take")
    for sending in (gone, kept):
        sending.patch(0, b"abc")
    film = rendition(tus, gone.video)
    tus.browser.post(f"/videos/{gone.video}/discard")
    later(days=6)
    sweep(tus)
    assert gone.bytes() == b"abc"
    later(days=8)
    sweep(tus)
    with tus.app.app_context(), reading() as session:
        assert session.get(Video, gone.video) is None
        assert session.get(Upload, gone.upload) is None
    assert gone.keys() == []
    assert not exists(tus, film)
    assert kept.bytes() == b"abc"


def test_a_video_that_a_message_carries_stays(tus: Tus, cast: Cast, later: Callable[..., None]) -> None:
    sending = tus.begin(3, kind="take", person=cast.maria.id)
    sending.patch(0, b"abc")
    with tus.app.app_context(), writing() as session:
        choosing.discard(session, sending.video)
        session.add(Message(
            organisation_id=cast.maria.organisation_id, team_id=cast.maria.team_id, person_id=cast.maria.id,
            sender_id=cast.bob.id, video_id=sending.video, request_key="k", phone=cast.maria.phone or "", body="Hi",
            state="sent", created_at=clock.now(), changed_at=clock.now(),
        ))  # fmt: skip
    later(days=8)
    sweep(tus)
    assert sending.bytes() == b"abc"
    assert sending.video_row().id == sending.video


def test_a_finished_take_that_everybody_forgot_is_taken_up(tus: Tus, later: Callable[..., None]) -> None:
    sending = tus.begin(3, kind="take")
    sending.patch(0, b"abc")
    with tus.app.app_context(), writing() as session:
        session.execute(sa.update(Upload).values(job_state=FAILED))
    later(minutes=11)
    sweep(tus)
    assert sending.video_row().job_state == DUE


def test_a_video_whose_job_was_given_up_is_told(tus: Tus, later: Callable[..., None]) -> None:
    sending = tus.begin(3, kind="file")
    sending.patch(0, b"abc")
    with tus.app.app_context(), writing() as session:
        session.execute(sa.update(Video).values(job_state=FAILED))
    later(minutes=11)
    sweep(tus)
    video = sending.video_row()
    assert (video.state, video.problem_code) == ("failed", "not_prepared")
    assert sending.bytes() == b"abc"


def test_a_folder_of_a_killed_worker_goes_after_a_day(tus: Tus, tmp_path: Path, later: Callable[..., None]) -> None:
    left = tmp_path / "work" / "job-left"
    left.mkdir(parents=True)
    (left / "take.raw").write_bytes(b"abc")
    sweep(tus)
    assert left.exists()
    later(hours=25)
    sweep(tus)
    assert not left.exists()


def test_nothing_stays_of_a_refused_file_after_seven_days(tus: Tus, later: Callable[..., None]) -> None:
    sending = tus.begin(3, kind="file")
    sending.patch(0, b"abc")
    with tus.app.app_context(), writing() as session:
        session.execute(sa.update(Video).values(state="refused"))
    later(days=6)
    sweep(tus)
    assert sending.head().status_code == 200
    later(days=8)
    sweep(tus)
    assert sending.head().status_code == 404
