"""What the media tests share: each sample is prepared once a run."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.media_samples import sample
from tests.sharing import Shared
from vidmsg.media.prepare import Prepared, prepare


@pytest.fixture(scope="session")
def prepared(shared: Shared) -> Callable[[str], Prepared]:
    """The rendition of a sample, made when it is first asked for."""
    return lambda name: shared.once(f"prepared {name}", lambda folder: prepare(sample(name), folder, picked=True))


class Canary:
    """A pipe in the place of another person's file: whoever opens it is noticed."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.opened = threading.Event()
        os.mkfifo(path)
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self._thread.start()

    def _watch(self) -> None:
        with self.path.open("wb"):  # waits until somebody reads
            self.opened.set()

    def release(self) -> None:
        """Let the watching thread end."""
        os.close(os.open(self.path, os.O_RDONLY | os.O_NONBLOCK))
        self._thread.join(5)


@pytest.fixture
def canary(tmp_path: Path) -> Iterator[Canary]:
    bird = Canary(tmp_path / "other_upload.mp4")
    yield bird
    bird.release()
