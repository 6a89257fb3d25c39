"""`python -m vidmsg media …`"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from tests.media_samples import sample
from vidmsg.media.commands import media

FACTS = {"width", "height", "duration_s", "has_audio", "video_codec", "audio_codec", "bytes", "seconds"}


def test_probe_prints_what_a_file_is() -> None:
    done = CliRunner().invoke(media, ["probe", str(sample("rotated")), "--json"])
    assert done.exit_code == 0, done.output
    facts = json.loads(done.stdout)
    assert facts.keys() >= FACTS
    assert (facts["width"], facts["height"], facts["video_codec"]) == (240, 320, "h264")


def test_probe_prints_lines_for_people() -> None:
    done = CliRunner().invoke(media, ["probe", str(sample("plain"))])
    assert "width" in done.stdout
    assert "320" in done.stdout


def test_prepare_writes_both_files_and_measures_the_result(tmp_path: Path) -> None:
    done = CliRunner().invoke(media, ["prepare", str(sample("live_vp8")), "--out", str(tmp_path / "new"), "--json"])
    assert done.exit_code == 0, done.output
    facts = json.loads(done.stdout)
    assert facts.keys() >= FACTS
    assert (facts["video_codec"], facts["audio_codec"]) == ("h264", "aac")
    assert facts["bytes"] == (tmp_path / "new/video.mp4").stat().st_size
    assert (tmp_path / "new/poster.jpg").is_file()
    assert done.stderr == ""


@pytest.mark.parametrize("command", ["probe", "prepare"])
def test_a_refused_file_ends_with_code_two_and_the_reason(command: str, tmp_path: Path) -> None:
    out = ["--out", str(tmp_path)] if command == "prepare" else []
    done = CliRunner().invoke(media, [command, str(sample("jpeg")), *out, "--json"])
    assert done.exit_code == 2
    assert json.loads(done.stdout) == {
        "error": "photo",
        "message": "This is a photo. Pick a video, or record one here.",
    }


def test_it_runs_without_database_and_settings(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "vidmsg", "media", "probe", str(sample("plain")), "--json"]
    root = Path(__file__).resolve().parents[3]
    done = subprocess.run(
        command, capture_output=True, text=True, cwd=tmp_path, env={"PYTHONPATH": str(root)}, check=False
    )
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["duration_s"] == 2.0
    assert list(tmp_path.iterdir()) == []
