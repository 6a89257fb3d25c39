"""Every accepted phone video of the corpus, prepared, plays to its end in a real Chromium: upright, in its size, with
its sound."""

from __future__ import annotations

import json
from typing import Any

import pytest
from playwright.sync_api import Browser

from tests import corpus
from tests.conftest import CORPUS
from tests.sharing import Shared

PAGE = "<!doctype html><video src='/video.mp4' muted></video>"
PLAY = """() => new Promise((done, failed) => {
  const video = document.querySelector("video");
  video.addEventListener("error", () => failed(video.error.message));
  video.addEventListener("ended", () => done({
    width: video.videoWidth, height: video.videoHeight, seconds: video.currentTime,
    frames: video.getVideoPlaybackQuality().totalVideoFrames, sound: video.webkitAudioDecodedByteCount > 0,
  }));
  video.playbackRate = 4;
  video.play();
})"""


def _cases() -> list[dict[str, Any]]:
    path = CORPUS / "videos" / "cases.json"
    found = json.loads(path.read_text(encoding="utf-8")) if path.exists() else [{"id": "absent", "accept": True}]
    return [case for case in found if case["accept"]]


@pytest.mark.corpus
@pytest.mark.parametrize("case", _cases(), ids=lambda case: case["id"])
def test_it_plays_to_the_end(case: dict[str, Any], chromium: Browser, shared: Shared) -> None:
    made = corpus.prepared(shared, case["file"])
    page = chromium.new_page()
    page.route("**/page", lambda route: route.fulfill(body=PAGE, content_type="text/html"))
    page.route("**/video.mp4", lambda route: route.fulfill(path=made.video, content_type="video/mp4"))
    page.goto("http://corpus.test/page")
    seen = page.evaluate(PLAY)
    page.close()
    assert (seen["width"], seen["height"]) == (made.probe.width, made.probe.height)
    assert (seen["width"] > seen["height"]) == (case["width"] > case["height"])
    assert abs(seen["seconds"] - case["duration_s"]) <= max(case["tolerance_s"], 0.1)
    assert seen["frames"] > 0
    assert seen["sound"] == case["audio"]
