"""The one recipe for what customers get: picture, sound and container settings as ffmpeg arguments. It builds lists
and starts nothing. Source of the settings: the design, "Renditions", and the facts on video, sections 3 and 8."""

from dataclasses import dataclass

from vidmsg.media.sandbox import Limits

LONG_SIDE, SHORT_SIDE = 1280, 720
RATE = 30
TIMESCALE = 15360
"""One time scale for every file of ours, or else joining two of them makes a wrong length without an error."""

VIDEO = [
    "-c:v",
    "libx264",
    "-preset",
    "veryfast",
    "-profile:v",
    "high",
    "-crf",
    "23",
    "-maxrate",
    "1200k",
    "-bufsize",
    "2400k",
    "-pix_fmt",
    "yuv420p",
    "-r",
    str(RATE),
    "-fps_mode",
    "cfr",
    "-threads",
    "2",
    "-video_track_timescale",
    str(TIMESCALE),
]
AUDIO = ["-c:a", "aac", "-b:a", "96k", "-ar", "48000", "-ac", "1"]
CONTAINER = [
    "-map_metadata",
    "-1",
    "-map_chapters",
    "-1",
    "-fflags",
    "+bitexact",
    "-movflags",
    "+faststart",
    "-f",
    "mp4",
]
HEARD = "aresample=48000:async=1:first_pts=0,aformat=channel_layouts=mono"
"""Sound as it will be heard: gaps filled with silence so that it stays with the picture, one channel."""


@dataclass(frozen=True)
class Size:
    """Width and height in pixels, both even (H.264 4:2:0 needs it)."""

    width: int
    height: int


def fitted(width: int, height: int) -> Size:
    """The size a picture as shown is brought to: inside 1280 × 720 or 720 × 1280, never enlarged, even."""
    across, down = (LONG_SIDE, SHORT_SIDE) if width >= height else (SHORT_SIDE, LONG_SIDE)
    factor = min(1.0, across / width, down / height)
    return Size(max(2, round(width * factor / 2) * 2), max(2, round(height * factor / 2) * 2))


def tone_map(transfer: str) -> str:
    """HDR to normal range, by the transfer tag alone ("" for a normal picture). Mobius with 100 nits white came
    nearest to a normal master in trials. Files without the other two tags are taken for BT.2020."""
    if not transfer:
        return ""
    return (
        f"setparams=color_primaries=bt2020:color_trc={transfer}:colorspace=bt2020nc,"
        "zscale=t=linear:npl=100,format=gbrpf32le,zscale=p=bt709,"
        "tonemap=mobius:desat=0,zscale=t=bt709:m=bt709:r=tv,format=yuv420p"
    )


def picture(size: Size, transfer: str = "") -> str:
    """Filters to one fixed size, upright by ffmpeg's own rotation, square pixels, normal range, without side data.
    A take whose size changes on the way (a phone turned) keeps its first size and gets bars."""
    fit = f"{size.width}:{size.height}:force_original_aspect_ratio=decrease:force_divisible_by=2:reset_sar=1"
    steps = [
        f"scale={fit}",
        tone_map(transfer),
        "format=yuv420p",
        f"pad={size.width}:{size.height}:(ow-iw)/2:(oh-ih)/2",
        "setsar=1",
        "sidedata=mode=delete",
    ]
    return ",".join(step for step in steps if step)


def levelled(gain_db: float) -> str:
    """Filters that bring measured sound to the wanted loudness without clipping (peak at -1.5 dB)."""
    return f"{HEARD},volume={gain_db:.2f}dB,alimiter=limit=0.84:level=false:latency=true"


def pictures_in(seconds: float) -> int:
    """How many pictures a video of this length has at our constant rate; at least one."""
    return max(1, round(seconds * RATE))


def encode_limits(seconds: float, width: int, height: int) -> Limits:
    """Processor time grows with length and pixels: three times what three minutes of 1080p took on a slow core."""
    megapixels = max(0.3, width * height / 1e6)
    cpu = 60 + round(seconds * megapixels * 3)
    return Limits(cpu_s=cpu, memory_mib=3072, file_mib=300, wall_s=60 + 3 * cpu)
