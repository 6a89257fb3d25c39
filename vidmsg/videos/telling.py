"""What a rep is told about a video before she sends it: sentences with a code each, and the state that her page polls.
It only reads."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any

from flask import url_for
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from vidmsg.videos import renditions
from vidmsg.videos.models import PLAYABLE, POSTER, READY, TAKE, Rendition, Upload, Video

Where = Callable[[Video, Rendition], str]


@dataclass(frozen=True)
class Problem:
    """One thing that she should know."""

    code: str
    message: str


def problems(video: Video) -> list[Problem]:
    """Everything that is not as she would expect, the gravest first."""
    found = []
    if video.problem_code:
        found.append(Problem(video.problem_code, _(video.problem or "")))
    if video.truncated:
        found.append(Problem("truncated", _truncated(video)))
    if video.state in {PLAYABLE, READY} and video.has_audio is False:
        found.append(Problem("no_sound", _("This video has no sound.")))
    elif video.silent:
        found.append(Problem("silent", _("We hear almost nothing. Is the microphone covered?")))
    if video.dark:
        found.append(Problem("dark", _("The picture is almost black. Is the lens covered?")))
    return found


def _truncated(video: Video) -> str:
    said: str = _("The end of this video is missing. It plays up to there.")
    if video.kind == TAKE and video.duration_s is None:
        said = _(
            "Only the beginning of this take arrived. Open vidmsg on the device it was recorded on: "
            "what is left there goes up by itself."
        )
    elif video.kind == TAKE:
        length = f"{int(video.duration_s or 0) // 60}:{int(video.duration_s or 0) % 60:02d}"
        said = _(
            "Only the first %(length)s of this take arrived. Open vidmsg on the device it was recorded on: "
            "what is left there goes up by itself.",
            length=length,
        )
    return said


def play_url(video: Video, rendition: Rendition) -> str:
    """Where somebody who signed in finds its bytes."""
    return url_for("videos.play", video_id=video.id, kind=rendition.kind)


def state(session: Session, video: Video, upload: Upload | None, where: Where = play_url) -> dict[str, Any]:
    """What the recorder and the pages ask for again and again; it changes only when the video does. `where` tells the
    addresses of its bytes."""
    playable = renditions.playable(session, video)
    poster = renditions.find(session, video.id, POSTER)
    return {
        "state": video.state,
        "duration_s": video.duration_s,
        "poster_url": where(video, poster) if poster else None,
        "play_url": where(video, playable) if playable else None,
        "problems": [asdict(problem) for problem in problems(video)],
        "bytes": upload.offset if upload else 0,
        "kept": video.kept_at is not None,
    }
