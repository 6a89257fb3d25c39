"""What a file from outside really is: size as shown, length by its packets, sound, colours, and whether a part is
missing. Headers are looked at here (containers.py), everything that needs a decoder happens in a limited child
(probe_child.py). It knows no database and no settings; the limits are arguments."""

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from vidmsg.media import containers, sandbox
from vidmsg.media.refusals import clock_length, refused

CHILD = Path(__file__).with_name("probe_child.py")
LIMITS = sandbox.Limits(cpu_s=5, memory_mib=1024, file_mib=1, wall_s=3600)
ANSWER_S = 30.0
MOST_BYTES = 500 * 1024 * 1024
MOST_SECONDS = 180.0
SLACK_S = 1.0
"""A clip of "3:00" has packets a little behind that; what is over is cut."""
MOST_PICTURES_PER_SECOND = 300
LONGEST_GAP_S = 10.0
VIDEO_CODECS = (
    "h264",
    "hevc",
    "vp8",
    "vp9",
    "av1",
    "libdav1d",
    "libvpx",
    "libvpx-vp9",
    "mpeg4",
    "h263",
    "mjpeg",
    "prores",
    "mpeg2video",
    "mpeg1video",
)
HDR_TRANSFERS = {16: "smpte2084", 18: "arib-std-b67"}


@dataclass(frozen=True)
class Probe:
    """A video as measured. Sizes in pixels as a viewer sees them; times in seconds from its first picture or
    sound, by packets; `transfer` is "smpte2084" or "arib-std-b67" for HDR and "" otherwise; `key_times` are the
    places where decoding can begin (the first 400)."""

    width: int
    height: int
    duration_s: float
    has_audio: bool
    video_codec: str
    audio_codec: str | None
    bytes: int
    container: str
    rotation: int
    transfer: str
    frame_rate: float
    packets: int
    audio_packets: int
    video_end_s: float
    video_last_s: float
    audio_end_s: float | None
    key_times: tuple[float, ...]
    video_index: int
    audio_index: int | None
    truncated: bool
    sizes_change: bool

    @property
    def hdr(self) -> bool:
        return bool(self.transfer)

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)


class Prober:
    """A probe child that is ready before it is needed: importing PyAV takes longer than reading a short take.
    All its questions share one allowance of processor time; close it, or use it in a with statement."""

    def __init__(self) -> None:
        self._child = sandbox.start([f"@{CHILD}"], LIMITS, stdin=True)

    def probe(
        self, path: Path, *, max_bytes: int | None = MOST_BYTES, max_seconds: float | None = MOST_SECONDS
    ) -> Probe:
        """Measure one file; see the function `probe`."""
        size = path.stat().st_size
        if size == 0:
            raise refused("empty")
        if max_bytes is not None and size > max_bytes:
            raise refused("too_large", megabytes=max_bytes // (1024 * 1024))
        container = containers.inspect(path)
        facts = self._ask(path, max_seconds)
        result = _probe(facts, container, size)
        if max_seconds is not None and result.duration_s > max_seconds + SLACK_S:
            raise refused("too_long", length=clock_length(result.duration_s), limit=clock_length(max_seconds))
        return result

    def close(self) -> None:
        self._child.kill()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _ask(self, path: Path, max_seconds: float | None) -> dict[str, Any]:
        longest = max(max_seconds or 0.0, 3600.0)
        question = {
            "path": str(path.absolute()),
            "formats": sandbox.FORMATS,
            "codecs": VIDEO_CODECS,
            "most_pixels": sandbox.MAX_PIXELS,
            "most_packets": int((max_seconds or longest) * MOST_PICTURES_PER_SECOND),
        }
        try:
            self._child.feed(json.dumps(question).encode() + b"\n", ANSWER_S)
            facts: dict[str, Any] = json.loads(self._child.answer(ANSWER_S))
        except sandbox.ChildFailed as failure:
            raise refused("too_heavy" if failure.out_of_time else "damaged") from failure
        except (BrokenPipeError, TimeoutError) as failure:
            raise refused("damaged") from failure
        if "refused" in facts:
            raise refused(facts["refused"])
        return facts


def probe(path: Path, *, max_bytes: int | None = MOST_BYTES, max_seconds: float | None = MOST_SECONDS) -> Probe:
    """Measure a file by its bytes and packets, with at most 5 s of processor time and 1 GiB of memory.
    Refused (refusals.py) when it can't be used; None as a limit means no limit, as for a recorder's take.
    Truncated but playable is accepted, with `truncated` set."""
    with Prober() as prober:
        return prober.probe(path, max_bytes=max_bytes, max_seconds=max_seconds)


def _probe(facts: dict[str, Any], container: containers.Container, size: int) -> Probe:
    ends = [facts["video_end_s"], facts["audio_end_s"] or 0.0]
    duration = max(ends)
    if duration <= 0 or facts["video_last_s"] / facts["packets"] > LONGEST_GAP_S:
        raise refused("damaged")
    announced = facts.pop("announced")
    short = announced > facts["packets"] + 1 and container.cut
    cut_piece = container.fragmented and container.cut
    return Probe(
        duration_s=round(duration, 3),
        has_audio=facts["audio_index"] is not None,
        bytes=size,
        container=container.kind,
        transfer=HDR_TRANSFERS.get(facts.pop("transfer"), ""),
        key_times=tuple(facts.pop("key_times")),
        truncated=bool(facts.pop("cut") or short or cut_piece),
        **{name: value for name, value in facts.items() if name != "start_s"},
    )
