"""What `media prepare` costs in processor time, children included, against one raw ffmpeg pass with the same
settings; in turn, three times each, the medians' ratio."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from tests.bench import clips
from tests.bench.report import Row, median

RAW = [
    "-map",
    "0:v:0",
    "-map",
    "0:a:0",
    "-vf",
    "scale=w='min(iw,if(gte(iw,ih),1280,720))':h='min(ih,if(gte(iw,ih),720,1280))':"
    "force_original_aspect_ratio=decrease:force_divisible_by=2,fps=30,format=yuv420p",
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
    "-video_track_timescale",
    "15360",
    "-c:a",
    "aac",
    "-b:a",
    "96k",
    "-ar",
    "48000",
    "-ac",
    "1",
    "-map_metadata",
    "-1",
    "-movflags",
    "+faststart",
]


def run(folder: Path, work: Path) -> list[Row]:
    """720p and 1080p, 30 seconds."""
    rows = []
    for height in (720, 1080):
        source = clips.phone_file(folder, height, 30)
        raw, ours = [], []
        for turn in range(3):
            raw.append(
                _cpu(
                    [
                        clips.FFMPEG,
                        "-v",
                        "error",
                        "-y",
                        "-threads",
                        "2",
                        "-i",
                        str(source),
                        *RAW,
                        str(work / f"raw{height}.mp4"),
                    ]
                )
            )
            out = work / f"prepared-{height}-{turn}"
            ours.append(
                _cpu([sys.executable, "-m", "vidmsg", "media", "prepare", str(source), "--out", str(out), "--json"])
            )
        note = f"{median(ours):.1f} s against {median(raw):.1f} s"
        rows.append(
            Row(f"media prepare against raw ffmpeg, {height}p, 30 s", median(ours) / median(raw), "×", 1.10, note)
        )
    return rows


def _cpu(command: list[str]) -> float:
    before = os.times()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    after = os.times()
    return after.children_user + after.children_system - before.children_user - before.children_system
