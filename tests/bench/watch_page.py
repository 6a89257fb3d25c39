"""The customer's page: its bytes before poster and video, gzipped; the largest paint on Slow 4G; and how long after
the tap the first frame moves; with the poster that the product makes, in a real Chromium of a phone's size, throttled
as the browser's own tools do."""

from __future__ import annotations

import gzip
from pathlib import Path

import requests
from playwright.sync_api import Page, sync_playwright

from tests import browser
from tests.bench import clips, links
from tests.bench.report import Row, median
from tests.server import Server, serving
from vidmsg.media import poster
from vidmsg.media.probe import probe

SLOW_4G = {
    "offline": False,
    "latency": 150,
    "downloadThroughput": 1_600_000 / 8 * 0.9,
    "uploadThroughput": 750_000 / 8 * 0.9,
}
LCP = """() => new Promise(done => new PerformanceObserver(list => { const all = list.getEntries();
  done(all[all.length - 1].startTime); }).observe({type: 'largest-contentful-paint', buffered: true}))"""
FIRST_FRAME = """() => new Promise(done => { const video = document.querySelector('video');
  let tapped = 0;
  document.addEventListener('pointerdown', () => { tapped = tapped || performance.now(); }, {capture: true});
  const seen = () => tapped && !video.paused ? done(performance.now() - tapped) : video.requestVideoFrameCallback(seen);
  video.requestVideoFrameCallback(seen);
  })"""
TURNS = 5


def run(folder: Path, work: Path) -> list[Row]:
    """Five visits, the medians."""
    clip = clips.phone_ready(folder, 30, size="720x1280")
    still = poster.poster(clip, probe(clip), work / "poster.jpg")
    with serving(work / "watch") as server:
        address = f"{server.url}/v/{links.seed(server, clip, still.path, 30, (still.width, still.height))}"
        page = requests.get(address, timeout=10)
        paints, taps = _visits(server, address)
    return [
        Row("watch page before poster and video, gzip", len(gzip.compress(page.content)) / 1000, "kB", 15),
        Row("largest paint on Slow 4G", median(paints) / 1000, "s", 1.0),
        Row("tap → first frame on Slow 4G", median(taps) / 1000, "s", 0.5),
    ]


def _visits(_server: Server, address: str) -> tuple[list[float], list[float]]:
    paints, taps = [], []
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(
            executable_path=browser.chromium(), args=["--no-sandbox", "--disable-gpu"]
        )
        for _ in range(TURNS):
            context = chromium.new_context(viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True)
            page = context.new_page()
            paint, tap = _visit(page, address)
            paints.append(paint)
            taps.append(tap)
            context.close()
        chromium.close()
    return paints, taps


def _visit(page: Page, address: str) -> tuple[float, float]:
    session = page.context.new_cdp_session(page)
    session.send("Network.enable")
    session.send("Network.emulateNetworkConditions", SLOW_4G)
    page.goto(address, wait_until="load")
    paint = float(page.evaluate(LCP))
    page.wait_for_timeout(600)  # a person needs a moment to see the button
    page.evaluate("window.first = (" + FIRST_FRAME + ")(); undefined")
    page.get_by_role("button", name="Play").tap()
    return paint, float(page.evaluate("() => window.first"))
