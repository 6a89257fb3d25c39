"""Children are limited, know nothing of our settings, and end with us."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest

from tests.media_samples import playlists, sample
from tests.unit.media.conftest import Canary
from vidmsg.media import sandbox
from vidmsg.media.sandbox import ChildFailed, Limits

ROOMY = Limits(cpu_s=30, memory_mib=1024, file_mib=10, wall_s=60)
SLEEP = shutil.which("sleep") or "/bin/sleep"


def script(folder: Path, code: str) -> list[str]:
    path = folder / "child.py"
    path.write_text(code)
    return [f"@{path}"]


def until(true: Callable[[], bool], seconds: float = 20) -> None:
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, "it did not happen"
        time.sleep(0.02)


def gone(pid: int) -> bool:
    try:
        return psutil.Process(pid).status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True


@pytest.mark.parametrize("lifeline", [False, True], ids=["linux", "portable"])
def test_a_child_that_uses_too_much_processor_time_is_ended(tmp_path: Path, lifeline: bool) -> None:
    busy = script(tmp_path, "while True: pass")
    child = sandbox.start(busy, Limits(cpu_s=1, memory_mib=512, file_mib=1, wall_s=60), lifeline=lifeline)
    with pytest.raises(ChildFailed) as failure:
        child.wait()
    assert failure.value.out_of_time
    assert not failure.value.timed_out


def test_a_child_that_takes_too_long_is_ended_with_its_group(tmp_path: Path) -> None:
    code = f"import subprocess, sys\nprint(subprocess.Popen(['{SLEEP}', '600']).pid, flush=True)\nsys.stdin.read()"
    child = sandbox.start(script(tmp_path, code), Limits(30, 512, 1, wall_s=1), stdin=True)
    grandchild = int(child.answer(20))
    with pytest.raises(ChildFailed) as failure:
        child.wait()
    assert failure.value.timed_out
    until(lambda: gone(grandchild))


def test_a_child_gets_no_more_memory_than_it_may(tmp_path: Path) -> None:
    with pytest.raises(ChildFailed) as failure:
        sandbox.start(script(tmp_path, "bytearray(1 << 30)"), Limits(30, 256, 1, 60)).wait()
    assert "MemoryError" in failure.value.stderr


def test_a_child_writes_no_larger_file_than_it_may(tmp_path: Path) -> None:
    code = f"open({str(tmp_path / 'big')!r}, 'wb').write(bytes(3 << 20))"
    with pytest.raises(ChildFailed):
        sandbox.start(script(tmp_path, code), Limits(30, 512, 1, 60)).wait()
    assert (tmp_path / "big").stat().st_size <= 1 << 20


def test_a_child_does_not_see_our_settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TWILIO_AUTH_TOKEN", "secret")
    child = sandbox.start(script(tmp_path, "import os, sys\nprint(sorted(os.environ), sys.argv[1:])"), ROOMY)
    assert "TWILIO" not in child.answer(20)
    child.wait()


def test_the_tail_of_what_a_child_said_is_kept(tmp_path: Path) -> None:
    code = "import sys\nsys.stderr.write('x' * 100_000 + 'the reason')\nsys.exit(3)"
    with pytest.raises(ChildFailed) as failure:
        sandbox.start(script(tmp_path, code), ROOMY).wait()
    assert failure.value.code == 3
    assert failure.value.stderr.endswith("the reason")
    assert len(failure.value.stderr) < 20_000


def test_feeding_a_child_that_reads_nothing_does_not_wait_for_ever(tmp_path: Path) -> None:
    child = sandbox.start([SLEEP, "600"], ROOMY, stdin=True)
    with pytest.raises(TimeoutError):
        child.feed(bytes(1 << 20), timeout_s=0.2)
    child.kill()
    assert not child.running()


def test_feeding_a_child_that_ended_says_so() -> None:
    child = sandbox.start([shutil.which("true") or "/bin/true"], ROOMY, stdin=True)
    until(lambda: not child.running())
    with pytest.raises(BrokenPipeError):
        child.feed(bytes(1 << 20), timeout_s=5)
    child.kill()


PARENT = """
import sys, threading, time
from pathlib import Path
import psutil
from vidmsg.media import sandbox
from vidmsg.media.sandbox import Limits
children = []
def family():
    first = psutil.Process(children[0].pid)
    return [first, *first.children(recursive=True)]
def begin():
    limits = Limits(cpu_s=30, memory_mib=512, file_mib=1, wall_s=60)
    children.append(sandbox.start([{sleep!r}, "600"], limits, lifeline={lifeline}))
    while not any({sleep!r} in one.cmdline()[:1] for one in family()):
        time.sleep(0.01)
starting = threading.Thread(target=begin)
starting.start()
task = Path(f"/proc/self/task/{{starting.native_id}}")
starting.join()
while task.exists():
    time.sleep(0.01)
print(*[one.pid for one in family()], flush=True)
sys.stdin.read()
"""


@pytest.mark.parametrize("lifeline", [False, True], ids=["linux", "portable"])
def test_a_child_outlives_the_thread_that_asked_for_it_but_not_its_parent(lifeline: bool) -> None:
    code = PARENT.format(sleep=SLEEP, lifeline=lifeline)
    parent = subprocess.Popen(
        [sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        env={**os.environ, "PYTHONPATH": str(Path(sandbox.__file__).parents[2])},
    )  # fmt: skip
    assert parent.stdout is not None
    family = [int(pid) for pid in parent.stdout.readline().split()]
    assert any(not gone(pid) and SLEEP in psutil.Process(pid).cmdline()[:1] for pid in family)
    parent.send_signal(signal.SIGKILL)
    parent.communicate()
    until(lambda: all(gone(one) for one in family))


@pytest.mark.parametrize("kind", ["hls", "hls_bom", "ffconcat", "dash"])
@pytest.mark.parametrize("way", ["file", "stdin"])
def test_ffmpeg_opens_no_file_that_a_playlist_names(tmp_path: Path, canary: Canary, kind: str, way: str) -> None:
    upload = tmp_path / "upload.m3u8"
    upload.write_bytes(playlists(f"file://{canary.path}")[kind])
    output = ["-c", "copy", f"file:{tmp_path / 'out.mp4'}"]
    if way == "file":
        with pytest.raises(ChildFailed):
            sandbox.run_ffmpeg([*sandbox.untrusted_file(upload), *output], ROOMY)
    else:
        child = sandbox.ffmpeg([*sandbox.untrusted_stdin("mp4"), *output], ROOMY, stdin=True)
        child.feed(upload.read_bytes(), 20)
        child.close_input()
        with pytest.raises(ChildFailed):
            child.wait()
    assert not canary.opened.is_set()


def test_ffmpeg_reads_a_video_under_the_same_limits(tmp_path: Path) -> None:
    sandbox.run_ffmpeg([*sandbox.untrusted_file(sample("plain")), "-f", "null", "-"], ROOMY)
