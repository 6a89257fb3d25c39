"""Processes really ended: by Ctrl-C, by SIGKILL of the parent, of the worker, of all at once."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path

import imageio_ffmpeg
import pytest
import requests

from tests import cast
from tests.bench.people import Rep, patch
from tests.server import Server, alive, serving, wait_for
from vidmsg.database import writing


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    """A fresh installation as real processes."""
    with serving(tmp_path / "installation") as running:
        running.wait_for_worker()
        yield running


@pytest.fixture(scope="module")
def long_file(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """A file that is quickly made and takes several seconds to prepare."""
    path = tmp_path_factory.mktemp("clips") / "long.mp4"
    scene = ["-f", "lavfi", "-i", "testsrc2=size=640x360:rate=30", "-f", "lavfi", "-i", "sine", "-t", "25"]
    codecs = ["-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p", "-c:a", "aac"]
    subprocess.run([imageio_ffmpeg.get_ffmpeg_exe(), "-v", "error", *scene, *codecs, str(path)], check=True)
    return path.read_bytes()


def busy(server: Server, data: bytes) -> tuple[Rep, str]:
    """Bring the worker to a long encode, and return when ffmpeg runs."""
    with server.app().app_context(), writing() as session:
        people = cast.put_in(session)
    rep = Rep(server, people.bob.email)
    address, video = rep.create(kind="file", person=people.maria.id, content_type="video/mp4", length=len(data))
    patch(address, data, 0)
    wait_for(lambda: [p for p in server.family() if "ffmpeg" in p.name()], "ffmpeg to run", 60)
    return rep, video


def test_ctrl_c_ends_everything_and_hands_the_running_job_back(server: Server, long_file: bytes) -> None:
    _, video = busy(server, long_file)
    before = server.family()
    server.stop()
    assert server.process is not None
    assert server.process.returncode == 0
    wait_for(lambda: not alive(before), f"all to end: {alive(before)}")
    server.start()
    again = Rep(server, "bob@harborspa.example")
    wait_for(lambda: again.state(video)["state"] == "ready", "the video to be ready after all", 120)


def test_a_killed_parent_leaves_no_child_behind(server: Server, long_file: bytes) -> None:
    busy(server, long_file)
    before = server.family()
    server.kill_web()
    wait_for(lambda: not alive(before), "worker and ffmpeg to end by themselves")


def test_a_killed_worker_takes_its_ffmpeg_along_and_is_replaced(server: Server, long_file: bytes) -> None:
    rep, video = busy(server, long_file)
    before = server.family()[1:]
    first = server.wait_for_worker()
    server.kill_worker()
    wait_for(lambda: not alive(before), "the worker's children to end with it")
    wait_for(lambda: (found := server.worker()) and found.pid != first.pid, "another worker")
    # Its job is taken up when the dead worker's lease is over: time moves on by more than the lease.
    server.move_clock(90)
    wait_for(lambda: rep.state(video)["state"] == "ready", "the video to be ready after all", 120)


def test_a_used_port_is_told_in_a_sentence(server: Server, tmp_path: Path) -> None:
    second = Server(tmp_path / "second", {"PORT": str(server.port)})
    with pytest.raises(AssertionError, match=r"Port \d+ can't be used"):
        second.start()
    assert requests.get(f"{server.url}/health", timeout=5).text == "vidmsg"
