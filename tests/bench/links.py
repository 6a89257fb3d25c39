"""A sent link, straight into the database and storage, for benches that only watch."""

from __future__ import annotations

from pathlib import Path

from tests import cast
from tests.server import Server
from vidmsg import clock
from vidmsg.database import writing
from vidmsg.messages.models import Link, Message
from vidmsg.tokens import new_token
from vidmsg.videos import models


def seed(server: Server, clip: Path, poster: Path | None, seconds: float) -> str:
    """A delivered message of Bob's to Maria with this clip as its standard rendition; the link's token."""
    app, now = server.app(), clock.now()
    key, poster_key = f"video/{new_token()}/{new_token()}.mp4", f"poster/{new_token()}/{new_token()}.jpg"
    app.extensions["storage"].put(clip, key, "video/mp4")
    with app.app_context(), writing() as session:
        people = cast.put_in(session)
        bob, maria = people.bob, people.maria
        wall = {"organisation_id": bob.organisation_id, "team_id": bob.team_id}
        video = models.Video(
            **wall,
            owner_id=bob.id,
            person_id=maria.id,
            state=models.READY,
            duration_s=seconds,
            created_at=now,
            kept_at=now,
        )
        session.add(video)
        session.flush()
        session.add(
            models.Rendition(
                video_id=video.id,
                kind=models.STANDARD,
                key=key,
                content_type="video/mp4",
                created_at=now,
                bytes=clip.stat().st_size,
                width=1280,
                height=720,
                duration_s=seconds,
            )
        )
        if poster:
            app.extensions["storage"].put(poster, poster_key, "image/jpeg")
            session.add(
                models.Rendition(
                    video_id=video.id,
                    kind=models.POSTER,
                    key=poster_key,
                    content_type="image/jpeg",
                    bytes=poster.stat().st_size,
                    width=1280,
                    height=720,
                    created_at=now,
                )
            )
        message = Message(
            **wall,
            person_id=maria.id,
            sender_id=bob.id,
            video_id=video.id,
            request_key=new_token(),
            phone=maria.phone,
            body="Hi Maria",
            words="Thank you for coming back.",
            state="delivered",
            created_at=now,
            changed_at=now,
        )
        session.add(message)
        session.flush()
        link = Link(message_id=message.id, video_id=video.id, created_at=now)
        session.add(link)
        session.flush()
        return link.token
