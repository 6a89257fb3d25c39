"""No take is lost: real processes, killed in the middle. What is kept equals what was sent, byte for byte, and a video
comes of it."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from tests.bench.people import Rep, patch, seed
from tests.server import Server, serving, wait_for
from tests.unit.videos import films
from vidmsg.database import reading
from vidmsg.media.probe import probe
from vidmsg.storage import Storage
from vidmsg.videos.models import Chunk, Rendition, Upload

pytestmark = pytest.mark.slow
SECONDS = 6
PIECES = 6


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    with serving(tmp_path / "installation") as running:
        running.wait_for_worker()
        yield running


class Recording:
    """A take on its way, as a recorder sends it."""

    def __init__(self, server: Server, codec: str = "h264") -> None:
        people = seed(server)
        self.server = server
        self.rep = Rep(server, people.bob.email)
        self.film = films.take(codec, SECONDS)
        self.pieces = films.slices(self.film, PIECES)
        self.address, self.video = self.rep.create(
            kind="take", person=people.maria.id, content_type="video/webm", length=None
        )
        self.upload = self.address.split("/")[-2]

    def send(self, first: int, last: int) -> None:
        """Pieces `first` up to `last`, the last of all with the length."""
        size = len(self.pieces[0])
        for number in range(first, last):
            length = len(self.film) if number == PIECES - 1 else None
            patch(self.address, self.pieces[number], number * size, length)

    def offset(self) -> int:
        answer = requests.head(self.address, headers={"Tus-Resumable": "1.0.0"}, timeout=10)
        return int(answer.headers["Upload-Offset"])

    def kept(self) -> bytes:
        """The recorded chunks, joined."""
        app = self.server.app()
        with app.app_context(), reading() as session:
            chunks = session.query(Chunk).filter_by(upload_id=self.upload).order_by(Chunk.offset)
            return b"".join(app.extensions["storage"].get_bytes(chunk.key) for chunk in chunks)

    def followed(self) -> bool:
        """Whether a worker follows it just now."""
        with self.server.app().app_context(), reading() as session:
            return session.get_one(Upload, self.upload).job_state == "running"

    def ready(self, folder: Path) -> float:
        """Wait for the standard rendition; how long it plays."""

        def _ready() -> bool:
            state: str = self.rep.state(self.video)["state"]
            assert state not in {"failed", "refused"}
            return state == "ready"

        wait_for(_ready, "the video to be ready", 120)
        app = self.server.app()
        with app.app_context(), reading() as session:
            rows = session.query(Rendition).filter_by(video_id=self.video, kind="standard").all()
            assert [row.number for row in rows] == [1]
            storage: Storage = app.extensions["storage"]
            storage.fetch(rows[0].key, folder / "standard.mp4")
        return probe(folder / "standard.mp4").duration_s


@pytest.fixture
def shorter_leases(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A clock that can be moved on, so that a test need not wait for a dead worker's lease."""
    clock = tmp_path / "clock"
    clock.write_text("0")
    monkeypatch.setenv("VIDMSG_CLOCK_FILE", str(clock))
    return clock


@pytest.mark.parametrize("codec", ["h264", "vp8"])
def test_the_worker_is_killed_while_it_follows_a_take(tmp_path: Path, shorter_leases: Path, codec: str) -> None:
    with serving(tmp_path / "installation", {"VIDMSG_CLOCK_FILE": str(shorter_leases)}) as server:
        server.wait_for_worker()
        take = Recording(server, codec)
        take.send(0, 3)
        wait_for(take.followed, "a worker to follow the take")
        server.kill_worker()
        take.send(3, PIECES - 1)
        assert take.kept() == take.film[: len(take.pieces[0]) * (PIECES - 1)]
        shorter_leases.write_text("90")  # the dead worker's lease is over
        server.wait_for_worker()
        take.send(PIECES - 1, PIECES)
        assert take.ready(tmp_path) == pytest.approx(SECONDS, abs=0.3)


def test_the_web_is_killed_and_the_take_goes_on(server: Server, tmp_path: Path) -> None:
    take = Recording(server)
    take.send(0, 3)
    server.kill_web()
    with pytest.raises(requests.ConnectionError):
        take.send(3, 4)
    server.start()
    assert take.offset() == 3 * len(take.pieces[0])
    assert take.kept() == take.film[: take.offset()]
    take.send(3, PIECES)
    assert take.ready(tmp_path) == pytest.approx(SECONDS, abs=0.3)


def test_the_power_goes_in_the_middle_of_a_piece(tmp_path: Path, shorter_leases: Path) -> None:
    with serving(tmp_path / "installation", {"VIDMSG_CLOCK_FILE": str(shorter_leases)}) as server:
        server.wait_for_worker()
        take = Recording(server)
        take.send(0, 3)
        confirmed = take.offset()
        sending = threading.Thread(target=_send_and_fail, args=(take,))
        sending.start()
        server.kill_all()
        sending.join()
        server.start()
        shorter_leases.write_text("90")
        offset = take.offset()
        assert offset >= confirmed
        assert take.kept() == take.film[:offset]
        patch(take.address, take.film[offset:], offset, len(take.film))  # a broken piece may have been kept in part
        assert take.ready(tmp_path) == pytest.approx(SECONDS, abs=0.3)


def test_ctrl_c_hands_the_take_back_at_once(server: Server, tmp_path: Path) -> None:
    take = Recording(server)
    take.send(0, 3)
    wait_for(take.followed, "a worker to follow the take")
    server.stop()
    with server.app().app_context(), reading() as session:
        row = session.get_one(Upload, take.upload)
        assert (row.job_state, row.job_owner) == ("due", None)
    server.start()
    take.send(3, PIECES)
    assert take.ready(tmp_path) == pytest.approx(SECONDS, abs=0.3)


def test_two_recorders_race_for_one_offset(server: Server, tmp_path: Path) -> None:
    take = Recording(server)
    together = threading.Barrier(4)

    def race(number: int) -> None:
        together.wait()
        with contextlib.suppress(requests.HTTPError):
            patch(take.address, take.pieces[number], number * len(take.pieces[0]))

    for number in range(PIECES - 1):
        racers = [threading.Thread(target=race, args=(number,)) for _ in range(4)]
        for racer in racers:
            racer.start()
        for racer in racers:
            racer.join()
    assert take.kept() == take.film[: take.offset()]
    assert take.offset() == (PIECES - 1) * len(take.pieces[0])
    take.send(PIECES - 1, PIECES)
    assert take.ready(tmp_path) == pytest.approx(SECONDS, abs=0.3)


def _send_and_fail(take: Recording) -> None:
    with contextlib.suppress(requests.RequestException):
        take.send(3, PIECES)
