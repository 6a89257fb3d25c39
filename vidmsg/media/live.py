"""Follows a take while it is being recorded: every slice goes to a file of raw bytes at once, and from there into one
ffmpeg, so that only the tail is left to do at Stop. It knows slices in order and nothing else; where they come from,
and where the result goes, is the caller's business. The raw file stays for making the standard rendition."""

import threading
import time
from collections.abc import Callable
from pathlib import Path

from vidmsg.media import loudness, quick, sandbox
from vidmsg.media.loudness import METER
from vidmsg.media.normalise import AUDIO, CONTAINER, HEARD, RATE, VIDEO, encode_limits, fitted, picture
from vidmsg.media.probe import MOST_SECONDS, Probe, Prober
from vidmsg.media.quick import LiveResult, Mode
from vidmsg.media.refusals import Refused
from vidmsg.media.sniff import ENOUGH, Sniffed, sniff

PIECE = 256 * 1024
STALL_S = 60.0
FINISH_S = 300.0


def always() -> bool:
    """The default answer to "may this take be encoded live?": yes."""
    return True


class LiveTake:
    """One running take. `feed` the slices in order, then `finish` or `abort`; not for two threads at once.
    `may_encode` is asked once, when the take is not H.264: a live encode wants a free core."""

    def __init__(
        self, workdir: Path, *, max_seconds: float = MOST_SECONDS, may_encode: Callable[[], bool] = always
    ) -> None:
        workdir.mkdir(parents=True, exist_ok=True)
        self.raw = workdir / "take.raw"
        self._out = workdir / "quick.mp4"
        self._file = self.raw.open("wb")
        self._head = bytearray()
        self._max_seconds = max_seconds
        self._may_encode = may_encode
        self._sniffed: Sniffed | None = None
        self._mode: Mode = "none"
        self._child: sandbox.Child | None = None
        self._prober: Prober | None = None
        self._pump: threading.Thread | None = None
        self._grown = threading.Condition()
        self._length = 0
        self._ended = False
        self._trouble = ""

    @property
    def mode(self) -> Mode:
        """What is being done while the take runs: "none" before its kind is known, and when nothing can be."""
        return self._mode

    def feed(self, data: bytes) -> None:
        """Take the next slice. Costs one write to a file; never waits for ffmpeg."""
        self._file.write(data)
        self._file.flush()
        with self._grown:
            self._length += len(data)
            self._grown.notify()
        if self._sniffed is None:
            self._head += data[: ENOUGH - len(self._head)]
            self._sniffed = sniff(bytes(self._head))
            if self._sniffed is not None:
                self._head.clear()
                self._begin(self._sniffed)

    def finish(self, timeout_s: float = FINISH_S) -> LiveResult:
        """No more slices come: end ffmpeg's work and check it against the take. `timeout_s` bounds the waiting for
        an encode that fell behind (reason "behind": make it from `raw` later). Never Refused."""
        deadline = time.monotonic() + timeout_s
        self._end()
        prober = self._prober or Prober()
        try:
            if self._child is None or self._pump is None:
                return quick.nothing("later", self._take(prober))
            take = self._take(prober)
            self._pump.join(max(0.0, deadline - time.monotonic()))
            if self._pump.is_alive():
                return quick.nothing("behind", take)
            said = self._child.wait(max(0.0, deadline - time.monotonic()))
            if self._trouble:
                return quick.nothing(self._trouble, take)
            return quick.verified(prober, self._mode, self._out, take, loudness.heard(said), self._max_seconds)
        except Refused as refusal:
            return quick.nothing(refusal.code)
        except sandbox.ChildFailed as failure:
            return quick.nothing("behind" if failure.timed_out else "failed", take)
        finally:
            self._clean_up(prober)

    def abort(self) -> None:
        """Stop at once, as when the worker ends; the raw file stays."""
        self._end()
        self._clean_up(self._prober)

    def _take(self, prober: Prober) -> Probe:
        return prober.probe(self.raw, max_bytes=None, max_seconds=None)

    def _begin(self, kind: Sniffed) -> None:
        if kind.video is None:
            return
        if kind.video == "h264":
            self._mode, limits = "copy", quick.LIMITS
            output = quick.copy_output(kind.audio, self._out, self._max_seconds)
        elif kind.width and kind.height and self._may_encode():
            self._mode, limits = "encode", encode_limits(self._max_seconds, kind.width, kind.height)
            output = encode_output(kind, self._out, self._max_seconds)
        else:
            return
        arguments = [*sandbox.untrusted_stdin(kind.container), *output]
        self._child = sandbox.ffmpeg(arguments, limits, stdin=True)
        self._prober = Prober()
        self._pump = threading.Thread(target=self._pump_raw, args=(self._child,), name="media-pump", daemon=True)
        self._pump.start()

    def _pump_raw(self, child: sandbox.Child) -> None:
        """Carry the raw file into ffmpeg as it grows. A closed pipe is an end, not an error: at the longest
        length ffmpeg has all it wants."""
        try:
            with self.raw.open("rb") as raw:
                while self._more_than(raw.tell()):
                    child.feed(raw.read(PIECE), STALL_S)
        except BrokenPipeError:
            pass
        except (TimeoutError, ValueError, OSError):
            self._trouble = "failed"
            child.kill()
        finally:
            child.close_input()

    def _more_than(self, sent: int) -> bool:
        """Wait until there is more than was sent; False at the end of the take."""
        with self._grown:
            self._grown.wait_for(lambda: self._length > sent or self._ended)
            return self._length > sent

    def _end(self) -> None:
        self._file.close()
        with self._grown:
            self._ended = True
            self._grown.notify()

    def _clean_up(self, prober: Prober | None) -> None:
        if self._child is not None:
            self._child.end()
            if self._pump is not None:  # it writes to the child's input until that breaks, so it goes first
                self._pump.join()
            self._child.kill()
        if prober is not None:
            prober.close()


def encode_output(kind: Sniffed, path: Path, seconds: float) -> list[str]:
    """Arguments of the live encode: the standard picture; the sound as it is, listened to on the way and levelled
    afterwards (quick.level), because loudness is known only at the end."""
    size = fitted(kind.width, kind.height)
    heard = [] if kind.audio is None else ["-map", "0:a:0?", "-af", f"{HEARD},{METER}", *AUDIO]
    return [
        "-map",
        "0:v:0",
        "-vf",
        f"{picture(size)},fps={RATE}",
        *VIDEO,
        *heard,
        "-max_muxing_queue_size",
        "20000",
        "-t",
        f"{seconds:.3f}",
        *CONTAINER,
        f"file:{path}",
    ]
