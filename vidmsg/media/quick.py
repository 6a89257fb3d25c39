"""The `quick` rendition, playable at once: the picture of an H.264 take is copied, only the container and the sound
are made anew. Here are its recipe, its check against the take, the way to make it from a whole file, and the way to
level the sound of a live encode without touching its picture. It starts nothing by stdin; live.py does."""

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from vidmsg.media import loudness, sandbox
from vidmsg.media.loudness import Loudness
from vidmsg.media.normalise import AUDIO, CONTAINER, HEARD, TIMESCALE, levelled
from vidmsg.media.probe import MOST_SECONDS, Probe, Prober
from vidmsg.media.refusals import Refused, refused

Mode = Literal["copy", "encode", "none"]
COPIED = ["-c:v", "copy", "-video_track_timescale", str(TIMESCALE), "-max_muxing_queue_size", "20000"]
LIMITS = sandbox.Limits(cpu_s=600, memory_mib=1024, file_mib=2048, wall_s=1800)
LENGTH_SLACK_S = 0.2


@dataclass(frozen=True)
class LiveResult:
    """What became of a take. `path` is a playable file, checked against the take, or None with the `reason`:
    "later" (no live encode was wanted), "size_change" (the picture's size changes on the way, a copy would break
    on phones), "length" (the file is shorter than the take), "behind", "failed", or a code of refusals.py when the
    take itself can't be read. `probe` measures the file, `take` the raw take. `whole` says of a live encode that,
    once levelled, it can be the standard rendition."""

    mode: Mode
    path: Path | None
    probe: Probe | None
    take: Probe | None
    loudness: Loudness | None
    reason: str = ""
    whole: bool = False

    @property
    def silent(self) -> bool:
        return self.loudness is None or self.loudness.silent


def nothing(reason: str, take: Probe | None = None, sound: Loudness | None = None) -> LiveResult:
    """A take without a playable file yet."""
    return LiveResult("none", None, None, take, sound, reason)


def copy_output(
    audio: str | None, path: Path, seconds: float, video_map: str = "0:v:0", audio_map: str = "0:a:0"
) -> list[str]:
    """Arguments that copy the picture and listen to the sound on the way. AAC is copied too."""
    length = ["-t", f"{seconds:.3f}"]
    whole = [*COPIED, *length, *CONTAINER, f"file:{path}"]
    if audio is None:
        return ["-map", video_map, *whole]
    if audio == "aac":
        listening = ["-map", audio_map, *loudness.measuring(seconds)]
        return ["-map", video_map, "-map", audio_map, "-c:a", "copy", *whole, *listening]
    heard = ["-af", f"{HEARD},{loudness.METER}", *AUDIO]
    return ["-map", video_map, "-map", audio_map, *heard, *whole]


def copy_quick(source: Path, out: Path, *, max_seconds: float = MOST_SECONDS) -> LiveResult:
    """Make the quick rendition from a whole take, as after a crash. Mode "none" with the reason when it can't be
    copied; Refused never: a take is kept whatever it is."""
    with Prober() as prober:
        try:
            take = prober.probe(source, max_bytes=None, max_seconds=None)
        except Refused as refusal:
            return nothing(refusal.code)
        if take.video_codec != "h264":
            return nothing("later", take)
        output = copy_output(take.audio_codec, out, max_seconds, f"0:{take.video_index}", f"0:{take.audio_index}")
        try:
            said = sandbox.run_ffmpeg([*sandbox.untrusted_file(source), *output], LIMITS)
        except sandbox.ChildFailed:
            return nothing("failed", take)
        return verified(prober, "copy", out, take, loudness.heard(said), max_seconds)


def verified(prober: Prober, mode: Mode, path: Path, take: Probe, sound: Loudness, max_seconds: float) -> LiveResult:
    """Compare a finished file with the take, by packets; the file is given out only when it holds all of it."""
    heard = sound if take.has_audio else None
    try:
        made = prober.probe(path, max_bytes=None, max_seconds=None)
    except Refused:
        return nothing("failed", take, heard)
    if mode == "copy" and (take.sizes_change or made.sizes_change):
        return nothing("size_change", take, heard)
    last = min(take.video_last_s, max_seconds)
    lacking = made.video_last_s < last - LENGTH_SLACK_S
    if mode == "copy" and take.duration_s <= max_seconds:
        lacking = lacking or made.packets < take.packets - 1
    if take.audio_end_s is not None:
        end = min(take.audio_end_s, max_seconds) - LENGTH_SLACK_S
        lacking = lacking or made.audio_end_s is None or made.audio_end_s < end
    if lacking:
        return nothing("length", take, heard)
    held = min(take.duration_s, max_seconds) - made.video_end_s
    return LiveResult(mode, path, made, take, heard, whole=mode == "encode" and held <= 2 * LENGTH_SLACK_S)


def level(source: Path, out: Path, sound: Loudness | None) -> Probe:
    """Bring the sound of one of our own files to -16 LUFS; its picture is copied. Refused("damaged") when the
    result has not every picture of the source."""
    heard = ["-an"] if sound is None else ["-map", "0:a:0", "-af", levelled(sound.gain_db), *AUDIO]
    try:
        sandbox.run_ffmpeg(
            [*sandbox.untrusted_file(source), "-map", "0:v:0", *heard, *COPIED, *CONTAINER, f"file:{out}"],
            LIMITS,
        )
    except sandbox.ChildFailed as failure:
        raise refused("damaged") from failure
    with Prober() as prober:
        before = prober.probe(source, max_bytes=None, max_seconds=None)
        after = prober.probe(out, max_bytes=None, max_seconds=None)
    if after.packets != before.packets or after.has_audio != before.has_audio:
        raise refused("damaged")
    return after
