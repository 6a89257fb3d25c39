"""The stills: a poster for the page, a picture for the messages app."""

from __future__ import annotations

from pathlib import Path

import pytest
from PIL import Image

from tests.unit.videos import films
from tests.unit.videos.sending import Tus
from vidmsg.database import reading
from vidmsg.media.sandbox import ChildFailed
from vidmsg.videos import picturing, renditions
from vidmsg.videos.models import POSTER, PREVIEW, Rendition


def find(tus: Tus, video_id: str, kind: str) -> Rendition | None:
    with tus.app.app_context(), reading() as session:
        return renditions.find(session, video_id, kind)


def film(tus: Tus, folder: Path) -> tuple[str, Path]:
    path = folder / "film.mkv"
    path.write_bytes(films.take())
    return tus.begin(kind="take").video, path


def test_poster_and_preview_are_made_once(tus: Tus, tmp_path: Path) -> None:
    from vidmsg.media.probe import probe

    video_id, path = film(tus, tmp_path)
    with tus.app.app_context():
        for _again in range(2):
            picturing.make_poster(video_id, path, probe(path))
            picturing.make_preview(video_id, tmp_path)
    poster, preview = find(tus, video_id, POSTER), find(tus, video_id, PREVIEW)
    assert poster
    assert preview
    assert (poster.number, poster.width, poster.height) == (1, 320, 240)
    assert (preview.number, preview.width, preview.height) == (1, 1200, 630)
    tus.app.extensions["storage"].fetch(preview.key, tmp_path / "seen.jpg")
    with Image.open(tmp_path / "seen.jpg") as seen:
        assert seen.size == (1200, 630)


def test_a_video_goes_on_without_a_preview(tus: Tus, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from vidmsg.media.probe import probe

    def fails(*_: object, **__: object) -> None:
        raise ChildFailed(1, "")

    monkeypatch.setattr(picturing.stills, "preview", fails)
    video_id, path = film(tus, tmp_path)
    with tus.app.app_context():
        picturing.make_poster(video_id, path, probe(path))
        picturing.make_preview(video_id, tmp_path)
    assert find(tus, video_id, POSTER)
    assert find(tus, video_id, PREVIEW) is None
