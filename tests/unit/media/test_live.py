"""A running take, fed slice by slice."""

from __future__ import annotations

from pathlib import Path

import psutil
import pytest

from tests.media_samples import decode_errors, lufs, sample, slices
from vidmsg.media import quick
from vidmsg.media.live import LiveTake
from vidmsg.media.quick import LiveResult


def follow(name: str, folder: Path, count: int = 7, **options: object) -> tuple[LiveTake, LiveResult]:
    take = LiveTake(folder, **options)  # type: ignore[arg-type]
    for piece in slices(sample(name), count):
        take.feed(piece)
    return take, take.finish()


@pytest.mark.parametrize("name", ["live_h264", "live_fragmented"])
def test_an_h264_take_is_copied_whole(name: str, tmp_path: Path) -> None:
    take, result = follow(name, tmp_path)
    assert (take.mode, result.mode, result.reason) == ("copy", "copy", "")
    assert result.path is not None
    assert result.probe is not None
    assert result.probe.packets == 90
    assert result.probe.audio_codec == "aac"
    assert result.probe.duration_s == pytest.approx(3, abs=0.1)
    assert not result.silent
    assert decode_errors(result.path) == ""
    assert take.raw.read_bytes() == sample(name).read_bytes()


def test_another_take_is_encoded_while_it_runs(tmp_path: Path) -> None:
    _, result = follow("live_vp8", tmp_path)
    assert (result.mode, result.whole) == ("encode", True)
    assert result.path is not None
    assert result.probe is not None
    assert result.probe.video_codec == "h264"
    assert result.probe.packets == pytest.approx(90, abs=2)
    levelled = quick.level(result.path, tmp_path / "standard.mp4", result.loudness)
    assert levelled.packets == result.probe.packets
    assert lufs(tmp_path / "standard.mp4") == pytest.approx(-16, abs=1.5)
    assert decode_errors(tmp_path / "standard.mp4") == ""


def test_a_take_without_sound_stays_without(tmp_path: Path) -> None:
    _, result = follow("live_vp8_mute", tmp_path)
    assert result.probe is not None
    assert not result.probe.has_audio
    assert result.silent
    levelled = quick.level(tmp_path / "quick.mp4", tmp_path / "standard.mp4", result.loudness)
    assert not levelled.has_audio


@pytest.mark.parametrize("count", [1, 400])
def test_the_size_of_the_slices_does_not_matter(count: int, tmp_path: Path) -> None:
    _, result = follow("live_h264", tmp_path, count)
    assert result.probe is not None
    assert result.probe.packets == 90


def test_without_a_free_core_an_encode_waits_for_later(tmp_path: Path) -> None:
    take, result = follow("live_vp8", tmp_path, may_encode=lambda: False)
    assert (take.mode, result.mode, result.path, result.reason) == ("none", "none", None, "later")
    assert result.take is not None
    assert result.take.duration_s == pytest.approx(3, abs=0.1)


def test_a_copy_always_starts(tmp_path: Path) -> None:
    assert follow("live_h264", tmp_path, may_encode=lambda: False)[1].mode == "copy"


def test_a_copy_whose_size_changes_on_the_way_is_not_given_out(tmp_path: Path) -> None:
    _, result = follow("size_change", tmp_path)
    assert (result.path, result.reason) == (None, "size_change")


@pytest.mark.parametrize("name", ["live_h264", "live_vp8"])
def test_a_take_that_is_too_long_is_cut_and_kept(name: str, tmp_path: Path) -> None:
    take, result = follow(name, tmp_path, max_seconds=1.0)
    assert result.probe is not None
    assert result.probe.duration_s == pytest.approx(1, abs=0.15)
    assert result.take is not None
    assert result.take.duration_s == pytest.approx(3, abs=0.1)
    assert take.raw.stat().st_size == sample(name).stat().st_size


def test_a_cut_take_is_playable_up_to_there(tmp_path: Path) -> None:
    _, result = follow("cut_live", tmp_path)
    assert result.take is not None
    assert result.take.truncated
    assert result.probe is not None
    assert result.probe.duration_s == pytest.approx(result.take.duration_s, abs=0.2)


@pytest.mark.parametrize(("name", "reason"), [("html", "not_a_video"), ("noise", "damaged"), ("empty", "empty")])
def test_what_cannot_be_read_is_kept_and_reported(name: str, reason: str, tmp_path: Path) -> None:
    take, result = follow(name, tmp_path)
    assert (result.path, result.reason) == (None, reason)
    assert take.raw.read_bytes() == sample(name).read_bytes()


def ours() -> list[psutil.Process]:
    return [one for one in psutil.Process().children(recursive=True) if "ffmpeg" in "".join(one.cmdline())]


def test_when_ffmpeg_dies_the_take_is_kept_and_can_be_made_again(tmp_path: Path) -> None:
    take = LiveTake(tmp_path)
    pieces = slices(sample("live_h264"), 6)
    for piece in pieces[:3]:
        take.feed(piece)
    for child in ours():
        child.kill()
    for piece in pieces[3:]:
        take.feed(piece)
    result = take.finish()
    assert (result.path, result.reason) == (None, "failed")
    assert take.raw.read_bytes() == sample("live_h264").read_bytes()
    again = quick.copy_quick(take.raw, tmp_path / "again.mp4")
    assert again.probe is not None
    assert again.probe.packets == 90


def test_an_aborted_take_leaves_no_child_and_all_bytes(tmp_path: Path) -> None:
    take = LiveTake(tmp_path)
    pieces = slices(sample("live_h264"), 4)
    take.feed(pieces[0])
    take.abort()
    take.abort()
    assert ours() == []
    assert take.raw.read_bytes() == pieces[0]


def test_a_whole_file_that_is_not_h264_is_not_copied(tmp_path: Path) -> None:
    result = quick.copy_quick(sample("live_vp8"), tmp_path / "out.mp4")
    assert (result.mode, result.reason) == ("none", "later")


def test_an_unreadable_whole_take_is_reported_not_raised(tmp_path: Path) -> None:
    assert quick.copy_quick(sample("noise"), tmp_path / "out.mp4").reason == "damaged"
