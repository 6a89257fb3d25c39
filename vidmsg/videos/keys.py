"""Names of our objects in storage: raw/<upload>/… for pieces as they arrive, video/<video>/… and poster/<video>/… for
what is made of them. Every name is random and is used once; the moment it was made stands in it, so that a sweep can
tell what a crash left behind from what is on its way just now."""

from __future__ import annotations

import datetime as dt
import re

from vidmsg import clock
from vidmsg.tokens import new_token

RAW, VIDEO, POSTER = "raw/", "video/", "poster/"
_STAMP = re.compile(r"/(?:\d+-)?t(\d+)-[\w-]+(?:\.\w+)?$")


def raw_key(upload_id: str, offset: int) -> str:
    """Where a piece that begins at `offset` is kept."""
    return f"{RAW}{upload_id}/{offset}-{_name()}"


def video_key(video_id: str) -> str:
    """Where a playable file is kept."""
    return f"{VIDEO}{video_id}/{_name()}.mp4"


def picture_key(video_id: str) -> str:
    """Where a still of a video is kept."""
    return f"{POSTER}{video_id}/{_name()}.jpg"


def made_at(key: str) -> dt.datetime | None:
    """When a key was made; None for a key that is not one of these."""
    found = _STAMP.search(key)
    return dt.datetime.fromtimestamp(int(found.group(1)), dt.UTC) if found else None


def _name() -> str:
    return f"t{int(clock.now().timestamp())}-{new_token()}"
