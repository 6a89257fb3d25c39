"""What a folder as storage does when the disk, another process or a power cut gets in its way."""

from __future__ import annotations

import errno
import io
import os
import time
from pathlib import Path

import pytest

from vidmsg.storage import KeyExists, StorageError
from vidmsg.storage.directory import Directory

MP4 = "video/mp4"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return tmp_path / "media"


@pytest.fixture
def storage(root: Path) -> Directory:
    return Directory(root, b"secret")


def files(root: Path) -> list[str]:
    return sorted(str(path.relative_to(root)) for path in root.rglob("*") if path.is_file())


class Broken(io.BytesIO):
    """A body whose phone goes away after the first block."""

    def read(self, size: int | None = -1) -> bytes:
        if self.tell():
            raise ConnectionResetError(errno.ECONNRESET, "gone")
        return super().read(10)


def test_a_body_that_breaks_off_leaves_nothing(storage: Directory, root: Path) -> None:
    with pytest.raises(StorageError):
        storage.receive(Broken(b"x" * 100), "video/1/1.mp4")
    assert files(root) == []


def test_a_body_of_another_size_than_agreed_leaves_nothing(storage: Directory, root: Path) -> None:
    with pytest.raises(StorageError, match="Only 5 of 6 bytes arrived"):
        storage.receive(io.BytesIO(b"12345"), "video/1/1.mp4", 6)
    assert files(root) == []


def test_a_full_disk_is_told_and_leaves_nothing(
    storage: Directory, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_descriptor: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(StorageError, match="is full"):
        storage.put_bytes(b"x", "video/1/1.mp4", MP4)
    assert files(root) == []


def test_bytes_are_on_disk_before_the_object_has_its_name(
    storage: Directory, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    named_at_sync: list[bool] = []
    sync = os.fsync

    def watched(descriptor: int) -> None:
        named_at_sync.append((root / "video/1/1.mp4").exists())
        sync(descriptor)

    monkeypatch.setattr(os, "fsync", watched)
    storage.put_bytes(b"x", "video/1/1.mp4", MP4)
    assert named_at_sync[0] is False
    assert named_at_sync[-1] is True  # the name itself is made durable too


def test_a_file_system_without_hard_links_keeps_the_promise(
    storage: Directory, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def unknown(_source: object, _target: object) -> None:
        raise OSError(errno.EPERM, "Operation not permitted")

    monkeypatch.setattr(os, "link", unknown)
    storage.put_bytes(b"first", "video/1/1.mp4", MP4)
    with pytest.raises(KeyExists):
        storage.put_bytes(b"other", "video/1/1.mp4", MP4)
    assert storage.get_bytes("video/1/1.mp4") == b"first"
    assert files(root) == ["video/1/1.mp4"]


def test_a_start_sweeps_what_a_killed_process_left_but_not_what_another_is_writing(root: Path) -> None:
    incoming = root / ".incoming"
    Directory(root, b"secret")
    (incoming / "up-old").write_bytes(b"half")
    (incoming / "up-young").write_bytes(b"half")
    two_hours_ago = time.time() - 7200
    os.utime(incoming / "up-old", (two_hours_ago, two_hours_ago))
    Directory(root, b"secret")
    assert files(root) == [".incoming/up-young"]


def test_what_is_half_written_is_never_listed(storage: Directory, root: Path) -> None:
    (root / ".incoming" / "up-1").write_bytes(b"half")
    assert list(storage.keys()) == []


def test_a_deleted_object_takes_its_empty_folders_along(storage: Directory, root: Path) -> None:
    for key in ("chunk/1/0", "chunk/1/5", "chunk/2/0"):
        storage.put_bytes(b"x", key, MP4)
    storage.delete("chunk/1/0")
    assert (root / "chunk/1").is_dir()
    storage.delete("chunk/1/5")
    assert not (root / "chunk/1").exists()
    storage.delete("chunk/2/0")
    assert [path.name for path in root.iterdir()] == [".incoming"]


def test_a_key_below_an_object_is_refused_with_a_sentence(storage: Directory) -> None:
    storage.put_bytes(b"x", "video/1", MP4)
    with pytest.raises(StorageError, match="does not work"):
        storage.put_bytes(b"y", "video/1/more", MP4)
    assert storage.get_bytes("video/1") == b"x"


def test_a_folder_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(StorageError, match="does not work: Not a directory"):
        Directory(tmp_path / "file" / "media", b"secret")


def test_objects_are_for_the_account_of_the_server_only(storage: Directory, root: Path) -> None:
    storage.put_bytes(b"x", "video/1/1.mp4", MP4)
    assert (root / "video/1/1.mp4").stat().st_mode & 0o077 == 0
    assert (root / "video").stat().st_mode & 0o077 == 0


def test_a_storage_without_a_secret_is_not_opened(root: Path) -> None:
    with pytest.raises(ValueError, match="secret"):
        Directory(root, b"")
