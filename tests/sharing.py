"""Things that cost a while to make and are only looked at afterwards: made once a test run, by whichever process needs
one first; the others wait for it."""

from __future__ import annotations

import fcntl
import os
import pickle
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import pytest

T = TypeVar("T")


class Shared:
    """A folder that all processes of a test run see."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def once(self, name: str, make: Callable[[Path], T]) -> T:
        """What `make(folder)` gave, in whichever process it ran; a failure is not kept. It must be possible to
        pickle it, and the files in its folder must stay as they are."""
        folder = self._folder / name.replace("/", "-")
        folder.mkdir(parents=True, exist_ok=True)
        result = folder / "result.pickle"
        with (folder / "lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not result.exists():
                data = pickle.dumps(make(folder))
                result.write_bytes(data)
        found: T = pickle.loads(result.read_bytes())
        return found


@pytest.fixture(scope="session")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Shared:
    """Made once a run: `shared.once(name, make)`."""
    base = tmp_path_factory.getbasetemp()  # under xdist each process has one of its own, beside the others
    return Shared((base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / "shared")
