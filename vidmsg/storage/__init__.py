"""Where videos are kept: one port (port.py) with two classes, a folder (directory.py) and a bucket (s3.py).
This module chooses between them; the rest of the application knows the port only."""

from __future__ import annotations

from pathlib import Path
from typing import Protocol

from vidmsg.storage.directory import Directory
from vidmsg.storage.port import BadKey, KeyExists, NotFound, Storage, StorageError, Ticket

__all__ = [
    "BadKey",
    "KeyExists",
    "NotFound",
    "Storage",
    "StorageError",
    "StorageSettings",
    "Ticket",
    "open_storage",
]


class StorageSettings(Protocol):
    """The settings that decide about storage; empty and None both mean "not set"."""

    @property
    def data_dir(self) -> Path: ...
    @property
    def secret_key(self) -> str: ...
    @property
    def s3_bucket(self) -> str | None: ...
    @property
    def s3_region(self) -> str | None: ...
    @property
    def s3_endpoint(self) -> str | None: ...
    @property
    def s3_prefix(self) -> str | None: ...
    @property
    def aws_access_key_id(self) -> str | None: ...
    @property
    def aws_secret_access_key(self) -> str | None: ...
    @property
    def aws_session_token(self) -> str | None: ...


def open_storage(settings: StorageSettings) -> Storage:
    """The bucket if one is set, else the folder `media` of the data folder. Raises StorageError."""
    if not settings.s3_bucket:
        return Directory(settings.data_dir / "media", settings.secret_key)
    # Imported only here: boto3 costs memory that an embedded installation shall not pay.
    from vidmsg.storage.s3 import S3

    return S3(
        bucket=settings.s3_bucket,
        region=settings.s3_region,
        endpoint=settings.s3_endpoint,
        prefix=settings.s3_prefix,
        access_key_id=settings.aws_access_key_id,
        secret_access_key=settings.aws_secret_access_key,
        session_token=settings.aws_session_token,
    )
