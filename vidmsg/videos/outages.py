"""Which errors say nothing about a video: storage or the database is away, the disk is full. They pass, so a job that
meets one waits, and never gives a take up because of it."""

from __future__ import annotations

import errno

import sqlalchemy as sa

from vidmsg.storage import BadKey, KeyExists, NotFound, StorageError
from vidmsg.videos.workplace import NoRoom

AWAY = (StorageError, NoRoom, sa.exc.OperationalError, sa.exc.InterfaceError)
ABOUT_THE_OBJECT = (NotFound, KeyExists, BadKey)
FULL = {errno.ENOSPC, errno.EDQUOT}


def is_outage(error: Exception) -> bool:
    """Whether the same work may well succeed a little later, with nothing changed about the video."""
    if isinstance(error, OSError) and error.errno in FULL:
        return True
    return isinstance(error, AWAY) and not isinstance(error, ABOUT_THE_OBJECT)
