"""Files that mean harm, and files that phones really make, on the whole way that a picked file goes: uploaded, checked,
refused without a trace or made into a video that plays."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.cast import put_in
from tests.conftest import CORPUS
from tests.unit.videos.sending import Tus
from vidmsg import jobs
from vidmsg.database import writing
from vidmsg.videos import picturing

pytestmark = [pytest.mark.corpus, pytest.mark.slow]


def cases(folder: str) -> list[Any]:
    """The cases of a manifest, each a test; none where the corpus is absent."""
    path = CORPUS / folder / "cases.json"
    found = json.loads(path.read_text(encoding="utf-8")) if path.is_file() else []
    return [pytest.param(case, id=case["id"]) for case in found] or [pytest.param(None, id="corpus")]


@pytest.fixture
def tus(app: Flask, sign_in: Callable[[Any], FlaskClient], monkeypatch: pytest.MonkeyPatch) -> Tus:
    monkeypatch.setattr(picturing.stills, "preview", lambda poster, out, **_: shutil.copy(poster, out))
    with app.app_context(), writing() as session:
        bob = put_in(session).bob
    return Tus(app, sign_in(bob))


def prepared(tus: Tus, data: bytes) -> tuple[str, dict[str, Any]]:
    """Upload as a picked file and let a worker prepare it: the video's id and what its rep is told."""
    sending = tus.begin(len(data), kind="file", filename="from my phone.mp4", filetype="video/mp4")
    if data:
        assert sending.patch(0, data).status_code == 204
    with tus.app.app_context():
        while sending.video_row().state in {"preparing", "playable"}:
            tus.app.extensions["jobs"].sweep()
            if not jobs.jobs().run_one("prepare"):
                break
    told: dict[str, Any] = tus.browser.get(f"/videos/{sending.video}/state").json
    return sending.video, told


@pytest.mark.parametrize("case", cases("hostile"))
def test_a_hostile_file_ends_as_its_manifest_says(tus: Tus, case: dict[str, Any]) -> None:
    _, told = prepared(tus, (CORPUS / "hostile" / case["file"]).read_bytes())
    if case["verdict"] == "reject":
        assert told["state"] == "refused", told
        assert told["problems"][0]["message"].endswith(".")
        assert list(tus.app.extensions["storage"].keys()) == []
    else:
        assert told["state"] in {"ready", "refused"}, told
        assert told["state"] == "ready" or case["verdict"] == "either"
    if case["id"] == "black_and_silent":
        assert {problem["code"] for problem in told["problems"]} == {"dark", "silent"}


@pytest.mark.parametrize("case", cases("videos"))
def test_a_file_of_a_real_phone_becomes_a_video(tus: Tus, case: dict[str, Any]) -> None:
    _, told = prepared(tus, (CORPUS / "videos" / case["file"]).read_bytes())
    assert told["state"] == "ready", told
    assert told["play_url"].endswith("/play/standard")
    assert told["poster_url"]
