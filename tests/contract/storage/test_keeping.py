"""What every storage promises about keeping objects."""

from __future__ import annotations

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.contract.storage.conftest import DAY
from vidmsg.storage import BadKey, KeyExists, NotFound, Storage, StorageError, generation
from vidmsg.storage.marker import MARKER, WrongInstallation, ensure_marker, read_marker

MP4 = "video/mp4"
BIG = 12 << 20

HOSTILE = [
    "",
    "/etc/passwd",
    "..",
    "../outside",
    "video/../../outside",
    "video/./a.mp4",
    "video//a.mp4",
    "video/",
    ".incoming/up-1",
    "video/.hidden",
    "video/a.mp4.",
    "C:/windows",
    "video\\a.mp4",
    "video/a\0.mp4",
    "video/a.mp4\n",
    "video/a b.mp4",
    "video/ä.mp4",
    "video/\u202egpm.4",
    "video/%2e%2e/a",
    "v" * 101,
    "/".join(["v" * 50] * 5),
]


def test_it_is_a_storage(storage: Storage) -> None:
    assert isinstance(storage, Storage)


def test_what_is_put_comes_back_the_same(storage: Storage, tmp_path: Path) -> None:
    source, copy = tmp_path / "take.webm", tmp_path / "copy.webm"
    source.write_bytes(b"a take")
    storage.put(source, "raw/7/a-_b.webm", "video/webm;codecs=vp8,opus")
    storage.put_bytes(b"a poster", "poster/7/1.jpg", "image/jpeg")
    storage.fetch("raw/7/a-_b.webm", copy)
    assert copy.read_bytes() == b"a take"
    assert source.read_bytes() == b"a take"
    assert storage.size("raw/7/a-_b.webm") == 6
    assert storage.get_bytes("poster/7/1.jpg") == b"a poster"


def test_a_long_video_comes_back_byte_for_byte(storage: Storage, tmp_path: Path) -> None:
    source, copy = tmp_path / "long.mp4", tmp_path / "copy.mp4"
    source.write_bytes(os.urandom(BIG))
    storage.put(source, "video/1/1.mp4", MP4)
    storage.fetch("video/1/1.mp4", copy)
    assert storage.size("video/1/1.mp4") == BIG
    assert copy.read_bytes() == source.read_bytes()


def test_an_empty_object_is_an_object(storage: Storage) -> None:
    storage.put_bytes(b"", "video/1/empty", MP4)
    assert storage.size("video/1/empty") == 0
    assert storage.get_bytes("video/1/empty") == b""


def test_another_process_finds_what_one_has_put(make_storage: Callable[..., Storage]) -> None:
    make_storage().put_bytes(b"a take", "raw/1/1", MP4)
    assert make_storage().get_bytes("raw/1/1") == b"a take"


def test_a_missing_object_is_told_as_missing(storage: Storage, tmp_path: Path) -> None:
    storage.put_bytes(b"a folder's only object", "video/1/1.mp4", MP4)
    for key in ("video/1/2.mp4", "video/1", "nothing", "video/1/1.mp4/more"):
        assert storage.size(key) is None
        with pytest.raises(NotFound, match="no longer kept"):
            storage.get_bytes(key)
        with pytest.raises(NotFound):
            storage.fetch(key, tmp_path / "copy")
    assert list(tmp_path.glob("*copy*")) == []


def test_fetching_replaces_an_older_copy(storage: Storage, tmp_path: Path) -> None:
    copy = tmp_path / "copy"
    copy.write_bytes(b"an older and longer copy")
    storage.put_bytes(b"new", "video/1/1.mp4", MP4)
    storage.fetch("video/1/1.mp4", copy)
    assert copy.read_bytes() == b"new"


def test_a_file_that_is_not_there_cannot_be_put(storage: Storage, tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        storage.put(tmp_path / "none", "video/1/1.mp4", MP4)
    assert list(storage.keys()) == []


def test_deleting_twice_is_quiet(storage: Storage) -> None:
    storage.put_bytes(b"one", "video/1/1.mp4", MP4)
    storage.put_bytes(b"two", "video/1/2.mp4", MP4)
    for _ in range(2):
        storage.delete("video/1/1.mp4")
    storage.delete("video/1")
    storage.delete("video/9/9.mp4")
    assert list(storage.keys()) == ["video/1/2.mp4"]


def test_keys_are_listed_by_the_text_they_begin_with(storage: Storage) -> None:
    kept = ["chunk/1/0", "chunk/1/0-a", "chunk/1.b", "chunk/10/0", "chunk/2/0", "video/1/1.mp4"]
    for key in kept:
        storage.put_bytes(b"x", key, MP4)
    assert sorted(storage.keys()) == sorted(kept)
    assert sorted(storage.keys("chunk/1/")) == ["chunk/1/0", "chunk/1/0-a"]
    assert sorted(storage.keys("chunk/1")) == ["chunk/1.b", "chunk/1/0", "chunk/1/0-a", "chunk/10/0"]
    assert sorted(storage.keys("video/1/1.mp4")) == ["video/1/1.mp4"]
    assert list(storage.keys("nothing/")) == []


@pytest.mark.parametrize("key", HOSTILE)
def test_a_hostile_key_is_refused_everywhere(storage: Storage, tmp_path: Path, key: str) -> None:
    source = tmp_path / "source"
    source.write_bytes(b"x")
    attempts: list[Callable[[], object]] = [
        lambda: storage.put(source, key, MP4),
        lambda: storage.put_bytes(b"x", key, MP4),
        lambda: storage.get_bytes(key),
        lambda: storage.fetch(key, tmp_path / "copy"),
        lambda: storage.size(key),
        lambda: storage.delete(key),
        lambda: storage.url(key, DAY, MP4),
        lambda: storage.ticket(key, MP4, 1),
    ]
    for attempt in attempts:
        with pytest.raises(BadKey):
            attempt()
    assert list(storage.keys()) == []
    assert not (tmp_path / "copy").exists()


@pytest.mark.parametrize("prefix", ["../", "/", "video//", ".incoming", "video/../", "ä", "v" * 201, "a\0"])
def test_a_hostile_prefix_is_refused(storage: Storage, prefix: str) -> None:
    with pytest.raises(BadKey):
        storage.keys(prefix)


@pytest.mark.parametrize("content_type", ["", "video", "video/mp4\r\nSet-Cookie: a=b", "vidéo/mp4", "a/" + "b" * 100])
def test_a_content_type_that_would_break_a_header_is_refused(storage: Storage, content_type: str) -> None:
    for attempt in (
        lambda: storage.put_bytes(b"x", "video/1/1.mp4", content_type),
        lambda: storage.url("video/1/1.mp4", DAY, content_type),
        lambda: storage.ticket("video/1/1.mp4", content_type, 1),
    ):
        with pytest.raises(BadKey):
            attempt()


@pytest.mark.parametrize("size", [5, BIG])
def test_a_key_that_is_taken_keeps_what_it_has(storage: Storage, tmp_path: Path, size: int) -> None:
    storage.put_bytes(b"first", "video/1/1.mp4", MP4)
    other = tmp_path / "other.mp4"
    other.write_bytes(b"o" * size)
    with pytest.raises(KeyExists):
        storage.put(other, "video/1/1.mp4", MP4)
    with pytest.raises(KeyExists):
        storage.put_bytes(b"o" * size, "video/1/1.mp4", MP4)
    assert storage.get_bytes("video/1/1.mp4") == b"first"


def race(storage: Storage, size: int) -> list[bytes]:
    """Six writers of one key at once; what each of those who were told that they had won has written."""

    def put(letter: bytes) -> bytes | None:
        try:
            storage.put_bytes(letter * size, "video/1/1.mp4", MP4)
        except KeyExists:
            return None
        return letter * size

    with ThreadPoolExecutor(6) as pool:
        return [won for won in pool.map(put, [b"a", b"b", b"c", b"d", b"e", b"f"]) if won]


def test_of_many_writers_of_one_key_exactly_one_wins(storage: Storage) -> None:
    won = race(storage, 1000)
    assert [storage.get_bytes("video/1/1.mp4")] == won


def test_many_writers_of_one_long_video_leave_one_that_is_whole(storage: Storage) -> None:
    # In parts: SeaweedFS looks at If-None-Match before it joins them, so two may be told that they have won.
    won = race(storage, 9 << 20)
    assert storage.get_bytes("video/1/1.mp4") in won


def test_many_writers_and_removers_side_by_side_lose_nothing(storage: Storage) -> None:
    def work(number: int) -> None:
        for round_ in range(5):  # every delete may take the shared folder away under the other's put
            storage.put_bytes(b"%d" % number, f"chunk/shared/{number}-{round_}", MP4)
            storage.delete(f"chunk/shared/{number}-{round_}")
        storage.put_bytes(b"%d" % number, f"chunk/shared/{number}", MP4)

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(work, range(16)))
    assert {storage.get_bytes(key) for key in storage.keys("chunk/")} == {b"%d" % n for n in range(16)}


def test_a_check_passes_and_leaves_nothing(storage: Storage) -> None:
    storage.check()
    assert list(storage.keys()) == []


def test_the_marker_ties_a_storage_to_one_installation(make_storage: Callable[..., Storage]) -> None:
    assert read_marker(make_storage()) is None
    ensure_marker(make_storage(), "alice-s-office")
    ensure_marker(make_storage(), "alice-s-office")
    with pytest.raises(WrongInstallation, match=r"another installation \(alice-s-office; ours is charlie-s\)"):
        ensure_marker(make_storage(), "charlie-s")
    assert make_storage().get_bytes(MARKER) == b"alice-s-office"


def test_the_newest_number_is_known_whoever_noted_it_and_those_before_it_go(
    make_storage: Callable[..., Storage],
) -> None:
    assert generation.newest(make_storage()) == 0
    for number in (1, 9, 10, 10):
        generation.note(make_storage(), number)
    assert generation.newest(make_storage()) == 10
    generation.note(make_storage(), 8)  # whoever was slower
    assert generation.newest(make_storage()) == 10
    generation.note(make_storage(), 11)
    assert list(make_storage().keys(generation.PREFIX)) == [f"{generation.PREFIX}11"]


def test_of_two_installations_that_start_at_once_one_gets_the_storage(
    make_storage: Callable[..., Storage],
) -> None:
    def start(installation: str) -> bool:
        try:
            ensure_marker(make_storage(), installation)
        except StorageError:
            return False
        return True

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(start, ["one", "two"])) == [False, True]
