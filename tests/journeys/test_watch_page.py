"""Maria opens the link on her phone: the page in a real Chromium, on a folder and on a real S3 server as storage."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any, TypeVar

import pytest
import requests
import waitress
from axe_playwright_python.sync_playwright import Axe
from flask import Flask
from playwright.sync_api import Browser, BrowserContext, Page, expect
from sqlalchemy.orm import Session
from waitress import wasyncore

from tests import watched
from tests.journeys.conftest import context_options
from tests.seaweed import shared_seaweed
from tests.server import free_port, wait_for
from tests.watched import Sent
from vidmsg import create_app
from vidmsg.config import Settings
from vidmsg.database import writing
from vidmsg.messages import progress
from vidmsg.messages.models import Message
from vidmsg.messages.progress import Progress
from vidmsg.watching import serving

pytestmark = pytest.mark.browser

T = TypeVar("T")
PAUSED_PAST_THE_SIGNATURE = timedelta(seconds=2)
TIME = "document.querySelector('video').currentTime"
GOES_ON = f"{TIME} > 25.3 && {TIME} < 30 && !document.querySelector('video').paused"
SCREENS = [(390, 844), (844, 390), (320, 568), (640, 400), (768, 1024), (1280, 800)]


@dataclass(frozen=True)
class Live:
    """The application answering on a port of this machine."""

    app: Flask
    url: str

    def send(self, **how: Any) -> Sent:
        """A delivered video text."""
        return self.written(lambda session: watched.make(session, self.app.extensions["storage"], **how))

    def known(self, sent: Sent) -> Progress:
        """What the rep may know by now."""
        return self.written(lambda session: progress.of(session, session.get_one(Message, sent.message_id)))

    def written(self, verb: Callable[[Session], T]) -> T:
        """Run the verb in a transaction."""
        with self.app.app_context(), writing() as session:
            return verb(session)


def bucket() -> dict[str, str]:
    """Settings of a real S3 server."""
    weed = shared_seaweed()
    return {
        "s3_bucket": weed.bucket,
        "s3_endpoint": weed.endpoint,
        "s3_region": weed.region,
        "aws_access_key_id": weed.access_key_id,
        "aws_secret_access_key": weed.secret_access_key,
    }


def serve(settings: Settings, **more: str) -> Iterator[Live]:
    port = free_port()
    url = f"http://localhost:{port}"
    app = create_app(settings.model_copy(update={"public_url": url, **more}))
    server = waitress.create_server(app, host="127.0.0.1", port=port, threads=8)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    yield Live(app, url)
    server.task_dispatcher.shutdown()
    server.trigger.pull_trigger(lambda: wasyncore.close_all(server._map))  # in its own thread, or its loop trips
    thread.join(10)


@pytest.fixture
def live(settings: Settings) -> Iterator[Live]:
    """The pages on Directory storage."""
    yield from serve(settings)


@pytest.fixture(params=["directory", "s3"])
def live_on_both(request: pytest.FixtureRequest, settings: Settings) -> Iterator[Live]:
    """The pages on Directory storage, and on SeaweedFS."""
    yield from serve(settings, **(bucket() if request.param == "s3" else {}))


@pytest.fixture
def phone(chromium: Browser) -> Iterator[Callable[..., Page]]:
    """`phone()` is Maria's, upright; anything the console complains about fails the test."""
    contexts: list[BrowserContext] = []
    complaints: list[str] = []

    def _phone(**more: Any) -> Page:
        context = chromium.new_context(**{**context_options("phone"), **more})
        contexts.append(context)
        page = context.new_page()
        page.on("console", lambda said: complaints.append(said.text) if said.type in {"error", "warning"} else None)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        return page

    yield _phone
    cookies = [context.cookies() for context in contexts]
    for context in contexts:
        context.close()
    assert not any(cookies), cookies
    # Dead links and broken connections are made here on purpose; each test says what must come of them.
    complaints = [said for said in complaints if not said.startswith("Failed to load resource")]
    assert not complaints, complaints


def tap_play(page: Page) -> None:
    page.get_by_role("button", name="Play").tap()
    until(page, f"{TIME} > 0.2")


def until(page: Page, expression: str) -> None:
    """Wait until this is true in the page. Playwright's own way needs eval, which the page's policy forbids."""
    wait_for(lambda: page.evaluate(expression), expression)


def signed_address(live: Live, sent: Sent) -> str | None:
    """Where a player is sent on to just now; None where it is served by the page's own address."""
    answer = requests.head(f"{live.url}{sent.path}/video", allow_redirects=False, timeout=5)
    return answer.headers.get("Location")


def has_run_out(address: str | None) -> bool:
    return address is None or requests.get(address, headers={"Range": "bytes=0-0"}, timeout=5).status_code == 403


def to_the_end(page: Page) -> None:
    until(page, "document.querySelector('main').classList.contains('ended')")


def shape(page: Page) -> float:
    box = page.locator(".frame").bounding_box()
    assert box
    return box["width"] / box["height"]


def picture(page: Page, folder: Path, name: str) -> None:
    """A screenshot, kept by pytest with the test's other files."""
    page.screenshot(path=folder / f"{name}.png")


def test_a_tap_plays_with_sound_and_the_rep_learns_how_much_was_seen(
    live_on_both: Live, phone: Callable[..., Page]
) -> None:
    sent = live_on_both.send()
    page = phone()
    page.goto(live_on_both.url + sent.path)
    wait_for(lambda: live_on_both.known(sent)["opened_at"], "the page to say that it is open")
    assert live_on_both.known(sent)["played_at"] is None
    tap_play(page)
    heard = "v => !v.muted && v.volume === 1 && v.webkitAudioDecodedByteCount > 0"
    assert page.locator("video").evaluate(heard)
    wait_for(lambda: live_on_both.known(sent)["played_at"], "the tap to be known")
    to_the_end(page)
    wait_for(lambda: live_on_both.known(sent)["percent"] >= 95, "the whole to be known as seen")
    page.get_by_role("button", name="Loved it").tap()
    expect(page.get_by_text("Thank you. Bob will see it.")).to_be_visible()
    assert live_on_both.known(sent)["felt"] == "loved"


def test_playing_goes_on_after_a_pause_longer_than_a_signed_address_lives(
    live_on_both: Live, phone: Callable[..., Page], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(serving, "SIGNED_LIFE", PAUSED_PAST_THE_SIGNATURE)
    sent = live_on_both.send(large=True)
    page = phone()
    refused: list[str] = []
    page.on("requestfailed", lambda request: refused.append(request.failure or ""))
    page.goto(live_on_both.url + sent.path)
    tap_play(page)
    page.evaluate("document.querySelector('video').pause()")
    address = signed_address(live_on_both, sent)  # made after the player's own, which has run out when this one has
    wait_for(lambda: has_run_out(address), "the end of the signature")
    refused.clear()
    page.locator("video").evaluate("v => { v.currentTime = 25; v.play().catch(() => {}); }")
    until(page, GOES_ON)
    blocked = [failure for failure in refused if "BLOCKED" in failure]
    assert len(blocked) <= 1  # it gave the old address up at once, before the browser's half minute of trying


def test_a_video_whose_address_broke_while_it_played_goes_on_where_it_was(
    live: Live, phone: Callable[..., Page]
) -> None:
    sent = live.send(large=True)
    page = phone()
    page.goto(live.url + sent.path)
    tap_play(page)
    page.route("**/video?r=*", lambda route: route.abort())
    page.evaluate("document.querySelector('video').currentTime = 25")
    until(page, GOES_ON)


def test_a_video_that_would_not_load_plays_when_it_can(live: Live, phone: Callable[..., Page]) -> None:
    sent = live.send()
    page = phone()
    page.route("**/video?r=*", lambda route: route.abort())
    page.goto(live.url + sent.path)
    until(page, "document.querySelector('video').error !== null")
    tap_play(page)


def test_a_video_that_cannot_be_had_says_so_and_may_be_tried_again(live: Live, phone: Callable[..., Page]) -> None:
    sent = live.send()
    page = phone()
    page.route("**/video?*", lambda route: route.abort())
    page.goto(live.url + sent.path)
    page.get_by_role("button", name="Play").tap()
    expect(page.get_by_text("The video stopped on its way.")).to_be_visible(timeout=120_000)
    page.unroute("**/video?*")
    tap_play(page)
    expect(page.get_by_text("The video stopped on its way.")).to_be_hidden()


def test_without_a_script_the_video_plays_and_nothing_is_counted(
    live: Live, phone: Callable[..., Page], tmp_path: Path
) -> None:
    sent = live.send()
    page = phone(java_script_enabled=False)
    page.goto(live.url + sent.path)
    expect(page.locator("video[controls]")).to_be_visible()
    expect(page.locator(".pill")).to_be_hidden()
    picture(page, tmp_path, "without-script")
    page.locator("video").focus()
    page.keyboard.press("Space")
    until(page, f"{TIME} > 0.2")
    page.get_by_role("button", name="Smiled").tap()
    expect(page.get_by_text("Thank you. Bob will see it.")).to_be_visible()
    known = live.known(sent)
    assert (known["felt"], known["played_at"], known["opened_at"]) == ("smiled", None, None)


def test_a_click_that_no_person_made_is_not_watched(live: Live, phone: Callable[..., Page]) -> None:
    sent = live.send()
    page = phone()
    page.goto(live.url + sent.path)
    page.mouse.click(5, 5)  # so that the browser would let a script play
    page.evaluate("document.querySelector('.pill').click()")
    to_the_end(page)
    wait_for(lambda: live.known(sent)["opened_at"], "the page to say that it is open")
    assert live.known(sent)["played_at"] is None


def test_the_page_comes_in_one_request_before_poster_and_video(live: Live, phone: Callable[..., Page]) -> None:
    sent = live.send()
    page = phone()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url.removeprefix(live.url + sent.path)))
    page.goto(live.url + sent.path, wait_until="networkidle")
    assert {url for url in asked if not url.startswith("/seen")} == {"", "/poster.jpg", "/video?r=standard-1"}


def test_a_second_look_of_one_phone_is_known_without_a_cookie(live: Live, phone: Callable[..., Page]) -> None:
    sent = live.send()
    page = phone()
    for _ in range(2):
        page.goto(live.url + sent.path)
        tap_play(page)
        to_the_end(page)
    wait_for(lambda: live.known(sent)["plays"] == 2, "both looks to be known")
    assert page.evaluate("localStorage.length") == 1


@pytest.mark.parametrize("size", [(180, 320), (320, 180)], ids=["portrait", "landscape"])
@pytest.mark.parametrize("screen", SCREENS, ids=lambda screen: f"{screen[0]}x{screen[1]}")
def test_the_frame_takes_the_shape_of_the_video_on_every_screen(
    live: Live, phone: Callable[..., Page], tmp_path: Path, size: tuple[int, int], screen: tuple[int, int]
) -> None:
    sent = live.send(width=size[0], height=size[1])
    page = phone(viewport={"width": screen[0], "height": screen[1]})
    page.goto(live.url + sent.path, wait_until="networkidle")
    picture(page, tmp_path, "before")
    assert page.evaluate("document.documentElement.scrollWidth") <= screen[0]
    pill = page.get_by_role("button", name="Play · 0:04")
    expect(pill).to_be_in_viewport(ratio=1)
    tap_play(page)
    picture(page, tmp_path, "playing")
    assert shape(page) == pytest.approx(size[0] / size[1], rel=0.02)
    expect(page.locator("video")).to_be_in_viewport(ratio=0.99)
    assert page.evaluate("document.documentElement.scrollWidth") <= screen[0]
    to_the_end(page)
    expect(page.get_by_role("heading", name="How was that?")).to_be_in_viewport(ratio=1)
    picture(page, tmp_path, "after")
    assert page.evaluate("document.documentElement.scrollWidth") <= screen[0]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_nothing_stands_in_the_way_of_anybody(
    live: Live, phone: Callable[..., Page], tmp_path: Path, scheme: str
) -> None:
    sent = live.send()
    page = phone(color_scheme=scheme)
    page.goto(live.url + sent.path)
    assert not Axe().run(page).response["violations"]
    tap_play(page)
    assert not Axe().run(page).response["violations"]
    to_the_end(page)
    assert not Axe().run(page).response["violations"]
    picture(page, tmp_path, scheme)
    page.get_by_role("button", name="Touched").tap()
    expect(page.get_by_text("Thank you. Bob will see it.")).to_be_visible()
    assert not Axe().run(page).response["violations"]
    page.goto(f"{live.url}/v/nothing-here")
    picture(page, tmp_path, f"{scheme}-gone")
    assert not Axe().run(page).response["violations"]


def test_the_whole_page_can_be_used_from_the_keyboard(live: Live, phone: Callable[..., Page]) -> None:
    sent = live.send()
    page = phone(viewport={"width": 1280, "height": 800}, is_mobile=False, has_touch=False)
    page.goto(live.url + sent.path)
    pill = page.get_by_role("button", name="Play")
    while not pill.evaluate("pill => pill === document.activeElement"):
        page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    to_the_end(page)
    expect(page.get_by_role("heading", name="How was that?")).to_be_focused()
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Thank you.")).to_be_focused()
    wait_for(lambda: live.known(sent)["plays"] == 1 and live.known(sent)["felt"] == "loved", "what the keyboard said")


def test_a_page_that_waits_for_its_video_shows_it_by_itself(live: Live, phone: Callable[..., Page]) -> None:
    sent = live.send(playable=False)
    page = phone(java_script_enabled=False)
    page.goto(live.url + sent.path)
    expect(page.get_by_role("heading", name="Bob’s video is on its way")).to_be_visible()
    store, film = live.app.extensions["storage"], watched.small_mp4()
    live.written(lambda session: watched.add(session, store, sent.video_id, "quick", film, "video/mp4", 180, 320, 4))
    expect(page.locator("video")).to_be_visible(timeout=15_000)
