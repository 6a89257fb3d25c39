"""Headers are read within bounds, whatever they claim."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.media_samples import sample
from vidmsg.media.boxes import ebml_elements, mp4_boxes
from vidmsg.media.normalise import fitted, pictures_in
from vidmsg.media.sniff import ENOUGH, Sniffed, sniff

MP4 = b"\x00\x00\x00\x18ftypisom\x00\x00\x02\x00isommp41"


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("live_h264", Sniffed("matroska", "h264", "opus", 320, 240)),
        ("live_vp8", Sniffed("matroska", "vp8", "opus", 320, 240)),
        ("live_vp8_mute", Sniffed("matroska", "vp8", None, 320, 240)),
        ("live_fragmented", Sniffed("mp4", "h264", "aac", 320, 240)),
        ("rotated", Sniffed("mp4", "h264", "aac", 240, 320)),
        ("html", Sniffed("", None, None, 0, 0)),
    ],
)
def test_a_take_is_known_by_its_first_bytes(name: str, kind: Sniffed) -> None:
    data = sample(name).read_bytes()
    assert sniff(data) == kind
    assert sniff(data[:12]) is None


def test_headers_that_never_come_end_the_waiting() -> None:
    assert sniff(MP4 + bytes(100)) is None
    assert sniff(MP4 + bytes(ENOUGH)) == Sniffed("", None, None, 0, 0)


@given(st.binary(max_size=400))
def test_any_bytes_are_walked_to_an_end(data: bytes) -> None:
    for walk in (mp4_boxes, ebml_elements):
        for part in walk(data):
            assert part.start <= part.end
    for head in (MP4, b"\x1a\x45\xdf\xa3"):
        sniff(head + data)


@given(st.integers(1, 5000), st.integers(1, 5000))
def test_a_picture_fits_a_phone_and_is_never_enlarged(width: int, height: int) -> None:
    size = fitted(width, height)
    assert size.width % 2 == size.height % 2 == 0
    assert max(size.width, size.height) <= 1280
    assert min(size.width, size.height) <= 720
    assert size.width <= max(2, width + 1)
    assert size.height <= max(2, height + 1)


def test_even_the_shortest_video_has_a_picture() -> None:
    assert pictures_in(0.001) == 1
    assert pictures_in(2.0) == 60
