"""The only starter of ffmpeg and of the Python children that touch untrusted bytes. It gives each child limits
(processor time, memory, file size), a process group of its own, an environment without our settings, and a life
that ends with ours, after SIGKILL too (launcher.py). It may not know what the bytes mean.
"""

import contextlib
import os
import queue
import selectors
import signal
import subprocess
import sys
import threading
import time
import weakref
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import IO

import imageio_ffmpeg

from vidmsg.media.starter import in_starter_thread

LAUNCHER = Path(__file__).with_name("launcher.py")
MIB = 1024 * 1024
STDERR_KEPT = 16_384
STDOUT_KEPT = 4 * MIB
MAX_PIXELS = 16_777_216
FORMATS = "mov,mp4,m4a,3gp,3g2,mj2,matroska,webm"
"""The only containers that are opened: playlists and lists of other files are not among them (video.md, section 2)."""


_children: "weakref.WeakSet[Child]" = weakref.WeakSet()


@dataclass(frozen=True)
class Limits:
    """What one child may use: processor seconds, MiB of address space, MiB of one written file, seconds by the wall."""

    cpu_s: int
    memory_mib: int
    file_mib: int
    wall_s: float


_ENDED_FOR_TIME = {sign for kind in (signal.SIGXCPU, signal.SIGKILL) for sign in (-kind, 128 + kind)}
"""Exit codes of a child that used up its processor time, as Python says them and as launcher.py passes them on."""


class ChildFailed(Exception):
    """A child ended badly. `code` is its exit code (negative: the signal), `timed_out` says that we ended it,
    `stderr` is the tail of what it said: for the log, it may name files."""

    def __init__(self, code: int | None, stderr: str, *, timed_out: bool = False) -> None:
        super().__init__(f"child ended with {'a timeout' if timed_out else code}")
        self.code = code
        self.stderr = stderr
        self.timed_out = timed_out

    @property
    def out_of_time(self) -> bool:
        """True when it was ended for using too much processor time or too much time by the wall."""
        return self.timed_out or self.code in _ENDED_FOR_TIME


class Child:
    """A running child. One thread reads its stdout and stderr, so that it never waits for us."""

    def __init__(
        self,
        process: "subprocess.Popen[bytes]",
        limits: Limits,
        lifeline: int | None,
        on_line: Callable[[str], None] | None,
    ) -> None:
        self._process = process
        self._limits = limits
        self._lifeline = lifeline
        self._on_line = on_line
        self._stderr = bytearray()
        self._stdout = bytearray()
        self._answers: queue.Queue[str | None] = queue.Queue()
        self._deadline = time.monotonic() + limits.wall_s
        if process.stdin is not None:
            os.set_blocking(process.stdin.fileno(), False)
        self._reader = threading.Thread(target=self._read, name="media-reader", daemon=True)
        self._reader.start()
        _children.add(self)

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def stderr(self) -> str:
        return self._stderr.decode("utf-8", "replace")

    def running(self) -> bool:
        return self._process.poll() is None

    def feed(self, data: bytes, timeout_s: float) -> None:
        """Write to the child's stdin; at most `timeout_s` without any progress, then TimeoutError.
        BrokenPipeError when the child reads no more (it ended, or has all it wants)."""
        stdin = self._stdin()
        view = memoryview(data)
        with selectors.DefaultSelector() as ready:
            ready.register(stdin, selectors.EVENT_WRITE)
            while view:
                if not ready.select(timeout_s):
                    raise TimeoutError("the child takes no more data")
                view = view[os.write(stdin.fileno(), view[:65_536]) :]

    def close_input(self) -> None:
        """Tell the child that nothing more comes. Harmless when it is gone."""
        with contextlib.suppress(BrokenPipeError):
            self._stdin().close()

    def answer(self, timeout_s: float) -> str:
        """The next line of the child's stdout (without `on_line`). ChildFailed when it ends or is too slow."""
        try:
            line = self._answers.get(timeout=timeout_s)
        except queue.Empty:
            self.kill()
            raise ChildFailed(self._process.returncode, self.stderr, timed_out=True) from None
        if line is None:
            self.wait()
            raise ChildFailed(self._process.returncode, self.stderr)
        return line

    def wait(self, timeout_s: float | None = None) -> str:
        """Wait for the end and return the tail of stderr; ChildFailed when it did not end well or in time."""
        left = self._deadline - time.monotonic() if timeout_s is None else timeout_s
        try:
            code = self._process.wait(max(0.0, left))
        except subprocess.TimeoutExpired:
            self.kill()
            raise ChildFailed(None, self.stderr, timed_out=True) from None
        self._reader.join(5)
        self._close()
        if code != 0:
            raise ChildFailed(code, self.stderr)
        return self.stderr

    def end(self) -> None:
        """Send the group the last signal and return at once; the thread that waits for the child cleans up."""
        if self._process.poll() is None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self._process.pid, signal.SIGKILL)

    def kill(self) -> None:
        """End the child and its whole group at once, and clean up. Harmless when it is gone."""
        self.end()
        self._process.wait()
        self._reader.join(5)
        self._close()

    def _stdin(self) -> IO[bytes]:
        if self._process.stdin is None:
            raise ValueError("this child was started without an input")
        return self._process.stdin

    def _close(self) -> None:
        for stream in (self._process.stdin, self._process.stdout, self._process.stderr):
            if stream is not None:
                with contextlib.suppress(BrokenPipeError):
                    stream.close()
        if self._lifeline is not None:
            os.close(self._lifeline)
            self._lifeline = None

    def _read(self) -> None:
        assert self._process.stdout is not None
        assert self._process.stderr is not None
        with selectors.DefaultSelector() as ready:
            ready.register(self._process.stdout, selectors.EVENT_READ, self._take_stdout)
            ready.register(self._process.stderr, selectors.EVENT_READ, self._take_stderr)
            while ready.get_map():
                for key, _ in ready.select():
                    data = os.read(key.fd, 65_536)
                    if data:
                        key.data(data)
                    else:
                        ready.unregister(key.fileobj)
        self._answers.put(None)

    def _take_stderr(self, data: bytes) -> None:
        self._stderr += data
        del self._stderr[:-STDERR_KEPT]

    def _take_stdout(self, data: bytes) -> None:
        self._stdout += data
        *lines, rest = bytes(self._stdout).split(b"\n")
        self._stdout = bytearray(rest[-STDOUT_KEPT:])
        for line in lines:
            text = line.decode("utf-8", "replace")
            if self._on_line is None:
                self._answers.put(text)
            else:
                self._on_line(text)


def start(
    program: list[str],
    limits: Limits,
    *,
    stdin: bool = False,
    on_line: Callable[[str], None] | None = None,
    lifeline: bool | None = None,
) -> Child:
    """Start a program (its full path first, or `@script.py`) under these limits. `lifeline` is the portable way
    to end with the parent; left out, it is used where Linux's own is not available."""
    portable = not sys.platform.startswith("linux") if lifeline is None else lifeline
    watched, held = os.pipe() if portable else (None, None)
    tied = f"parent={os.getpid()}" if watched is None else f"lifeline={watched}"
    command = [sys.executable, "-I", "-S", str(LAUNCHER), tied, *_settings(program, limits), "--", *program]
    process = in_starter_thread(
        lambda: subprocess.Popen(
            command,
            stdin=subprocess.PIPE if stdin else subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            bufsize=0,
            process_group=0,
            env=_environment(),
            cwd="/",
            pass_fds=() if watched is None else (watched,),
        )
    )
    if watched is not None:
        os.close(watched)
    return Child(process, limits, held, on_line)


def _settings(program: list[str], limits: Limits) -> list[str]:
    memory, file = limits.memory_mib * MIB, limits.file_mib * MIB
    folders = [f"path={folder}" for folder in sys.path if folder] if program[0].startswith("@") else []
    return [f"cpu={limits.cpu_s}", f"memory={memory}", f"file={file}", "core=0", *folders]


def stop_all() -> None:
    """End every child at once, because this process stops. Whoever waits for one gets ChildFailed, knows that it
    stops, and hands its job back: nothing is known about the file then."""
    for child in list(_children):
        child.end()


def _environment() -> dict[str, str]:
    """Nothing of ours: settings hold secrets, and these children read untrusted bytes."""
    return {"PATH": os.defpath, "LC_ALL": "C.UTF-8", "OPENBLAS_NUM_THREADS": "1"}


@cache
def ffmpeg_binary() -> str:
    """The full path of the one ffmpeg in use, the one that imageio-ffmpeg brings."""
    return str(imageio_ffmpeg.get_ffmpeg_exe())


def ffmpeg(
    arguments: list[str], limits: Limits, *, stdin: bool = False, on_line: Callable[[str], None] | None = None
) -> Child:
    """Start ffmpeg with these arguments; inputs come from `untrusted_file` or `untrusted_stdin`."""
    command = [ffmpeg_binary(), "-nostdin", "-hide_banner", "-nostats", "-y", *arguments]
    return start(command, limits, stdin=stdin, on_line=on_line)


def run_ffmpeg(arguments: list[str], limits: Limits, *, on_line: Callable[[str], None] | None = None) -> str:
    """Run ffmpeg to its end; the tail of its stderr. ChildFailed when it fails."""
    return ffmpeg(arguments, limits, on_line=on_line).wait()


def untrusted_file(path: Path, *before: str) -> list[str]:
    """Input arguments for a file from outside: only that file, only video containers, only bearable pictures.
    `before` are further input options, as -ss."""
    return [*_safely("file"), *before, "-i", f"file:{path.absolute()}"]


def untrusted_stdin(container: str) -> list[str]:
    """Input arguments for a recorder's take that is fed by stdin; `container` is "matroska" or "mp4"."""
    return [*_safely("pipe"), "-f", container, "-i", "pipe:0"]


def _safely(protocol: str) -> list[str]:
    only = ["-protocol_whitelist", protocol, "-format_whitelist", FORMATS]
    return [*only, "-max_pixels", str(MAX_PIXELS), "-threads", "2"]
