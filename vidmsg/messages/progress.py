"""What became of a video after its text arrived, asked from above: the feature that counts visits registers one
function here, because messages may not know it. Without one, nobody has looked yet."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from typing import Any, TypedDict, cast

from sqlalchemy.orm import Session

from vidmsg.messages.models import Message


class Progress(TypedDict):
    """`percent` is the most that one visitor saw, 0 to 100; `plays` how often a person pressed play; `felt` the face
    that was tapped. Opened and played are first times."""

    opened_at: dt.datetime | None
    played_at: dt.datetime | None
    percent: int
    plays: int
    felt: str | None


Source = Callable[[Session, Message], Mapping[str, Any]]
NOTHING = Progress(opened_at=None, played_at=None, percent=0, plays=0, felt=None)
_sources: dict[str, Source] = {}


def register(source: Source) -> None:
    """Let `source` answer from now on."""
    _sources["watching"] = source


def of(session: Session, message: Message) -> Progress:
    """How far the person has come with this message's video."""
    source = _sources.get("watching")
    return cast(Progress, source(session, message)) if source and message.video_id else NOTHING
