"""Posters and link previews."""

from __future__ import annotations

from pathlib import Path

import pytest
from PIL import Image, ImageDraw, ImageFilter

from tests.media_samples import photo, sample
from vidmsg.media.poster import keep_best, poster, seek_times
from vidmsg.media.probe import probe
from vidmsg.media.stills import preview


@pytest.mark.parametrize("name", ["plain", "rotated", "live_vp8", "live_h264", "hlg", "cut_live"])
def test_a_poster_is_made_from_few_pictures(name: str, tmp_path: Path) -> None:
    seen = probe(sample(name))
    made = poster(sample(name), seen, tmp_path / "poster.jpg")
    assert (made.width, made.height) == (seen.width, seen.height)
    assert not made.dark
    assert [path.name for path in tmp_path.iterdir()] == ["poster.jpg"]


def test_a_black_video_has_a_poster_that_says_so(tmp_path: Path) -> None:
    assert poster(sample("black"), probe(sample("black")), tmp_path / "poster.jpg").dark


def test_places_to_look_lie_near_key_pictures() -> None:
    seen = probe(sample("live_vp8"))
    times = seek_times(seen)
    assert 1 <= len(times) <= 8
    assert all(0 <= at <= seen.duration_s for at in times)


def test_the_sharp_picture_wins_over_the_blurred_and_the_black(tmp_path: Path) -> None:
    sharp = Image.effect_noise((320, 240), 90).convert("RGB")
    ImageDraw.Draw(sharp).ellipse((100, 60, 220, 180), fill="orange")
    blurred = sharp.filter(ImageFilter.GaussianBlur(6))
    candidates = []
    for name, image in (("a", Image.new("RGB", (320, 240))), ("b", blurred), ("c", sharp)):
        candidates.append(tmp_path / f"{name}.ppm")
        image.save(candidates[-1])
    made = keep_best(candidates, tmp_path / "poster.jpg")
    with Image.open(made.path) as kept:
        red, _, blue = kept.getpixel((160, 120))
        edge = [kept.convert("L").getpixel((x, 20)) for x in range(0, 60, 3)]
    assert red > 200 > blue
    assert max(edge) - min(edge) > 60


@pytest.mark.parametrize("size", [(720, 1280), (1280, 720), (480, 480)])
def test_the_preview_has_the_size_that_messages_apps_show(size: tuple[int, int], tmp_path: Path) -> None:
    ours = tmp_path / "poster.jpg"
    ours.write_bytes(photo("JPEG", size))
    with Image.open(preview(ours, tmp_path / "preview.jpg", ground="#e1edd9")) as image:
        assert image.size == (1200, 630)
        assert image.format == "JPEG"
        centre, corner = image.getpixel((600, 300)), image.getpixel((5, 5))
    assert centre[0] > 200 > centre[1]
    assert abs(corner[0] - 0xE1) < 8
    assert (tmp_path / "preview.jpg").stat().st_size < 300_000


def test_the_play_mark_stands_low_and_left_on_the_poster(tmp_path: Path) -> None:
    ours = tmp_path / "poster.png"
    Image.new("RGB", (1280, 720), "white").save(ours)
    with Image.open(preview(ours, tmp_path / "preview.jpg", accent="#0000ff")) as image:
        blue = [
            (x, y) for x in range(0, 1200, 4) for y in range(0, 630, 4)
            if image.getpixel((x, y))[2] > 200 and image.getpixel((x, y))[0] < 80
        ]  # fmt: skip
    assert blue
    assert max(x for x, _ in blue) < 400
    assert min(y for _, y in blue) > 400


def test_a_colour_is_checked_before_anything_is_drawn(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="#rrggbb"):
        preview(tmp_path / "poster.jpg", tmp_path / "preview.jpg", accent="red; }")
