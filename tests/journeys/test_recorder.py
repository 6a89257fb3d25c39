"""Bob records for Maria: everything between opening the page and keeping a take, with a real camera's files."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable
from pathlib import Path

import imageio_ffmpeg
import pytest
from playwright.sync_api import Page, expect

from tests.cast import Cast
from tests.journeys.conftest import sign_in
from tests.journeys.recording import (
    all_saved,
    held,
    in_state,
    local,
    open_recorder,
    said,
    saved_up_to,
    start,
    stop,
    until,
    whole,
)
from tests.server import Server

pytestmark = [pytest.mark.browser, pytest.mark.standing]

Open = Callable[..., Page]
BOB = "bob@harborspa.example"


@pytest.fixture(scope="session")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A playable MP4 larger than one piece of an upload."""
    path = tmp_path_factory.mktemp("clips") / "holiday.mp4"
    make = ["-f", "lavfi", "-i", "nullsrc=size=640x360:rate=30,noise=alls=100:allf=t", "-t", "4", "-pix_fmt", "yuv420p"]
    tool = [imageio_ffmpeg.get_ffmpeg_exe(), "-v", "error", "-y", *make]
    subprocess.run([*tool, "-c:v", "libx264", "-preset", "ultrafast", "-b:v", "12M", str(path)], check=True)
    assert path.stat().st_size > 5_000_000
    return path


@pytest.fixture
def bob(new_page: Open, people: Cast) -> Page:
    """Bob's desktop, signed in."""
    page = new_page()
    sign_in(page, BOB)
    return page


def test_she_sees_herself_counts_down_records_pauses_and_keeps(
    new_page: Open, server: Server, people: Cast, size: str
) -> None:
    page = new_page(size)
    sign_in(page, BOB)
    open_recorder(page, people.maria.id, countdown=True)
    expect(page.get_by_text("Good sound")).to_be_visible()
    assert page.evaluate("live.videoWidth") > 0
    page.get_by_role("button", name="Record").click()
    in_state(page, "countdown")
    expect(page.get_by_text("3", exact=True)).to_be_visible()
    in_state(page, "recording")
    saved_up_to(page, 2)
    page.get_by_role("button", name="Pause").click()
    said(page, "Paused.")
    expect(page.locator("#livepill")).to_contain_text("Paused · saved up to")
    page.get_by_role("button", name="Go on").click()
    said(page, "The ring closes at 45 seconds")
    saved_up_to(page, 4)
    stop(page)
    all_saved(page)
    page.get_by_role("button", name="Play").click()
    page.wait_for_function("() => film.currentTime > 0.3 && film.duration > 3 && film.duration < 60")
    page.get_by_role("button", name="Keep").click()
    page.wait_for_url("**/write*")
    assert held(server)[-1].kept
    assert local(page) == {"rows": [], "bytes": 0, "sha256": local(page)["sha256"]}
    ready = until(
        page, lambda: next((one for one in held(server) if one.video_state == "ready"), None), "the video", 60
    )
    assert ready.sound
    assert ready.seconds > 3


def test_the_old_take_stays_until_she_keeps_one(bob: Page, server: Server, people: Cast) -> None:
    open_recorder(bob, people.maria.id)
    start(bob)
    saved_up_to(bob, 1)
    stop(bob)
    bob.get_by_role("button", name="Take another").click()
    expect(bob.get_by_text("Your take from")).to_be_visible()
    start(bob)
    saved_up_to(bob, 2)
    stop(bob)
    said(bob, "Keeping this one lets the other go.")
    assert [one.discarded for one in held(server)] == [False, False]
    bob.get_by_label("Take 1").check()
    all_saved(bob)
    bob.get_by_role("button", name="Keep").click()
    bob.wait_for_url("**/write*")
    until(
        bob, lambda: [(one.kept, one.discarded) for one in held(server)] == [(True, False), (False, True)], "the choice"
    )


def test_a_take_is_let_go_only_when_asked_twice(bob: Page, server: Server, people: Cast) -> None:
    open_recorder(bob, people.maria.id)
    start(bob)
    saved_up_to(bob, 1)
    stop(bob)
    all_saved(bob)
    bob.get_by_role("button", name="Let this take go").click()
    bob.get_by_role("button", name="Leave it here").click()
    in_state(bob, "review")
    bob.get_by_role("button", name="Let this take go").click()
    bob.get_by_role("button", name="Let it go", exact=True).click()
    said(bob, "The take is let go.")
    until(bob, lambda: held(server)[-1].discarded, "the take to be let go")


def test_the_countdown_can_be_called_off_and_switched_off(bob: Page, people: Cast) -> None:
    open_recorder(bob, people.maria.id, countdown=True)
    bob.get_by_role("button", name="Record").click()
    in_state(bob, "countdown")
    bob.get_by_role("button", name="Not yet").click()
    in_state(bob, "ready")
    bob.get_by_role("button", name="Camera").click()
    expect(bob.get_by_label("Count down from three")).to_be_checked()  # the dialog is filled before it opens
    bob.get_by_label("Count down from three").uncheck()
    bob.get_by_role("button", name="Done").click()
    bob.reload()
    in_state(bob, "ready")
    bob.evaluate(
        "new MutationObserver(() => { window.states = (window.states ?? '') + recorder.dataset.state + ' '; })"
        ".observe(recorder, { attributes: true, attributeFilter: ['data-state'] })"
    )
    start(bob)
    assert "countdown" not in bob.evaluate("window.states")


def test_the_keyboard_alone_is_enough(bob: Page, people: Cast) -> None:
    open_recorder(bob, people.maria.id)
    bob.keyboard.press("r")
    in_state(bob, "recording")
    saved_up_to(bob, 1)
    bob.locator("body").press("Escape")
    in_state(bob, "recording")
    bob.evaluate("document.activeElement.blur()")
    bob.keyboard.press("Space")
    said(bob, "Paused.")
    bob.keyboard.press("Space")
    said(bob, "The ring closes")
    bob.keyboard.press("r")
    in_state(bob, "review")
    bob.keyboard.press("Escape")
    in_state(bob, "ready")
    bob.get_by_role("button", name="Camera").press("Enter")
    bob.get_by_label("Keys: R records").uncheck()
    bob.get_by_role("button", name="Done").press("Enter")
    bob.keyboard.press("r")
    in_state(bob, "ready")


INTERRUPTIONS = {
    "The page went out of sight": "Object.defineProperty(document, 'hidden', { value: true, configurable: true });"
    " document.dispatchEvent(new Event('visibilitychange'))",
    "The phone was turned": "screen.orientation.dispatchEvent(new Event('change'))",
    "The camera or the microphone went away": "live.srcObject.getVideoTracks()[0].dispatchEvent(new Event('ended'))",
}


def test_an_interrupted_take_is_kept_and_says_why(bob: Page, server: Server, people: Cast) -> None:
    open_recorder(bob, people.maria.id)
    for words, what_happens in INTERRUPTIONS.items():
        start(bob)
        saved_up_to(bob, 1)
        bob.evaluate(what_happens)
        in_state(bob, "review")
        said(bob, words)
        bob.evaluate("delete document.hidden")
        assert whole(bob, server).bytes > 0
        all_saved(bob)
        bob.get_by_role("button", name="Take another").click()
    assert len(held(server)) == len(INTERRUPTIONS)


def test_three_minutes_end_with_a_warning(bob: Page, server: Server, people: Cast) -> None:
    def _shorter(text: str) -> str:
        return text.replace('"maxSeconds": 180', '"maxSeconds": 6').replace('"warnSeconds": 15', '"warnSeconds": 3')

    bob.route(
        f"**/record/{people.maria.id}",
        lambda route: route.fulfill(response=(answer := route.fetch()), body=_shorter(answer.text())),
    )
    open_recorder(bob, people.maria.id)
    start(bob)
    said(bob, "3 seconds left, then it stops by itself.")
    in_state(bob, "review")
    said(bob, "Three minutes are full, so we stopped. The take is kept.")
    whole(bob, server)


def test_a_picked_file_goes_up_and_a_broken_one_goes_on_where_it_was(
    bob: Page, server: Server, people: Cast, tmp_path: Path, clip: Path
) -> None:
    gate = {"open": True}
    bob.route(
        "**/uploads/**",
        lambda route: (
            route.continue_()
            if gate["open"] or route.request.method != "PATCH" or route.request.headers["upload-offset"] == "0"
            else route.abort()
        ),
    )
    gate["open"] = False
    open_recorder(bob, people.maria.id)
    bob.locator("input[type=file]").first.set_input_files(clip)
    in_state(bob, "review")
    expect(bob.locator("#savedpill")).to_contain_text("% is saved")
    until(bob, lambda: held(server) and held(server)[-1].bytes, "the first piece")
    first = held(server)[-1].bytes
    bob.once("dialog", lambda dialog: dialog.accept())
    bob.goto(f"/record/{people.maria.id}")
    expect(bob.get_by_text("is not all up yet. Pick it again and it goes on.")).to_be_visible()
    gate["open"] = True
    offsets: list[str] = []
    bob.on("request", lambda request: offsets.append(request.headers.get("upload-offset", "")))
    bob.locator("input[type=file]").first.set_input_files(clip)
    all_saved(bob)
    assert "0" not in offsets
    assert str(first) in offsets
    assert whole(bob, server).bytes == clip.stat().st_size
    assert local(bob)["bytes"] == 0


def test_a_file_that_is_no_video_is_refused_with_the_reason(bob: Page, people: Cast, tmp_path: Path) -> None:
    fake = tmp_path / "holiday.mp4"
    fake.write_bytes(os.urandom(200_000))
    open_recorder(bob, people.maria.id)
    bob.locator("input[type=file]").first.set_input_files(fake)
    in_state(bob, "review")
    expect(bob.locator("#savedpill")).to_have_text("Not taken", timeout=30_000)
    expect(bob.get_by_role("button", name="Keep")).to_be_disabled()
    said(bob, ".")
