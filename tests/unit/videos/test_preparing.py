"""From recorded pieces to a video that plays: live while it comes in, afterwards, after a crash, and when it can't."""

from __future__ import annotations

import errno
import shutil
import signal
import threading
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import sqlalchemy as sa

from tests.server import wait_for
from tests.unit.videos import films
from tests.unit.videos.sending import Sending, Tus, writing_then_lost
from vidmsg import clock, jobs
from vidmsg.database import reading, writing
from vidmsg.jobs import DONE, DUE, IDLE
from vidmsg.media import quick
from vidmsg.media.probe import probe
from vidmsg.media.refusals import Refused
from vidmsg.media.sandbox import ChildFailed
from vidmsg.storage import StorageError
from vidmsg.videos import closing, ingesting, joining, picturing, preparing, publishing, renditions, workplace
from vidmsg.videos.models import Chunk, Rendition, Upload, Video


@pytest.fixture(autouse=True)
def _quick_preview(monkeypatch: pytest.MonkeyPatch) -> None:
    """The preview is composed in a child that takes its time; test_picturing.py sees the real one."""
    monkeypatch.setattr(picturing.stills, "preview", lambda poster, out, **_: shutil.copy(poster, out))


def work(tus: Tus, queue: str) -> None:
    """One worker thread's turn at one job, here and now."""
    with tus.app.app_context():
        assert jobs.jobs().run_one(queue)


def send(tus: Tus, film: bytes, kind: str = "take", pieces: int = 4, **values: Any) -> Sending:
    sending = tus.begin(len(film) if kind == "file" else None, kind=kind, **values)
    at = 0
    for piece in films.slices(film, pieces):
        at += len(piece)
        length = {"Upload_Length": str(at)} if at == len(film) else {}
        assert sending.patch(at - len(piece), piece, **length).status_code == 204
    return sending


def kinds(sending: Sending) -> dict[str, Rendition]:
    with sending.app.app_context(), reading() as session:
        living = (Rendition.video_id == sending.video, Rendition.retired_at.is_(None))
        return {row.kind: row for row in session.scalars(sa.select(Rendition).where(*living))}


def fetched(sending: Sending, rendition: Rendition, folder: Path) -> Path:
    path = folder / f"{rendition.kind}.mp4"
    sending.app.extensions["storage"].fetch(rendition.key, path)
    return path


def test_an_h264_take_is_playable_at_once_and_then_standard(tus: Tus, tmp_path: Path) -> None:
    sending = send(tus, films.take())
    work(tus, "live")
    video = sending.video_row()
    assert (video.state, video.silent, video.truncated, video.problem_code) == ("playable", False, False, None)
    assert set(kinds(sending)) == {"quick", "poster", "preview"}
    assert sending.bytes() == films.take()
    work(tus, "prepare")
    video = sending.video_row()
    assert (video.state, video.width, video.height, video.has_audio) == ("ready", 320, 240, True)
    assert video.duration_s == pytest.approx(3, abs=0.2)
    made = kinds(sending)
    assert set(made) == {"standard", "poster", "preview"}
    facts = probe(fetched(sending, made["standard"], tmp_path))
    assert (facts.video_codec, facts.audio_codec, facts.truncated) == ("h264", "aac", False)
    assert sending.keys() == []


def test_a_storage_that_is_away_never_makes_a_take_fail(tus: Tus, monkeypatch: pytest.MonkeyPatch) -> None:
    sending = send(tus, films.take())
    storage = type(tus.app.extensions["storage"])

    def away(*_: Any) -> None:
        raise StorageError("The storage does not answer.")

    with monkeypatch.context() as outage:
        outage.setattr(storage, "get_bytes", away)
        for _ in range(6):
            work(tus, "live")
            with tus.app.app_context(), writing() as session:
                session.execute(sa.update(Upload).values(job_due_at=clock.now()))
    assert sending.video_row().state == "preparing"
    work(tus, "live")
    assert sending.video_row().state == "playable"


def test_a_rendition_whose_commit_went_unheard_still_plays(
    tus: Tus, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    sending = send(tus, films.take())
    with monkeypatch.context() as line:
        line.setattr(publishing, "writing", writing_then_lost)
        work(tus, "live")
    assert sending.video_row().state == "playable"
    assert fetched(sending, kinds(sending)["quick"], tmp_path).stat().st_size > 0


@pytest.mark.parametrize("queues", [["live"], ["live", "prepare"]], ids=["playable", "ready"])
def test_a_take_that_fell_silent_is_told_to_be_a_part(
    tus: Tus, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, queues: list[str]
) -> None:
    sending = tus.begin(kind="take")
    assert sending.patch(0, films.slices(films.take(), 2)[0]).status_code == 204
    (tmp_path / "clock").write_text("1900")
    monkeypatch.setenv("VIDMSG_CLOCK_FILE", str(tmp_path / "clock"))
    with tus.app.app_context():
        closing.tick(tus.app.extensions["storage"])
    assert sending.video_row().truncated
    assert "Only the beginning of this take arrived" in tus.browser.get("/takes").text
    for queue in queues:
        work(tus, queue)
    video = sending.video_row()
    assert (video.state, video.truncated) == ("playable" if queues == ["live"] else "ready", True)
    told = tus.browser.get(f"/videos/{sending.video}/state").json["problems"]
    assert [problem["code"] for problem in told] == ["truncated"]
    assert "Only the first 0:01" in told[0]["message"]


def test_a_take_is_followed_while_it_comes_in(tus: Tus, monkeypatch: pytest.MonkeyPatch) -> None:
    fed: list[bytes] = []
    feed = ingesting.LiveTake.feed
    monkeypatch.setattr(ingesting.LiveTake, "feed", lambda self, data: (fed.append(data), feed(self, data))[1])
    film = films.slices(films.take(), 5)
    sending = tus.begin(kind="take")
    sending.patch(0, film[0])
    worker = threading.Thread(target=work, args=(tus, "live"))
    worker.start()
    offset = len(film[0])
    for piece in film[1:]:
        wait_for(lambda so_far=offset: sum(map(len, fed)) == so_far, "the piece before to be fed")
        length = {"Upload_Length": str(offset + len(piece))} if piece is film[-1] else {}
        sending.patch(offset, piece, **length)
        offset += len(piece)
    worker.join()
    assert b"".join(fed) == films.take()
    assert sending.video_row().state == "playable"


def test_a_vp8_take_is_encoded_live_and_levelled(tus: Tus, tmp_path: Path) -> None:
    sending = send(tus, films.take("vp8"))
    work(tus, "live")
    assert sending.video_row().state == "ready"
    assert sending.keys() == []
    facts = probe(fetched(sending, kinds(sending)["standard"], tmp_path))
    assert (facts.video_codec, round(facts.duration_s)) == ("h264", 3)


def test_a_vp8_take_waits_for_its_end_where_no_processor_is_free(tus: Tus) -> None:
    tus.app.extensions["live_encodes"] = threading.Semaphore(0)
    sending = send(tus, films.take("vp8"))
    work(tus, "live")
    video = sending.video_row()
    assert (video.state, video.job_state) == ("preparing", DUE)
    work(tus, "prepare")
    assert sending.video_row().state == "ready"


def test_permits_for_live_encodes_are_given_back(tus: Tus) -> None:
    tus.app.extensions["live_encodes"] = free = threading.Semaphore(1)
    send(tus, films.take("vp8"))
    work(tus, "live")
    assert free.acquire(blocking=False)


def test_a_picked_file_is_playable_and_then_standard(tus: Tus) -> None:
    sending = send(tus, films.take(), kind="file")
    work(tus, "prepare")
    video = sending.video_row()
    assert (video.state, video.job_state) == ("ready", DONE)
    assert video.playable_at is not None
    assert video.ready_at is not None
    assert video.playable_at < video.ready_at
    assert sending.keys() == []


@pytest.mark.parametrize("content", [b"", b"just words, no film", b"<svg xmlns='http://www.w3.org/2000/svg'/>"])
def test_a_file_that_is_no_video_leaves_nothing_but_its_reason(tus: Tus, content: bytes) -> None:
    sending = tus.begin(len(content), kind="file")
    if content:
        sending.patch(0, content)
    work(tus, "prepare")
    video = sending.video_row()
    assert video.state == "refused"
    assert video.problem_code
    assert video.problem
    assert list(tus.app.extensions["storage"].keys()) == []


def test_a_file_whose_check_was_killed_for_want_of_memory_is_tried_again(
    tus: Tus, monkeypatch: pytest.MonkeyPatch
) -> None:
    sending = send(tus, films.take(), kind="file")
    tried: list[Path] = []

    def killed_once(raw: Path, **limits: Any) -> object:
        tried.append(raw)
        if len(tried) == 1:
            raise Refused("damaged", "…") from ChildFailed(-signal.SIGKILL, "")
        return probe(raw, **limits)

    monkeypatch.setattr(preparing, "probe", killed_once)
    work(tus, "prepare")
    assert sending.video_row().job_state == DUE
    with tus.app.app_context(), writing() as session:
        session.get_one(Video, sending.video).job_due_at = clock.now()
    work(tus, "prepare")
    assert sending.video_row().state == "ready"


def test_a_take_that_is_no_video_is_kept_and_reported(tus: Tus) -> None:
    noise = b"nothing that any player knows " * 2000
    sending = send(tus, noise)
    work(tus, "live")
    work(tus, "prepare")
    video = sending.video_row()
    assert video.state == "failed"
    assert "kept" in (video.problem or "")
    assert sending.bytes() == noise


def test_a_silent_take_is_told(tus: Tus) -> None:
    sending = send(tus, films.take(tone="anullsrc=channel_layout=mono:sample_rate=48000"))
    work(tus, "live")
    answer = tus.browser.get(f"/videos/{sending.video}/state").json
    assert [problem["code"] for problem in answer["problems"]] == ["silent"]


def test_a_take_that_broke_off_plays_up_to_there(tus: Tus) -> None:
    sending = send(tus, films.take()[: len(films.take()) * 2 // 3])
    work(tus, "live")
    video = sending.video_row()
    assert video.state == "playable"
    assert video.duration_s is not None
    assert 1 < video.duration_s < 3


def test_an_over_long_take_is_cut_for_sending_and_kept_whole(tus: Tus, monkeypatch: pytest.MonkeyPatch) -> None:
    from vidmsg.media import prepare
    from vidmsg.videos import publishing

    monkeypatch.setattr(publishing, "MOST_SECONDS", 1.0)
    monkeypatch.setattr(prepare.prepare, "__kwdefaults__", {**prepare.prepare.__kwdefaults__, "max_seconds": 1.0})
    sending = send(tus, films.take())
    work(tus, "live")
    work(tus, "prepare")
    video = sending.video_row()
    assert (video.state, video.problem_code) == ("ready", "too_long")
    assert video.duration_s == pytest.approx(1, abs=0.2)
    assert sending.bytes() == films.take()


def test_a_handed_back_take_begins_again_and_comes_out_the_same(tus: Tus, monkeypatch: pytest.MonkeyPatch) -> None:
    sending = send(tus, films.take())
    stopping = tus.app.extensions["jobs"].stopping
    feed = ingesting.LiveTake.feed
    monkeypatch.setattr(ingesting.LiveTake, "feed", lambda self, data: (feed(self, data), stopping.set())[0])
    work(tus, "live")
    row = sending.row()
    assert (row.job_state, row.job_tries, row.job_owner) == (DUE, 0, None)
    assert sending.video_row().state == "preparing"
    monkeypatch.setattr(ingesting.LiveTake, "feed", feed)
    stopping.clear()
    work(tus, "live")
    assert sending.video_row().state == "playable"


def test_preparing_is_handed_back_when_the_worker_stops(tus: Tus, monkeypatch: pytest.MonkeyPatch) -> None:
    sending = send(tus, films.take(), kind="file")
    stopping = tus.app.extensions["jobs"].stopping
    join = joining.join
    monkeypatch.setattr(joining, "join", lambda *given: (join(*given), stopping.set())[0])
    work(tus, "prepare")
    assert (sending.video_row().state, sending.video_row().job_state) == ("preparing", DUE)
    assert sending.bytes() == films.take()
    monkeypatch.setattr(joining, "join", join)
    stopping.clear()
    work(tus, "prepare")
    assert sending.video_row().state == "ready"


def test_a_worker_that_lost_its_row_publishes_nothing(tus: Tus, monkeypatch: pytest.MonkeyPatch) -> None:
    sending = send(tus, films.take())
    finish = ingesting.LiveTake.finish

    def robbed(self: Any) -> Any:
        with tus.app.app_context(), writing() as session:
            session.execute(sa.update(Upload).values(job_owner="somebody else"))
        return finish(self)

    monkeypatch.setattr(ingesting.LiveTake, "finish", robbed)
    work(tus, "live")
    assert sending.video_row().state == "preparing"
    assert kinds(sending) == {}
    assert list(tus.app.extensions["storage"].keys("video/")) == []


def test_a_take_that_pauses_frees_its_worker_and_goes_on(tus: Tus, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ingesting, "PARK_S", 0.2)
    first, second = films.slices(films.take(), 2)
    sending = tus.begin(kind="take")
    sending.patch(0, first)
    work(tus, "live")
    assert sending.row().job_state == IDLE
    sending.patch(len(first), second, Upload_Length=str(len(films.take())))
    assert sending.row().job_state == DUE
    work(tus, "live")
    assert sending.video_row().state == "playable"


def test_a_silent_take_that_was_closed_can_be_seen(tus: Tus) -> None:
    from vidmsg.videos import closing

    sending = tus.begin(kind="take")
    sending.patch(0, films.take())
    with tus.app.app_context(), writing() as session:
        session.execute(sa.update(Upload).values(moved_at=clock.now() - closing.SILENCE * 2))
    with tus.app.app_context():
        closing.tick(tus.app.extensions["storage"])
    work(tus, "live")
    assert sending.video_row().state == "playable"


def test_a_damaged_piece_is_never_made_into_a_video(tus: Tus) -> None:
    sending = send(tus, films.take(), kind="file")
    with tus.app.app_context(), writing() as session:
        session.execute(sa.update(Chunk).where(Chunk.offset == 0).values(sha256="0" * 64))
    work(tus, "prepare")
    assert kinds(sending) == {}
    with tus.app.app_context(), reading() as session:
        assert session.get_one(Video, sending.video).job_state == DUE  # tried again, never forgotten
    assert sending.bytes() == films.take()


def test_new_visitors_get_the_standard_rendition(tus: Tus) -> None:
    sending = send(tus, films.take())

    def playing() -> str:
        with tus.app.app_context(), reading() as session:
            found = renditions.playable(session, session.get_one(Video, sending.video))
            return found.kind if found else ""

    assert playing() == ""
    work(tus, "live")
    assert playing() == "quick"
    work(tus, "prepare")
    assert playing() == "standard"


@pytest.mark.parametrize("says", ["the file", "the system"])
def test_a_disk_that_fills_up_during_the_work_is_not_counted_against_the_video(
    tus: Tus, monkeypatch: pytest.MonkeyPatch, says: str
) -> None:
    sending = send(tus, films.take(), kind="file")
    error = Refused("damaged", "This file is damaged.") if says == "the file" else OSError(errno.ENOSPC, "No space")

    def fail(*_: Any, **__: Any) -> None:
        monkeypatch.setattr(workplace.shutil, "disk_usage", lambda _path: SimpleNamespace(free=0))
        raise error

    with monkeypatch.context() as full:
        for _ in range(3):
            full.setattr(quick, "copy_quick", fail)
            full.setattr(workplace.shutil, "disk_usage", lambda _path: SimpleNamespace(free=10**12))
            work(tus, "prepare")
            with tus.app.app_context(), writing() as session:
                session.execute(sa.update(Video).values(job_due_at=clock.now()))
    monkeypatch.undo()
    assert sending.video_row().state == "preparing"
    work(tus, "prepare")
    assert sending.video_row().state == "ready"


@pytest.mark.parametrize("queues", [["live"], ["live", "prepare"]], ids=["playable", "ready"])
def test_a_take_whose_page_was_closed_is_no_part_when_all_of_it_came(tus: Tus, queues: list[str]) -> None:
    film = films.take()
    sending = send(tus, film[: len(film) // 2])  # the browser was closed in the middle of writing
    for queue in queues:
        work(tus, queue)
    told = tus.browser.get(f"/videos/{sending.video}/state").json
    assert (told["state"], told["problems"]) == ("playable" if queues == ["live"] else "ready", [])
