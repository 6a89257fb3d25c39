"""The installation's own secret in its data folder: made once, whole or not at all, and never used when damaged. Knows
nothing of what is signed with it."""

from __future__ import annotations

import os
import secrets
import tempfile
from contextlib import suppress
from pathlib import Path

from vidmsg.errors import Sentence

FILE = "secret.key"
SHORTEST = 32  # characters; ours have 64


def kept(folder: Path) -> str:
    """The secret of this data folder, made if there is none yet. Raises Sentence where what is there is none."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / FILE
    if not path.exists():
        _make(path)
    found = path.read_bytes().decode("ascii", "replace").strip()
    if len(found) < SHORTEST:
        raise Sentence(
            f"{path} is empty or damaged. Bring it back from a backup. Without one remove the file: then a new "
            "secret is made, everybody signs in again, and second steps are set up anew."
        )
    return found


def _make(path: Path) -> None:
    """On disk before it has its name, so that neither a power cut nor a process that starts at the same moment ever
    sees half of it."""
    descriptor, name = tempfile.mkstemp(prefix=f".{FILE}-", dir=path.parent)  # nobody else may read it
    temporary = Path(name)
    try:
        with os.fdopen(descriptor, "w", encoding="ascii") as file:
            file.write(secrets.token_urlsafe(48))
            file.flush()
            os.fsync(file.fileno())
        with suppress(FileExistsError):  # another process of ours was first; its secret is the one
            _name(temporary, path)
    finally:
        temporary.unlink(missing_ok=True)
    if os.name == "posix":  # Windows has no such call for folders
        folder = os.open(path.parent, os.O_RDONLY)
        os.fsync(folder)
        os.close(folder)


def _name(temporary: Path, path: Path) -> None:
    try:
        os.link(temporary, path)
    except FileExistsError:
        raise
    except OSError:  # a file system without hard links
        if path.exists():
            raise FileExistsError from None
        temporary.replace(path)
