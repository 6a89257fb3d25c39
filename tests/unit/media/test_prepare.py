"""What customers get: one shape, upright, loud enough, without anything that is nobody's business."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import av
import pytest
from PIL import Image, ImageStat

from tests.media_samples import decode_errors, lufs, sample
from vidmsg.media.boxes import mp4_boxes
from vidmsg.media.prepare import Prepared, checked, prepare
from vidmsg.media.probe import Prober
from vidmsg.media.refusals import Refused

Preparing = Callable[[str], Prepared]
WHOLE = {
    "plain": (320, 240, 2.0),
    "large": (1280, 720, 1.0),
    "tall": (720, 1280, 1.0),
    "rotated": (240, 320, 2.0),
    "upside_down": (320, 240, 2.0),
    "anamorphic": (480, 240, 2.0),
    "odd": (320, 240, 2.0),
    "hlg": (320, 240, 2.0),
    "vfr": (320, 240, 3.0),
    "sixty": (320, 240, 2.0),
    "no_sound": (320, 240, 2.0),
    "sound_longer": (320, 240, 3.0),
    "silent": (320, 240, 2.0),
    "black": (320, 240, 2.0),
    "located": (320, 240, 2.0),
    "fragmented": (320, 240, 2.0),
    "live_h264": (320, 240, 3.0),
    "live_vp8": (320, 240, 3.0),
    "size_change": (320, 240, 2.0),
}


@pytest.mark.parametrize("name", WHOLE)
def test_every_kind_comes_out_in_one_shape(name: str, prepared: Preparing) -> None:
    made = prepared(name)
    width, height, seconds = WHOLE[name]
    result = made.probe
    assert abs(result.width - width) <= 2
    assert abs(result.height - height) <= 2
    assert result.duration_s == pytest.approx(seconds, abs=0.1)
    assert result.packets == pytest.approx(seconds * 30, abs=2)
    assert result.has_audio == made.source.has_audio
    assert result.video_codec == "h264"
    assert result.audio_codec in ("aac", None)
    assert (result.rotation, result.hdr, result.sizes_change) == (0, False, False)
    assert decode_errors(made.video) == ""


@pytest.mark.parametrize("name", ["plain", "odd", "vfr", "hlg", "size_change"])
def test_the_details_are_those_that_phones_play(name: str, prepared: Preparing) -> None:
    with av.open(str(prepared(name).video)) as file:
        video = file.streams.video[0]
        steps = {packet.duration for packet in file.demux(video) if packet.pts is not None}
        assert video.profile == "High"
        assert video.pix_fmt == "yuv420p"
        assert video.time_base is not None
        assert 1 / video.time_base == 15360
        assert steps == {512}
        for audio in file.streams.audio:
            assert (audio.rate, audio.channels) == (48000, 1)


def test_the_index_comes_first_so_that_playing_begins_at_once(prepared: Preparing) -> None:
    names = [box.name for box in mp4_boxes(prepared("live_vp8").video.read_bytes())]
    assert names.index(b"moov") < names.index(b"mdat")


def test_a_turned_phone_gives_an_upright_picture(prepared: Preparing) -> None:
    """Red is left in the stored picture; turned a quarter against the clock it is below."""
    with Image.open(prepared("rotated").poster.path) as image:
        above, below = image.getpixel((120, 40)), image.getpixel((120, 280))
    assert above[2] > 180 > above[0]
    assert below[0] > 180 > below[2]
    with Image.open(prepared("upside_down").poster.path) as image:
        left = image.getpixel((40, 120))
    assert left[2] > 180 > left[0]


def test_hdr_looks_as_the_picture_it_was_graded_from(prepared: Preparing) -> None:
    def mean(name: str) -> float:
        with Image.open(prepared(name).poster.path) as image:
            return ImageStat.Stat(image.convert("L")).mean[0]

    assert mean("hlg") == pytest.approx(mean("plain"), abs=25)
    with av.open(str(prepared("hlg").video)) as file:
        frame = next(file.decode(video=0))
        assert (frame.color_trc, frame.color_primaries, frame.colorspace) == (1, 1, 1)


def test_place_device_and_words_are_taken_out(prepared: Preparing) -> None:
    assert b"Phonemaker" in sample("located").read_bytes()
    for file in (prepared("located").video, prepared("located").poster.path):
        for word in (b"48.2082", b"+016", b"Phonemaker", b"Kitchen", b"secret", b"Lavf", b"located"):
            assert word not in file.read_bytes()


def test_a_quiet_voice_is_made_as_loud_as_any(prepared: Preparing) -> None:
    made = prepared("quiet")
    assert made.loudness is not None
    assert made.loudness.lufs is not None
    assert made.loudness.lufs < -30
    assert lufs(made.video) == pytest.approx(-16, abs=1.5)
    assert lufs(prepared("plain").video) == pytest.approx(-16, abs=1.5)


@pytest.mark.parametrize(("name", "silent"), [("silent", True), ("no_sound", True), ("quiet", False), ("plain", False)])
def test_silence_is_reported(name: str, silent: bool, prepared: Preparing) -> None:
    assert prepared(name).silent is silent


@pytest.mark.parametrize(("name", "dark"), [("black", True), ("plain", False)])
def test_a_picture_that_shows_nothing_is_reported(name: str, dark: bool, prepared: Preparing) -> None:
    assert prepared(name).dark is dark


def test_the_last_picture_is_held_while_somebody_speaks_on(prepared: Preparing) -> None:
    made = prepared("sound_longer").probe
    assert made.audio_end_s is not None
    assert made.video_end_s == pytest.approx(made.audio_end_s, abs=0.1)


def test_the_poster_is_a_small_jpeg_of_the_same_shape(prepared: Preparing) -> None:
    for name in ("plain", "tall", "large"):
        made = prepared(name)
        with Image.open(made.poster.path) as image:
            assert image.format == "JPEG"
            assert image.size == (made.probe.width, made.probe.height)
        assert made.poster.path.stat().st_size <= 75_000


@pytest.mark.parametrize("name", ["cut_faststart", "cut_live", "cut_fragmented"])
def test_a_cut_file_plays_up_to_where_it_was_cut(name: str, prepared: Preparing) -> None:
    made = prepared(name)
    assert made.source.truncated
    assert made.probe.duration_s == pytest.approx(made.source.duration_s, abs=0.1)
    assert decode_errors(made.video) == ""


def test_a_take_that_is_too_long_is_cut(tmp_path: Path) -> None:
    made = prepare(sample("live_vp8"), tmp_path, max_seconds=1)
    assert made.probe.duration_s == pytest.approx(1, abs=0.1)


def test_a_picked_file_that_is_too_long_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Refused, match="4:00") as refusal:
        prepare(sample("four_minutes"), tmp_path, picked=True)
    assert refusal.value.code == "too_long"


def test_a_wrong_length_is_an_error(prepared: Preparing) -> None:
    with Prober() as prober:
        checked(prober, prepared("plain").video, 2.0)
        for seconds in (1.0, 3.0):
            with pytest.raises(Refused):
                checked(prober, prepared("plain").video, seconds)


def test_a_refused_file_leaves_nothing_behind(tmp_path: Path) -> None:
    with pytest.raises(Refused):
        prepare(sample("nothing_decodes"), tmp_path, picked=True)
    assert list(tmp_path.iterdir()) == []


def test_progress_only_goes_forward_and_ends_at_one(tmp_path: Path) -> None:
    heard: list[float] = []
    prepare(sample("plain"), tmp_path, progress=heard.append)
    assert heard == sorted(heard)
    assert heard[-1] == 1.0
    assert sorted(path.name for path in tmp_path.iterdir()) == ["poster.jpg", "video.mp4"]
