"""The marker ties storage to the database it belongs to, so that a restored or copied half never works with
the wrong other half. It is one small object that holds the installation's id."""

from __future__ import annotations

from contextlib import suppress

from vidmsg.storage.port import KeyExists, NotFound, Storage, StorageError

MARKER = "installation"


class WrongInstallation(StorageError):
    """This storage belongs to another database."""


def ensure_marker(storage: Storage, installation_id: str) -> None:
    """Leave our marker in a new storage, or see that it is ours; raises WrongInstallation when it is not."""
    with suppress(KeyExists):
        if storage.size(MARKER) is None:
            storage.put_bytes(installation_id.encode(), MARKER, "text/plain")
    found = read_marker(storage)
    if found != installation_id:
        raise WrongInstallation(
            f"These videos belong to another installation ({found or 'unnamed'}; ours is {installation_id}). "
            "Use the storage that belongs to this database, or an empty one."
        )


def read_marker(storage: Storage) -> str | None:
    """The id of the installation that this storage belongs to, or None when it is new."""
    try:
        return storage.get_bytes(MARKER).decode("utf-8", "replace").strip()
    except NotFound:
        return None
