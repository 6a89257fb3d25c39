"""A sent link, straight into the database and storage, for benches that only watch."""

from __future__ import annotations

from pathlib import Path

from tests import cast, watched
from tests.server import Server
from vidmsg.database import writing
from vidmsg.videos.models import POSTER, STANDARD


def seed(server: Server, clip: Path, poster: Path | None, seconds: float, size: tuple[int, int] = (1280, 720)) -> str:
    """A delivered message of Bob's to Maria with this clip as its standard rendition; the link's token."""
    width, height = size
    app = server.app()
    storage = app.extensions["storage"]
    with app.app_context(), writing() as session:
        sent = watched.arrived(session, cast.put_in(session), width=width, height=height, seconds=seconds)
        film = clip.read_bytes()
        watched.add(session, storage, sent.video_id, STANDARD, film, "video/mp4", width, height, seconds)
        if poster:
            watched.add(session, storage, sent.video_id, POSTER, poster.read_bytes(), "image/jpeg", width, height)
    return sent.token
