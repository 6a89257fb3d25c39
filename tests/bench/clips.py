"""Clips for the benches, made once: what a recorder would have sent, and files as a phone would give."""

from __future__ import annotations

import subprocess
from pathlib import Path

import imageio_ffmpeg

FFMPEG = imageio_ffmpeg.get_ffmpeg_exe()
_VOICE = "aevalsrc=0.25*sin(2*PI*(180+60*sin(2*PI*0.7*t))*t)*(0.6+0.4*sin(2*PI*3*t)):s=48000"


def _scene(size: str, seconds: int) -> list[str]:
    """A moving picture with some grain, and a voice-like sound."""
    return [
        "-f",
        "lavfi",
        "-i",
        f"testsrc2=size={size}:rate=30,noise=alls=6:allf=t",
        "-f",
        "lavfi",
        "-i",
        _VOICE,
        "-t",
        str(seconds),
    ]


def _make(path: Path, arguments: list[str]) -> Path:
    if not path.exists():
        subprocess.run([FFMPEG, "-v", "error", "-y", *arguments, str(path)], check=True)
    return path


def take(folder: Path, codec: str, seconds: int) -> Path:
    """A take as Chromium records it: live Matroska with H.264 and Opus, or live WebM with VP8 or VP9 and Opus, 720p."""
    scene = _scene("1280x720", seconds)
    sound = ["-c:a", "libopus", "-b:a", "96k"]
    live = ["-f", "matroska" if codec == "h264" else "webm", "-live", "1", "-cluster_time_limit", "1000"]
    if codec == "h264":
        picture = [
            "-c:v",
            "libx264",
            "-preset",
            "ultrafast",
            "-tune",
            "zerolatency",
            "-profile:v",
            "baseline",
            "-b:v",
            "2500k",
            "-g",
            "30",
            "-pix_fmt",
            "yuv420p",
        ]
        return _make(folder / f"take-{codec}-{seconds}.mkv", [*scene, *picture, *sound, *live])
    quick = ["-c:v", "libvpx-vp9", "-cpu-used", "8"] if codec == "vp9" else ["-c:v", "libvpx", "-cpu-used", "12"]
    picture = [*quick, "-deadline", "realtime", "-b:v", "2500k", "-g", "30"]
    return _make(folder / f"take-{codec}-{seconds}.webm", [*scene, *picture, *sound, *live])


def phone_file(folder: Path, height: int, seconds: int) -> Path:
    """A picked file: H.264 and AAC in MP4."""
    size = {720: "1280x720", 1080: "1920x1080"}[height]
    picture = ["-c:v", "libx264", "-preset", "veryfast", "-b:v", "6M", "-pix_fmt", "yuv420p", "-c:a", "aac"]
    return _make(folder / f"file-{height}-{seconds}.mp4", [*_scene(size, seconds), *picture])


def phone_ready(folder: Path, seconds: int, size: str = "1280x720") -> Path:
    """A standard rendition as customers get it, about 1.2 Mbit/s."""
    picture = [
        "-c:v",
        "libx264",
        "-preset",
        "veryfast",
        "-crf",
        "23",
        "-maxrate",
        "1200k",
        "-bufsize",
        "2400k",
        "-pix_fmt",
        "yuv420p",
        "-c:a",
        "aac",
        "-b:a",
        "96k",
        "-ac",
        "1",
        "-movflags",
        "+faststart",
    ]
    return _make(folder / f"ready-{size}-{seconds}.mp4", [*_scene(size, seconds), *picture])
