"""A video text that has arrived: Maria has Bob's message with a link to a real small video. For tests of the
customer's page, which need no recorder and no sending."""

from __future__ import annotations

import datetime as dt
import subprocess
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import imageio_ffmpeg
import sqlalchemy as sa
from sqlalchemy.orm import Session

from tests import cast
from tests.cast import Cast
from vidmsg.messages import states
from vidmsg.messages.models import Attempt, Link, Message, StatusEvent
from vidmsg.people.models import Consent
from vidmsg.storage import Storage
from vidmsg.tokens import new_token
from vidmsg.videos.models import POSTER, READY, STANDARD, Rendition, Video

AGREED = dt.datetime(2024, 3, 9, 18, 0, tzinfo=dt.UTC)
SENT = dt.datetime(2026, 5, 4, 16, 10, tzinfo=dt.UTC)
WORDS = "Five years, and you still bring the good bread.\n\nThank you for letting us be part of your mornings."


@dataclass(frozen=True)
class Sent:
    """Ids of what was made; `token` is the link's."""

    token: str
    link_id: int
    message_id: str
    video_id: str
    sender_id: int

    @property
    def path(self) -> str:
        """The page's path."""
        return f"/v/{self.token}"


@cache
def small_mp4(width: int = 180, height: int = 320, seconds: int = 4) -> bytes:
    """A moving picture with a tone, H.264 and AAC, faststart."""
    return _made(
        "-f",
        "lavfi",
        "-i",
        f"testsrc2=size={width}x{height}:rate=30",
        "-f",
        "lavfi",
        "-i",
        "sine=frequency=440",
        "-t",
        str(seconds),
        "-c:v",
        "libx264",
        "-preset",
        "veryfast",
        "-pix_fmt",
        "yuv420p",
        "-g",
        "15",
        "-c:a",
        "aac",
        "-movflags",
        "+faststart",
        name="video.mp4",
    )


@cache
def large_mp4() -> bytes:
    """Thirty seconds of noise, too many bytes for a player to hold, so that it must ask for more when it goes on."""
    return _made(
        "-f",
        "lavfi",
        "-i",
        "nullsrc=size=640x360:rate=15,geq=random(1)*255:128:128,loop=loop=-1:size=15",
        "-t",
        "30",
        "-c:v",
        "libx264",
        "-preset",
        "ultrafast",
        "-g",
        "1",
        "-b:v",
        "6M",
        "-pix_fmt",
        "yuv420p",
        "-movflags",
        "+faststart",
        name="video.mp4",
    )


@cache
def small_jpeg(width: int, height: int) -> bytes:
    """A picture of this size."""
    return _made("-f", "lavfi", "-i", f"testsrc2=size={width}x{height}", "-frames:v", "1", name="still.jpg")


def make(
    session: Session,
    storage: Storage,
    *,
    width: int = 180,
    height: int = 320,
    seconds: int = 4,
    words: str = WORDS,
    playable: bool = True,
    large: bool = False,
) -> Sent:
    """Organisation, rep, customer, consent, message, link; with `playable`, also a stored video and its poster."""
    sent = arrived(session, _people(session), width=width, height=height, seconds=seconds, words=words)
    if playable:
        film = large_mp4() if large else small_mp4(width, height, seconds)
        add(session, storage, sent.video_id, STANDARD, film, "video/mp4", width, height, 30 if large else seconds)
        still = small_jpeg(width * 2, height * 2)
        add(session, storage, sent.video_id, POSTER, still, "image/jpeg", width * 2, height * 2)
    return sent


def arrived(
    session: Session,
    people: Cast,
    *,
    width: int = 180,
    height: int = 320,
    seconds: float = 4,
    words: str = WORDS,
    at: dt.datetime = SENT,
) -> Sent:
    """Bob's message to Maria and its link, with a video whose bytes nobody stored yet."""
    bob, maria = people.bob, people.maria
    video = Video(
        organisation_id=maria.organisation_id,
        team_id=maria.team_id,
        owner_id=bob.id,
        person_id=maria.id,
        state=READY,
        created_at=at,
        width=width,
        height=height,
        duration_s=float(seconds),
    )
    session.add(video)
    session.flush()
    message = _message(session, people, video, words, at)
    link = Link(message_id=message.id, video_id=video.id, created_at=at)
    session.add(link)
    session.flush()
    return Sent(link.token, link.id, message.id, video.id, bob.id)


def add(
    session: Session,
    storage: Storage,
    video_id: str,
    kind: str,
    data: bytes,
    content_type: str,
    width: int,
    height: int,
    seconds: float | None = None,
    number: int = 1,
) -> Rendition:
    """Store bytes as a rendition of this kind."""
    key = f"videos/{video_id}/{kind}-{number}-{new_token()}.bin".replace("/-", "/x").replace("-.", "x.")
    storage.put_bytes(data, key, content_type)
    rendition = Rendition(
        video_id=video_id,
        kind=kind,
        number=number,
        key=key,
        content_type=content_type,
        bytes=len(data),
        width=width,
        height=height,
        duration_s=seconds,
        created_at=SENT,
    )
    session.add(rendition)
    session.flush()
    return rendition


def _people(session: Session) -> Cast:
    """The cast; Maria agreed on a day that the tests know."""
    everybody = cast.put_in(session)
    session.execute(sa.update(Consent).values(at=AGREED))
    return everybody


def _message(session: Session, people: Cast, video: Video, words: str, at: dt.datetime) -> Message:
    message = Message(
        organisation_id=video.organisation_id,
        team_id=video.team_id,
        person_id=people.maria.id,
        sender_id=people.bob.id,
        video_id=video.id,
        request_key=new_token(),
        phone=cast.MARIA_PHONE,
        body="Maria, I made you a video:",
        words=words,
        state="delivered",
        created_at=at,
        changed_at=at,
    )
    session.add(message)
    session.flush()
    session.add(
        Attempt(
            message_id=message.id,
            number=1,
            sender_number="+12065550199",
            phone=cast.MARIA_PHONE,
            body=message.body,
            created_at=at,
        )
    )
    for before, after in ((states.SUBMITTING, states.ACCEPTED), (states.ACCEPTED, states.DELIVERED)):
        moved = StatusEvent(message_id=message.id, from_state=before, to_state=after, mover=states.RECEIPTS, at=at)
        session.add(moved)
    return message


def _made(*arguments: str, name: str) -> bytes:
    with TemporaryDirectory() as folder:
        path = Path(folder) / name
        subprocess.run([imageio_ffmpeg.get_ffmpeg_exe(), "-v", "error", "-y", *arguments, str(path)], check=True)
        return path.read_bytes()
