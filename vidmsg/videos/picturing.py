"""The stills of a video: its poster, and the picture that a link shows in a messages app. A video is sent without
them if they can't be made, so nothing here stops a job."""

from __future__ import annotations

from pathlib import Path

import sqlalchemy as sa

from vidmsg import logs
from vidmsg.accounts.models import Organisation
from vidmsg.database import reading, writing
from vidmsg.media import poster, stills
from vidmsg.media.probe import Probe
from vidmsg.media.refusals import Refused
from vidmsg.media.sandbox import ChildFailed
from vidmsg.videos import publishing, renditions
from vidmsg.videos.keys import picture_key
from vidmsg.videos.models import POSTER, PREVIEW, Rendition, Video

log = logs.get(__name__)

JPEG = "image/jpeg"
PREVIEW_SIZE = (1200, 630)


def make_poster(video_id: str, film: Path, measured: Probe) -> None:
    """Give the video a poster from this file, unless it has one."""
    if has(video_id, POSTER):
        return
    try:
        still = poster.poster(film, measured, film.with_name("poster.jpg"))
    except (Refused, ChildFailed) as failure:
        log.info("no poster", video=video_id, reason=type(failure).__name__)
    else:
        keep_poster(video_id, still)


def keep_poster(video_id: str, still: poster.Poster) -> None:
    """Keep a poster that somebody made, unless there is one; remember whether anything is to be seen on it."""
    if not has(video_id, POSTER):
        keep(video_id, POSTER, still.path, still.width, still.height)
        with writing() as session:
            session.execute(sa.update(Video).where(Video.id == video_id).values(dark=still.dark))


def make_preview(video_id: str, folder: Path) -> None:
    """Give the video its preview, from its poster, unless it has one."""
    with reading() as session:
        still = renditions.find(session, video_id, POSTER)
        accent = session.scalar(
            sa.select(Organisation.accent)
            .join(Video, Video.organisation_id == Organisation.id)
            .where(Video.id == video_id)
        )
    if still is None or has(video_id, PREVIEW):
        return
    source, out = folder / "poster-again.jpg", folder / "preview.jpg"
    renditions.store().fetch(still.key, source)
    try:
        stills.preview(source, out, accent=accent or stills.ACCENT)
    except (ValueError, ChildFailed) as failure:
        log.info("no preview", video=video_id, reason=type(failure).__name__)
    else:
        keep(video_id, PREVIEW, out, *PREVIEW_SIZE)


def has(video_id: str, kind: str) -> bool:
    """Whether there is a still of this kind already."""
    with reading() as session:
        return renditions.find(session, video_id, kind) is not None


def keep(video_id: str, kind: str, path: Path, width: int, height: int) -> None:
    """Store a still and record it."""
    key = picture_key(video_id)
    renditions.store().put(path, key, JPEG)
    still = Rendition(
        video_id=video_id, kind=kind, key=key, content_type=JPEG, bytes=path.stat().st_size, width=width, height=height
    )
    with publishing.recording(key), writing() as session:
        renditions.add(session, still)
