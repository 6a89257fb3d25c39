"""Makes what customers get from any accepted file: video.mp4 (the `standard` rendition) and poster.jpg, in one pass
over the picture. The sound is measured first, and the result is counted before it is called done. It knows no
database and no settings."""

import errno
import os
import shutil
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from vidmsg.media import loudness, sandbox
from vidmsg.media.loudness import Loudness
from vidmsg.media.normalise import (
    AUDIO,
    CONTAINER,
    RATE,
    VIDEO,
    encode_limits,
    fitted,
    levelled,
    picture,
    pictures_in,
)
from vidmsg.media.poster import CANDIDATES, NOT_BEFORE_S, Poster, keep_best
from vidmsg.media.probe import MOST_BYTES, MOST_SECONDS, Probe, Prober
from vidmsg.media.refusals import refused

Progress = Callable[[float], None]
MISSING_PICTURES = 3
SOUND_SLACK_S = 0.15
FULL_BYTES = 1024 * 1024


@dataclass(frozen=True)
class Prepared:
    """A finished rendition: `probe` measures the result, `source` what it was made from; `loudness` is the
    source's (None without sound); `silent` and `dark` are for telling the rep before anything is sent."""

    video: Path
    poster: Poster
    probe: Probe
    source: Probe
    loudness: Loudness | None

    @property
    def silent(self) -> bool:
        return self.loudness is None or self.loudness.silent

    @property
    def dark(self) -> bool:
        return self.poster.dark


def prepare(
    source: Path,
    out: Path,
    *,
    progress: Progress | None = None,
    max_seconds: float = MOST_SECONDS,
    picked: bool = False,
) -> Prepared:
    """Write out/video.mp4 and out/poster.jpg. A picked file over a limit is Refused; a recorder's take (the
    default) never is for its length, it is cut at `max_seconds`. Refused("damaged") also when the result has not
    the length that the source's packets promise. OSError when `out` can't be written or its disk is full.
    `progress` hears of numbers from 0 to 1."""
    out = out.resolve()  # children work in a folder of their own
    out.mkdir(parents=True, exist_ok=True)
    with Prober() as prober:
        limits = (MOST_BYTES, max_seconds) if picked else (None, None)
        probe = prober.probe(source, max_bytes=limits[0], max_seconds=limits[1])
        seconds = min(probe.duration_s, max_seconds)
        with tempfile.TemporaryDirectory(dir=out, prefix=".making-") as folder:
            making = Path(folder)
            sound = listen(source, probe, seconds)
            encode(source, probe, seconds, sound, making, progress)
            result = checked(prober, making / "video.mp4", seconds)
            still = keep_best(sorted(making.glob("still-*.ppm")), making / "poster.jpg")
            for name in ("video.mp4", "poster.jpg"):
                (making / name).replace(out / name)
    if progress is not None:
        progress(1.0)
    poster = Poster(out / "poster.jpg", still.width, still.height, still.dark)
    return Prepared(out / "video.mp4", poster, result, probe, sound)


def listen(source: Path, probe: Probe, seconds: float) -> Loudness | None:
    """Measure the sound; None when there is none, or none that can be decoded."""
    if probe.audio_index is None:
        return None
    try:
        return loudness.measure(source, probe.audio_index, seconds)
    except sandbox.ChildFailed:
        return None


def encode(
    source: Path,
    probe: Probe,
    seconds: float,
    sound: Loudness | None,
    making: Path,
    progress: Progress | None,
) -> None:
    """The one pass: the picture is decoded once for the video and for the candidates of the poster."""
    arguments = [
        "-loglevel",
        "error",
        "-progress",
        "pipe:1",
        "-stats_period",
        "1",
        *sandbox.untrusted_file(source, "-t", f"{seconds + 1:.3f}"),
        *video_output(probe, seconds, sound, making / "video.mp4"),
        *still_output(probe, seconds, making),
    ]
    try:
        sandbox.run_ffmpeg(
            arguments, encode_limits(seconds, probe.width, probe.height), on_line=_reporter(seconds, progress)
        )
    except sandbox.ChildFailed as failure:
        if shutil.disk_usage(making).free < FULL_BYTES:  # says nothing about the file
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(making.parent)) from failure
        raise refused("too_heavy" if failure.out_of_time else "damaged") from failure


def video_output(probe: Probe, seconds: float, sound: Loudness | None, path: Path) -> list[str]:
    """Arguments for the rendition. The last picture is held as long as the sound goes on."""
    size = fitted(probe.width, probe.height)
    held = max(0.0, seconds - probe.video_last_s) + 0.2
    chain = f"{picture(size, probe.transfer)},fps={RATE},tpad=stop_mode=clone:stop_duration={held:.3f}"
    heard = [] if sound is None else ["-map", f"0:{probe.audio_index}", "-af", levelled(sound.gain_db), *AUDIO]
    return [
        "-map",
        f"0:{probe.video_index}",
        "-vf",
        chain,
        "-frames:v",
        str(pictures_in(seconds)),
        *VIDEO,
        *heard,
        "-t",
        f"{seconds:.3f}",
        *CONTAINER,
        f"file:{path}",
    ]


def still_output(probe: Probe, seconds: float, making: Path) -> list[str]:
    """Arguments for the poster's candidates, spread over the video; scaled after choosing, so nearly free."""
    last = max(0.0, min(probe.video_last_s, seconds))
    first = min(NOT_BEFORE_S, last / 2)
    step = max(0.1, (last - first) / CANDIDATES)
    chosen = f"select='gte(t,{first:.3f})*(isnan(prev_selected_t)+gte(t-prev_selected_t,{step:.3f}))'"
    size = fitted(probe.width, probe.height)
    return [
        "-map",
        f"0:{probe.video_index}",
        "-vf",
        f"{chosen},{picture(size, probe.transfer)},format=rgb24",
        "-fps_mode",
        "passthrough",
        "-frames:v",
        str(CANDIDATES),
        "-f",
        "image2",
        f"file:{making / 'still-%02d.ppm'}",
    ]


def checked(prober: Prober, video: Path, seconds: float) -> Probe:
    """Count the result's packets against the source's length: exit codes and headers are not enough."""
    result = prober.probe(video, max_bytes=None, max_seconds=None)
    wanted = pictures_in(seconds)
    too_short = result.packets < wanted - MISSING_PICTURES or result.packets > wanted
    too_long = result.duration_s > seconds + SOUND_SLACK_S
    if too_short or too_long or result.truncated or abs(result.video_end_s - wanted / RATE) > SOUND_SLACK_S:
        raise refused("damaged")
    return result


def _reporter(seconds: float, progress: Progress | None) -> Callable[[str], None]:
    def report(line: str) -> None:
        name, _, value = line.partition("=")
        if progress is not None and name == "out_time_us" and value.lstrip("-").isdigit():
            progress(max(0.0, min(0.99, int(value) / 1e6 / seconds)))

    return report
