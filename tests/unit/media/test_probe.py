"""A file is what its bytes and packets say."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.media_samples import HOSTILE, playlists, sample
from tests.unit.media.conftest import Canary
from vidmsg.media import sandbox
from vidmsg.media.probe import Prober, probe
from vidmsg.media.refusals import MESSAGES, Refused


@pytest.mark.parametrize("name", HOSTILE)
def test_what_is_no_usable_video_is_refused_with_its_reason(name: str) -> None:
    with pytest.raises(Refused) as refusal:
        probe(sample(name))
    assert refusal.value.code == HOSTILE[name][1]
    assert refusal.value.message.endswith(".")
    assert "{" not in refusal.value.message


def test_every_refusal_says_what_to_do() -> None:
    for message in MESSAGES.values():
        assert message.count(". ") >= 1, message


SEEN = {
    "plain": (320, 240, 2.0, True, "h264"),
    "rotated": (240, 320, 2.0, True, "h264"),
    "upside_down": (320, 240, 2.0, True, "h264"),
    "anamorphic": (480, 240, 2.0, True, "h264"),
    "odd": (321, 241, 2.0, True, "vp8"),
    "vfr": (320, 240, 3.0, True, "h264"),
    "no_sound": (320, 240, 2.0, False, "h264"),
    "sound_longer": (320, 240, 3.0, True, "vp8"),
    "fragmented": (320, 240, 2.0, True, "h264"),
    "live_h264": (320, 240, 3.0, True, "h264"),
    "live_vp8": (320, 240, 3.0, True, "vp8"),
}


@pytest.mark.parametrize("name", SEEN)
def test_a_video_is_measured_as_a_viewer_sees_it(name: str) -> None:
    seen = probe(sample(name))
    width, height, seconds, sound, codec = SEEN[name]
    assert (seen.width, seen.height, seen.has_audio, seen.video_codec) == (width, height, sound, codec)
    assert seen.duration_s == pytest.approx(seconds, abs=0.05)
    assert not seen.truncated
    assert not seen.sizes_change


def test_hdr_is_known_by_its_transfer_tag() -> None:
    assert probe(sample("hlg")).transfer == "arib-std-b67"
    assert not probe(sample("plain")).hdr


@pytest.mark.parametrize("name", ["cut_faststart", "cut_live", "cut_fragmented"])
def test_a_cut_file_is_kept_up_to_where_it_plays(name: str) -> None:
    seen = probe(sample(name))
    assert seen.truncated
    assert 0.8 < seen.duration_s < 2.1


def test_a_takes_length_and_size_are_never_a_reason_to_refuse_it() -> None:
    assert probe(sample("four_minutes"), max_seconds=None, max_bytes=None).duration_s == pytest.approx(240, abs=1)


def test_more_bytes_than_allowed_are_refused_before_looking(tmp_path: Path) -> None:
    large = tmp_path / "large.mp4"
    with large.open("wb") as file:
        file.truncate(11 * 1024 * 1024)
    with pytest.raises(Refused, match="10 MB") as refusal:
        probe(large, max_bytes=10 * 1024 * 1024)
    assert refusal.value.code == "too_large"


def test_a_size_that_changes_on_the_way_is_noticed() -> None:
    assert probe(sample("size_change")).sizes_change


def test_a_prober_answers_again_after_a_refusal() -> None:
    with Prober() as prober:
        for _ in range(2):
            with pytest.raises(Refused):
                prober.probe(sample("nothing_decodes"))
            assert prober.probe(sample("plain")).packets == 60


def test_a_prober_that_died_refuses_and_does_not_hang() -> None:
    with Prober() as prober:
        sandbox.stop_all()
        with pytest.raises(Refused):
            prober.probe(sample("plain"))


@pytest.fixture
def listener() -> Iterator[socket.socket]:
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(0.0)
        yield server


@pytest.mark.parametrize("kind", ["hls", "hls_bom", "ffconcat", "dash"])
@pytest.mark.parametrize("suffix", [".mp4", ".m3u8", ".mpd", ".webm"])
def test_no_other_file_and_no_address_is_opened(
    kind: str, suffix: str, tmp_path: Path, canary: Canary, listener: socket.socket
) -> None:
    port = listener.getsockname()[1]
    for target in (str(canary.path), f"file://{canary.path}", f"http://127.0.0.1:{port}/video.mp4"):
        upload = tmp_path / f"upload{suffix}"
        upload.write_bytes(playlists(target)[kind])
        with pytest.raises(Refused) as refusal:
            probe(upload)
        assert refusal.value.code == "not_a_video"
    assert not canary.opened.is_set()
    with pytest.raises(BlockingIOError):
        listener.accept()
