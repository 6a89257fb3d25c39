"""The wider look: every video of ../shared/corpus comes out as its manifest says, every hostile file ends as it
should."""

from __future__ import annotations

import json
import socket
from pathlib import Path
from typing import Any

import pytest

from tests import corpus
from tests.conftest import CORPUS
from tests.media_samples import decode_errors
from tests.sharing import Shared
from vidmsg.media.normalise import fitted
from vidmsg.media.prepare import prepare
from vidmsg.media.probe import probe
from vidmsg.media.refusals import Refused

pytestmark = pytest.mark.corpus


def cases(folder: str) -> list[Any]:
    table = CORPUS / folder / "cases.json"
    if not table.is_file():
        missing = pytest.mark.skip(reason="the folder ../shared/corpus is not beside the project")
        return [pytest.param({"id": folder}, marks=missing, id=folder)]
    return [pytest.param(case, id=case["id"]) for case in json.loads(table.read_text(encoding="utf-8"))]


@pytest.mark.parametrize("case", cases("videos"))
def test_a_phones_video_is_measured_as_the_manifest_says(case: dict[str, Any]) -> None:
    seen = probe(CORPUS / "videos" / case["file"])
    assert abs(seen.width - case["width"]) <= case["size_tolerance_px"]
    assert abs(seen.height - case["height"]) <= case["size_tolerance_px"]
    assert seen.duration_s == pytest.approx(case["duration_s"], abs=case["tolerance_s"])
    assert seen.has_audio is case["audio"]
    assert seen.hdr is case["hdr"]
    assert seen.video_codec == case["stored"]["video_codec"]
    assert not seen.truncated


@pytest.mark.parametrize("case", cases("videos"))
def test_a_phones_video_comes_out_upright_whole_and_playable(case: dict[str, Any], shared: Shared) -> None:
    made = corpus.prepared(shared, case["file"])
    result = made.probe
    size = fitted(case["width"], case["height"])
    assert abs(result.width - size.width) <= max(1, case["size_tolerance_px"])
    assert abs(result.height - size.height) <= max(1, case["size_tolerance_px"])
    assert (result.width > result.height) is (case["orientation"] == "landscape")
    assert result.duration_s == pytest.approx(case["duration_s"], abs=case["tolerance_s"])
    assert result.has_audio is case["audio"]
    assert (result.rotation, result.hdr, result.video_codec) == (0, False, "h264")
    assert decode_errors(made.video) == ""


@pytest.mark.parametrize("case", cases("videos"))
def test_a_phones_video_loses_its_place_and_device(case: dict[str, Any], shared: Shared) -> None:
    data = corpus.prepared(shared, case["file"]).video.read_bytes()
    for mark in (b"\xa9xyz", b"com.apple.quicktime", b"com.android", b"ISO6709", b"Apple", b"Lavf"):
        assert mark not in data


@pytest.mark.parametrize("case", cases("hostile"))
def test_a_hostile_file_ends_as_its_manifest_says(case: dict[str, Any], tmp_path: Path) -> None:
    source = CORPUS / "hostile" / case["file"]
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(0.0)
        copy = tmp_path / case["file"]
        copy.write_bytes(_pointed_here(source.read_bytes(), listener.getsockname()[1]))
        code = _outcome(copy, tmp_path / "out")
        with pytest.raises(BlockingIOError):
            listener.accept()
    allowed = {"reject": {case["reason"]}, "accept": {""}, "either": {case["reason"], ""}}[case["verdict"]]
    assert code in allowed
    if code == "":
        data = (tmp_path / "out/video.mp4").read_bytes()
        assert b"__ran" not in data
        assert decode_errors(tmp_path / "out/video.mp4") == ""
    else:
        assert not (tmp_path / "out/video.mp4").exists()


def _outcome(file: Path, out: Path) -> str:
    try:
        prepare(file, out, picked=True)
    except Refused as refusal:
        return refusal.code
    return ""


def _pointed_here(data: bytes, port: int) -> bytes:
    """The playlist that names a port of the loopback is turned to a door that is watched."""
    return data.replace(b"127.0.0.1:9/", f"127.0.0.1:{port}/".encode())


@pytest.mark.parametrize(
    ("name", "seconds"),
    [("header_claims_40_hours", 3.0), ("mdat_longer_than_file", 3.0), ("html_inside_valid_mp4", 3.0)],
)
def test_a_lying_header_does_not_change_the_length(name: str, seconds: float) -> None:
    assert probe(CORPUS / "hostile" / f"{name}.mp4").duration_s == pytest.approx(seconds, abs=0.1)


@pytest.mark.parametrize(("name", "seconds"), [("cut_recording.webm", 2.4), ("cut_fragmented.mp4", 2.4)])
def test_what_was_cut_is_kept_with_a_warning(name: str, seconds: float) -> None:
    seen = probe(CORPUS / "hostile" / name)
    assert seen.truncated
    assert seen.duration_s == pytest.approx(seconds, abs=0.2)


def test_a_black_and_silent_video_is_accepted_with_both_warnings(tmp_path: Path) -> None:
    result = prepare(CORPUS / "hostile/black_and_silent.mp4", tmp_path, picked=True)
    assert result.silent
    assert result.dark
