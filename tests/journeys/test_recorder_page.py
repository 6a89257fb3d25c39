"""The recorder's page itself: what it says when there is no camera or no sound, and that everybody can use it."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, Playwright, expect

from tests.cast import Cast
from tests.journeys.conftest import Devices, sign_in
from tests.journeys.recording import (
    all_saved,
    in_state,
    open_recorder,
    said,
    saved_up_to,
    start,
    stop,
)
from tests.server import Server

pytestmark = [pytest.mark.browser, pytest.mark.standing]

Open = Callable[..., Page]
BOB = "bob@harborspa.example"


@pytest.fixture
def bob(new_page: Open, people: Cast) -> Page:
    """Bob's desktop, signed in."""
    page = new_page()
    sign_in(page, BOB)
    return page


def failing(name: str) -> str:
    return f"navigator.mediaDevices.getUserMedia = async () => {{ throw new DOMException('', '{name}'); }};"


TROUBLES = {
    "This browser cannot record.": "delete window.MediaRecorder",
    "The camera is busy in another window.": failing("NotReadableError"),
    "We find no camera here.": failing("NotFoundError") + "navigator.mediaDevices.enumerateDevices = async () => [];",
    "That camera or microphone is no longer there.": failing("OverconstrainedError"),
    "on a page without https": "Object.defineProperty(window, 'isSecureContext', { value: false })",
}


def test_each_trouble_has_its_sentence_and_the_file_picker(bob: Page, people: Cast) -> None:
    for words, breaks in TROUBLES.items():
        page = bob.context.new_page()
        page.add_init_script(breaks)
        page.goto(f"/record/{people.maria.id}")
        in_state(page, "trouble")
        said(page, words)
        expect(page.get_by_text("Pick a file", exact=True).locator("visible=true")).to_be_visible()
        for picker in page.locator("input[type=file]").all():
            expect(picker).to_have_attribute("capture", "user")
            expect(picker).to_have_attribute("accept", "video/*")
        page.close()


def test_a_refused_permission_says_where_to_allow_it(
    playwright: Playwright, chromium_path: str, devices: Devices, server: Server, people: Cast
) -> None:
    flags = [flag for flag in devices.flags() if flag != "--use-fake-ui-for-media-stream"]
    browser = playwright.chromium.launch(executable_path=chromium_path, args=[*flags, "--deny-permission-prompts"])
    try:
        page = browser.new_context(base_url=server.url).new_page()
        sign_in(page, BOB)
        page.goto(f"/record/{people.maria.id}")
        in_state(page, "trouble")
        said(page, "Allow camera and microphone beside the address")
    finally:
        browser.close()


def test_a_silent_take_is_told_before_it_is_kept(bob: Page, people: Cast) -> None:
    bob.add_init_script("AnalyserNode.prototype.getFloatTimeDomainData = function (samples) { samples.fill(0); }")
    open_recorder(bob, people.maria.id)
    expect(bob.get_by_text("Say something")).to_be_visible()
    start(bob)
    saved_up_to(bob, 3)
    stop(bob)
    said(bob, "We hear almost nothing. Is the microphone covered?")
    expect(bob.get_by_role("button", name="Keep")).to_be_enabled()


def test_without_javascript_the_page_says_what_it_needs(new_page: Open, people: Cast) -> None:
    page = new_page()
    sign_in(page, BOB)
    plain = new_page(java_script_enabled=False, storage_state=page.context.storage_state())
    plain.goto(f"/record/{people.maria.id}")
    expect(plain.get_by_text("Recording needs JavaScript.")).to_be_visible(timeout=20_000)


def test_axe_finds_nothing_in_any_state_in_both_schemes(new_page: Open, people: Cast, size: str) -> None:
    page = new_page(size)
    sign_in(page, BOB)
    open_recorder(page, people.maria.id)
    found = _axe(page, "ready")
    page.get_by_role("button", name="Camera").click()
    found += _axe(page, "dialog")
    page.get_by_role("button", name="Done").click()
    start(page)
    saved_up_to(page, 1)
    found += _axe(page, "recording")
    stop(page)
    all_saved(page)
    found += _axe(page, "review")
    page.get_by_role("button", name="Take another").click()
    found += _axe(page, "offer")
    page.add_init_script("delete window.MediaRecorder")
    page.reload()
    in_state(page, "trouble")
    found += _axe(page, "trouble")
    assert found == []


def test_nothing_is_cut_off_and_every_target_is_large_enough(bob: Page, people: Cast) -> None:
    open_recorder(bob, people.maria.id)
    _fits(bob)
    start(bob)
    saved_up_to(bob, 1)
    _fits(bob)
    stop(bob)
    _fits(bob)


def _axe(page: Page, state: str) -> list[str]:
    found = []
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
        found += [
            f"{state}, {scheme}: {one['id']} {one['nodes'][0]['html'][:200]}"
            for one in Axe().run(page).response["violations"]
        ]
    return found


def _fits(page: Page) -> None:
    for width, height in ((320, 568), (390, 844), (768, 1024), (844, 390), (1280, 800)):
        page.set_viewport_size({"width": width, "height": height})
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), width
        small = page.evaluate(
            """[...document.querySelectorAll('main button, main label.lbl, main a')]
            .filter((one) => one.checkVisibility())
            .map((one) => [one.textContent.trim(), one.getBoundingClientRect()])
            .filter(([, box]) => box.width < 44 || box.height < 44 || box.left < 0 || box.right > innerWidth
              || box.bottom + scrollY > document.documentElement.scrollHeight)
            .map(([word]) => word)"""
        )
        assert small == [], width
