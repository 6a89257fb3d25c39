"""How loud a sound is (EBU R 128), and what has to be done to it. A laptop recording at -33 LUFS is nearly inaudible
on a phone; a silent one must not be blown up into noise, the rep is told instead."""

import re
from dataclasses import dataclass
from pathlib import Path

from vidmsg.media import sandbox
from vidmsg.media.normalise import HEARD

TARGET_LUFS = -16.0
MOST_GAIN_DB = 30.0
SILENT_LUFS = -50.0
SILENT_PEAK_DB = -45.0
METER = "ebur128=framelog=quiet,volumedetect"
LIMITS = sandbox.Limits(cpu_s=60, memory_mib=2048, file_mib=1, wall_s=300)


@dataclass(frozen=True)
class Loudness:
    """Measured sound: integrated loudness in LUFS (None when too short or too quiet to say) and peak in dB."""

    lufs: float | None
    peak_db: float | None

    @property
    def silent(self) -> bool:
        """Silent or almost: nobody would hear words."""
        if self.lufs is not None:
            return self.lufs <= SILENT_LUFS
        return self.peak_db is None or self.peak_db <= SILENT_PEAK_DB

    @property
    def gain_db(self) -> float:
        """What brings it to -16 LUFS, within bounds; 0 for silence and for sound too short to measure."""
        if self.silent or self.lufs is None:
            return 0.0
        return max(-MOST_GAIN_DB, min(MOST_GAIN_DB, TARGET_LUFS - self.lufs))


def measuring(seconds: float | None = None) -> list[str]:
    """Output arguments that only listen, to be read with `heard`."""
    length = [] if seconds is None else ["-t", f"{seconds:.3f}"]
    return ["-af", f"{HEARD},{METER}", *length, "-f", "null", "-"]


def heard(stderr: str) -> Loudness:
    """Read what the meter filters said at their end."""
    said = re.findall(r"^\s*I:\s+(-?[\d.]+|-inf|nan) LUFS", stderr, re.MULTILINE)
    peaks = re.findall(r"max_volume: (-?[\d.]+) dB", stderr)
    lufs = float(said[-1]) if said and said[-1] not in ("-inf", "nan") else None
    return Loudness(lufs if lufs is not None and lufs > -69.9 else None, float(peaks[-1]) if peaks else None)


def measure(source: Path, audio_index: int, seconds: float) -> Loudness:
    """Listen to one track of a file from outside, at most so many seconds. ChildFailed when it can't be read."""
    arguments = [*sandbox.untrusted_file(source), "-map", f"0:{audio_index}", "-vn", *measuring(seconds)]
    return heard(sandbox.run_ffmpeg(arguments, LIMITS))
