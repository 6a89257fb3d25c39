"""Storage in a folder of this machine (or a shared mount): the default. Objects appear whole or not at all,
survive a power cut once stored, and are given out by signed links that web/media.py answers. Knows no HTTP
framework."""

from __future__ import annotations

import errno
import io
import os
import secrets
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta
from pathlib import Path
from typing import IO

from vidmsg.storage.keys import attachment, check_content_type, check_key, check_life, check_prefix, is_key
from vidmsg.storage.links import Links, Reading, Writing
from vidmsg.storage.port import TICKET_LIFE, KeyExists, NotFound, StorageError, Ticket

_INCOMING = ".incoming"  # no key begins with a dot; one folder, so that the sweep never walks the whole store
_LEFTOVER_AFTER = timedelta(hours=1)  # other processes may be writing just now; theirs are younger
_BLOCK = 1 << 20
_NO_HARD_LINKS = {errno.EPERM, errno.ENOSYS, errno.EOPNOTSUPP, errno.EMLINK}


class Directory:
    """Objects as files below `root`. `secret` signs links; `base_path` is where web/media.py answers them."""

    def __init__(
        self, root: Path, secret: bytes | str, base_path: str = "/media", ticket_life: timedelta = TICKET_LIFE
    ) -> None:
        self.base_path = base_path.rstrip("/")
        self.links = Links(secret)
        self.root = root.resolve()
        self._incoming = self.root / _INCOMING
        self._ticket_life = ticket_life
        with self._sentences():
            self._incoming.mkdir(parents=True, exist_ok=True, mode=0o700)
            self._sweep()

    def put(self, path: Path, key: str, content_type: str) -> None:
        """Keep a copy of the file. Raises KeyExists when the key is taken."""
        check_content_type(content_type)
        with path.open("rb") as source:
            self.receive(source, key)

    def put_bytes(self, data: bytes, key: str, content_type: str) -> None:
        """Keep these bytes. Raises KeyExists when the key is taken."""
        check_content_type(content_type)
        self.receive(io.BytesIO(data), key)

    def receive(self, source: IO[bytes], key: str, size: int | None = None) -> None:
        """Keep what `source` holds; raises StorageError, keeping nothing, when that is not `size` bytes."""
        target = self.path(key)
        with self._sentences(), self._temporary() as temporary:
            with temporary.open("wb") as file:
                shutil.copyfileobj(source, file, _BLOCK)
                file.flush()
                os.fsync(file.fileno())
                arrived = file.tell()
            if size is not None and arrived != size:
                raise StorageError(f"Only {arrived} of {size} bytes arrived. Send it again.")
            self._publish(temporary, target)

    def get_bytes(self, key: str) -> bytes:
        """The whole object in memory. Raises NotFound."""
        path = self.path(key)
        with self._sentences(key):
            return path.read_bytes()

    def fetch(self, key: str, path: Path) -> None:
        """Write a copy of the object to `path`, which appears whole or not at all. Raises NotFound."""
        partial = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
        with self._sentences(key):
            source = self.path(key).open("rb")
        with source, self._sentences():
            try:
                with partial.open("wb") as copy:
                    shutil.copyfileobj(source, copy, _BLOCK)
                partial.replace(path)
            finally:
                partial.unlink(missing_ok=True)

    def size(self, key: str) -> int | None:
        """Bytes of the object, or None when there is none."""
        path = self.path(key)
        with self._sentences():
            return path.stat().st_size if path.is_file() else None

    def delete(self, key: str) -> None:
        """Remove the object and the folders that are empty without it; quiet when there is none."""
        path = self.path(key)
        with self._sentences():
            if not path.is_file():
                return
            path.unlink(missing_ok=True)
        for folder in path.parents:
            if folder == self.root:
                return
            try:
                folder.rmdir()
            except OSError:
                return  # not empty: others live here

    def keys(self, prefix: str = "") -> Iterator[str]:
        """Every key that begins with `prefix`, in no particular order."""
        return self._walk("", check_prefix(prefix))

    def url(self, key: str, ttl: timedelta, content_type: str, download: str | None = None) -> str:
        """A signed path on the application's own origin, good for `ttl`."""
        check_life(ttl)
        disposition = attachment(download) if download is not None else None
        grant = Reading(check_key(key), check_content_type(content_type), disposition)
        return f"{self.base_path}/{self.links.sign(grant, ttl)}"

    def ticket(self, key: str, content_type: str, size: int) -> Ticket:
        """Leave to PUT one object of this type and size to the application's own origin."""
        token = self.links.sign(Writing(check_key(key), check_content_type(content_type), size), self._ticket_life)
        return Ticket(f"{self.base_path}/{token}", "PUT", {"Content-Type": content_type, "If-None-Match": "*"})

    def origins(self) -> tuple[str, ...]:
        """None: everything comes from the application itself."""
        return ()

    def check(self) -> None:
        """Really write, read, list and delete a probe object."""
        key, data = f"check/{secrets.token_hex(8)}", secrets.token_bytes(64)
        self.put_bytes(data, key, "application/octet-stream")
        try:
            if self.get_bytes(key) != data or list(self.keys(key)) != [key]:
                raise StorageError(f"What was written to {self.root} did not come back. Check that disk.")
        finally:
            self.delete(key)

    def path(self, key: str) -> Path:
        """The file that holds, or would hold, this object."""
        return self.root / check_key(key)

    def _walk(self, folder: str, prefix: str) -> Iterator[str]:
        try:
            with os.scandir(self.root / folder) as entries:
                names = [f"{folder}{entry.name}{'/' if entry.is_dir() else ''}" for entry in entries]
        except FileNotFoundError:
            return  # deleted while we walked
        for name in names:
            if name.endswith("/"):
                if is_key(name[:-1]) and (name.startswith(prefix) or prefix.startswith(name)):
                    yield from self._walk(name, prefix)
            elif name.startswith(prefix) and is_key(name):
                yield name

    @contextmanager
    def _temporary(self) -> Iterator[Path]:
        descriptor, name = tempfile.mkstemp(prefix="up-", dir=self._incoming)
        os.close(descriptor)
        try:
            yield Path(name)
        finally:
            Path(name).unlink(missing_ok=True)

    def _publish(self, temporary: Path, target: Path) -> None:
        for _ in range(10):
            try:
                _make_folder(target.parent)
                _link(temporary, target)
            except FileNotFoundError:
                continue  # a delete took a folder away that was still empty
            except FileExistsError:
                raise KeyExists("There is something under this key already. It stays as it is.") from None
            _sync_folder(target.parent)
            return
        raise StorageError(f"The folder {target.parent} goes away again and again. Does something clean up there?")

    def _sweep(self) -> None:
        """Remove what a killed process left half written. Ages are told by the disk's own clock: the file
        server or a test may have another time than we."""
        with tempfile.TemporaryFile(dir=self._incoming) as probe:
            now = os.fstat(probe.fileno()).st_mtime
        for leftover in self._incoming.iterdir():
            with suppress(FileNotFoundError):  # its owner, or another sweep, was faster
                if now - leftover.stat().st_mtime > _LEFTOVER_AFTER.total_seconds():
                    leftover.unlink()

    @contextmanager
    def _sentences(self, key: str | None = None) -> Iterator[None]:
        """Turn the system's errors into sentences; with `key`, a missing file into NotFound."""
        try:
            yield
        except OSError as error:
            if key is not None and error.errno in {errno.ENOENT, errno.EISDIR, errno.ENOTDIR}:
                raise NotFound("This file is no longer kept.") from None
            raise StorageError(self._sentence(error)) from error

    def _sentence(self, error: OSError) -> str:
        if error.errno in {errno.ENOSPC, errno.EDQUOT}:
            return f"The disk of {self.root} is full. Free some space, then try again."
        if error.errno in {errno.EACCES, errno.EPERM, errno.EROFS}:
            return f"We may not write in {self.root}. Give that folder to the account that runs the server."
        return f"The folder {self.root} does not work: {error.strerror}. Check the disk, then try again."


def _make_folder(folder: Path) -> None:
    """Make the folder and those above it, each on disk before the next, so that a power cut loses no path."""
    if folder.is_dir():
        return
    _make_folder(folder.parent)
    with suppress(FileExistsError):
        folder.mkdir(mode=0o700)
        _sync_folder(folder.parent)


def _link(temporary: Path, target: Path) -> None:
    """Give the finished file its name unless the name is taken, in one step where the file system can."""
    try:
        os.link(temporary, target)
    except OSError as error:
        if error.errno not in _NO_HARD_LINKS:
            raise
        if target.exists():
            raise FileExistsError from None
        temporary.replace(target)


def _sync_folder(folder: Path) -> None:
    if os.name != "posix":
        return  # Windows has no such call for folders
    try:
        descriptor = os.open(folder, os.O_RDONLY)
    except FileNotFoundError:
        return  # a delete was faster
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
