"""The still that stands for a video: sharp, not black, upright, no larger than the video we send. Candidates come
from ffmpeg as plain pixels, or for a take in a hurry from a few seeks; choosing is done here with Pillow, on our own
pictures only."""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

from PIL import Image, ImageFilter, ImageStat

from vidmsg.media import sandbox
from vidmsg.media.normalise import encode_limits, fitted, picture
from vidmsg.media.probe import Probe
from vidmsg.media.refusals import refused

CANDIDATES = 8
SEEKS = 6
NOT_BEFORE_S = 0.4
"""Cameras need a moment to find light and focus."""
FAR_BETWEEN_S = 2.5
PAST_KEY_S = 0.2
"""ffmpeg aims 0.13 s before the asked place where pictures are reordered, and would begin one key picture earlier."""
DARKEST, BRIGHTEST, LEAST_SPREAD = 28, 228, 18
DARK_MEAN, FLAT_SPREAD = 12, 6
LAPLACE = ImageFilter.Kernel((3, 3), (0, 1, 0, 1, -4, 1, 0, 1, 0), scale=1, offset=128)
QUALITY = 82
MOST_BYTES = 75_000
"""So much comes over Slow 4G in half a second: the customer's page is painted within one."""


@dataclass(frozen=True)
class Poster:
    """A written poster; `dark` says that even the best candidate is black, or of one colour
    all over, as with a covered lens."""

    path: Path
    width: int
    height: int
    dark: bool


def poster(source: Path, probe: Probe, out: Path) -> Poster:
    """Make a poster from a file as it is, decoding few pictures. Refused("damaged") when none can be decoded."""
    times = seek_times(probe)
    size = fitted(probe.width, probe.height)
    filters = f"{picture(size, probe.transfer)},format=rgb24"
    inputs = [part for at in times for part in sandbox.untrusted_file(source, "-ss", f"{at:.3f}")]
    candidates = [out.with_name(f"{out.stem}-{number}.ppm") for number in range(len(times))]
    outputs = [
        part
        for number, path in enumerate(candidates)
        for part in (
            "-map",
            f"{number}:{probe.video_index}",
            "-frames:v",
            "1",
            "-vf",
            filters,
            f"file:{path}",
        )
    ]
    try:
        sandbox.run_ffmpeg(["-loglevel", "error", *inputs, *outputs], encode_limits(20, probe.width, probe.height))
    except sandbox.ChildFailed as failure:
        if not any(path.exists() for path in candidates):
            raise refused("damaged") from failure
    return keep_best(candidates, out)


def seek_times(probe: Probe) -> list[float]:
    """Where to look, in seconds: spread over the key pictures, where decoding is cheap; where these are rare,
    soon after them, because reaching any other place means decoding everything before it."""
    end = max(0.0, probe.video_last_s)
    keys = [at for at in probe.key_times if at <= end] or [0.0]
    if len(keys) >= SEEKS // 2 and keys[-1] / len(keys) <= FAR_BETWEEN_S:
        usable = [min(at + PAST_KEY_S, end) for at in keys if at >= NOT_BEFORE_S] or keys
        return usable[:: max(1, len(usable) // SEEKS)][:SEEKS]
    gaps = [*[after - at for at, after in pairwise(keys)], end - keys[-1]]
    near = [at + step for at, gap in zip(keys, gaps, strict=True) for step in (0.5, 1.2, 2.0) if step <= gap]
    return near[:: max(1, len(near) // SEEKS)][:SEEKS] or [end / 2]


def keep_best(candidates: Iterable[Path], out: Path) -> Poster:
    """Choose the sharpest picture that shows something, write it as JPEG, remove the candidates."""
    existing = [path for path in candidates if path.exists() and path.stat().st_size]
    if not existing:
        raise refused("damaged")
    try:
        best = max(existing, key=_worth)
        with Image.open(best) as image:
            shown = image.convert("RGB")
        write_jpeg(shown, out, MOST_BYTES)
        light = ImageStat.Stat(shown.convert("L"))
        dark = light.mean[0] < DARK_MEAN or light.stddev[0] < FLAT_SPREAD
        return Poster(out, shown.width, shown.height, dark)
    finally:
        for path in existing:
            path.unlink()


def write_jpeg(image: Image.Image, out: Path, most_bytes: int) -> None:
    """Write a progressive JPEG, in steps of lower quality until it is small enough."""
    for quality in (QUALITY, 72, 60, 45, 30):
        image.save(out, "JPEG", quality=quality, optimize=True, progressive=True)
        if out.stat().st_size <= most_bytes:
            return


def _worth(path: Path) -> tuple[bool, float]:
    """Whether it shows anything, and how sharp it is (variance of the Laplacian)."""
    with Image.open(path) as image:
        grey = image.convert("L")
    light = ImageStat.Stat(grey)
    shows = DARKEST <= light.mean[0] <= BRIGHTEST and light.stddev[0] >= LEAST_SPREAD
    grey.thumbnail((640, 640))
    return shows, ImageStat.Stat(grey.filter(LAPLACE)).var[0]
