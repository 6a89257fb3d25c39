"""No take is lost: whatever breaks between the camera and the server, what had been written to IndexedDB arrives, byte
for byte. Each test compares the SHA-256 of what lay in the browser with what the server has recorded."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from itertools import count
from pathlib import Path

import psutil
import pytest
from playwright.sync_api import BrowserContext, Page, Playwright, Route, expect

from tests.cast import Cast
from tests.journeys.conftest import Devices, sign_in
from tests.journeys.recording import (
    all_saved,
    bare_page,
    held,
    in_state,
    local,
    on_device,
    open_recorder,
    said,
    saved_up_to,
    start,
    stop,
    until,
    whole,
)  # fmt: skip
from tests.server import Server, wait_for
from vidmsg.videos.recorder import LENGTHS

pytestmark = pytest.mark.browser

Open = Callable[..., Page]
BOB = "bob@harborspa.example"


@pytest.fixture
def bob(new_page: Open, people: Cast) -> Page:
    """Bob's desktop at the recorder, signed in and ready."""
    page = new_page()
    sign_in(page, BOB)
    open_recorder(page, people.maria.id)
    return page


class Line:
    """Browser to server: while `cut`, no PATCH gets through; else `busy` of every five are refused."""

    def __init__(self, context: BrowserContext, busy: int = 0) -> None:
        self.cut = False
        self.busy = busy
        self.refused = 0
        self.numbers = count()
        context.route("**/uploads/**", self.answer)

    def answer(self, route: Route) -> None:
        if route.request.method != "PATCH" or (not self.cut and next(self.numbers) % 5 >= self.busy):
            return route.continue_()
        self.refused += 1
        return route.fulfill(status=503)


@pytest.mark.standing
def test_two_of_five_pieces_are_refused_and_all_of_it_arrives(bob: Page, server: Server) -> None:
    line = Line(bob.context, busy=2)
    start(bob)
    saved_up_to(bob, 4)
    line.cut = True
    stop(bob)
    before = ended(bob)
    line.cut = False
    assert whole(bob, server).sha256 == before["sha256"]
    assert line.refused >= 2
    all_saved(bob)


@pytest.mark.standing
def test_four_seconds_offline_cost_nothing_and_recording_goes_on(bob: Page, server: Server) -> None:
    start(bob)
    saved_up_to(bob, 1)
    bob.context.set_offline(True)
    said(bob, "You are offline. The take is safe here and goes on when you are back.")
    on_device(bob, local(bob)["rows"][0]["seconds"] + 4)
    in_state(bob, "recording")
    stop(bob)
    before = ended(bob)
    said(bob, "You are offline. The take is safe here and goes on when you are back.")
    bob.context.set_offline(False)
    assert whole(bob, server).sha256 == before["sha256"]
    all_saved(bob)


@pytest.mark.standing
def test_a_reload_in_the_middle_keeps_the_take_and_offers_it(bob: Page, server: Server, people: Cast) -> None:
    line = Line(bob.context)
    start(bob)
    saved_up_to(bob, 1)
    line.cut = True
    on_device(bob, 4)
    asked = []
    bob.once("dialog", lambda dialog: (asked.append(dialog.type), dialog.accept()))
    bob.goto("/health")
    assert asked == ["beforeunload"]
    before = local(bob)
    line.cut = False
    bob.goto(f"/record/{people.maria.id}")
    assert whole(bob, server).sha256 == before["sha256"]
    expect(bob.get_by_text("Your take from")).to_be_visible()
    bob.get_by_role("button", name="Look at it").click()
    said(bob, "The take")
    bob.wait_for_function("() => film.duration > 2")
    bob.get_by_role("button", name="Keep").click()
    bob.wait_for_url("**/write*")
    assert held(server)[-1].kept


@pytest.mark.standing
def test_a_closed_tab_goes_on_from_any_page_by_itself(bob: Page, server: Server) -> None:
    line = Line(bob.context)
    start(bob)
    saved_up_to(bob, 1)
    line.cut = True
    on_device(bob, 4)
    elsewhere = bare_page(bob.context)
    bob.close()
    before = local(elsewhere)
    elsewhere.goto("/")
    expect(elsewhere.get_by_text("It goes on by itself, you can keep working.")).to_be_visible()
    line.cut = False
    assert whole(elsewhere, server).sha256 == before["sha256"]
    expect(elsewhere.get_by_text("It waits for your choice.")).to_be_visible()
    expect(elsewhere.locator("#pending-takes").get_by_role("link", name="Look at it")).to_be_visible()


@pytest.mark.standing
def test_keeping_before_all_is_up_goes_on_from_the_next_page(bob: Page, server: Server) -> None:
    line = Line(bob.context)
    start(bob)
    saved_up_to(bob, 1)
    line.cut = True
    on_device(bob, 3)
    stop(bob)
    before = ended(bob)
    bob.get_by_role("button", name="Keep").click()
    bob.wait_for_url("**/write*")
    assert held(server)[-1].bytes < before["bytes"]
    line.cut = False
    found = whole(bob, server)
    assert (found.sha256, found.kept) == (before["sha256"], True)


@pytest.mark.standing
def test_a_second_tab_does_not_send_what_the_first_still_holds(bob: Page, server: Server) -> None:
    start(bob)
    saved_up_to(bob, 1)
    other = bob.context.new_page()
    other.goto("/")
    bob.bring_to_front()
    saved_up_to(bob, 4)
    in_state(bob, "recording")
    stop(bob)
    all_saved(bob)
    assert [one.state for one in held(server)] == ["complete"]


def test_the_web_is_killed_and_comes_back(bob: Page, server: Server) -> None:
    start(bob)
    saved_up_to(bob, 2)
    server.kill_all()
    on_device(bob, local(bob)["rows"][0]["seconds"] + 2)
    in_state(bob, "recording")
    stop(bob)
    before = ended(bob)
    server.start()
    assert whole(bob, server).sha256 == before["sha256"]


def test_the_worker_is_killed_while_it_follows_the_take(bob: Page, server: Server) -> None:
    line = Line(bob.context)
    server.wait_for_worker()
    start(bob)
    saved_up_to(bob, 2)
    server.kill_worker()
    server.move_clock(90)  # the dead worker's lease is over
    saved_up_to(bob, 4)
    line.cut = True
    stop(bob)
    before = ended(bob)
    line.cut = False
    assert whole(bob, server).sha256 == before["sha256"]
    until(bob, lambda: held(server)[-1].video_state == "ready", "the video", 60)


@pytest.mark.standing
def test_a_signed_out_take_goes_up_and_is_kept_after_signing_in_again(bob: Page, server: Server) -> None:
    start(bob)
    saved_up_to(bob, 1)
    bob.context.clear_cookies()
    saved_up_to(bob, 3)
    stop(bob)
    all_saved(bob)
    bob.get_by_role("button", name="Keep").click()
    said(bob, "Sign in again, the take is safe here.")
    again = bob.context.new_page()
    sign_in(again, BOB)
    again.close()
    bob.bring_to_front()
    bob.evaluate("dispatchEvent(new Event('focus'))")
    bob.wait_for_url("**/write*")
    assert held(server)[-1].kept


@pytest.mark.standing
def test_without_room_on_the_device_it_streams_on_and_says_so(bob: Page, server: Server) -> None:
    bob.evaluate(
        """() => {
          const put = IDBObjectStore.prototype.put;
          let slices = 0;
          IDBObjectStore.prototype.put = function (value) {
            if (value.bytes instanceof ArrayBuffer && ++slices > 1) throw new DOMException("", "QuotaExceededError");
            return put.call(this, value);
          };
        }"""
    )
    start(bob)
    said(bob, "This device has no room to store the take, so it goes straight up.")
    saved_up_to(bob, 3)
    stop(bob)
    all_saved(bob)
    bob.wait_for_function("() => film.duration > 2")
    until(bob, lambda: held(server)[-1].seconds > 2, "the video", 60)


@pytest.mark.parametrize(
    "server_too", [pytest.param(False, marks=pytest.mark.standing, id="browser"), pytest.param(True, id="power")]
)
def test_the_browser_is_killed_and_opened_again(
    playwright: Playwright,
    chromium_path: str,
    devices: Devices,
    server: Server,
    people: Cast,
    tmp_path: Path,
    server_too: bool,
) -> None:
    def _launch() -> BrowserContext:
        return playwright.chromium.launch_persistent_context(
            tmp_path / "profile", executable_path=chromium_path, args=devices.flags(), base_url=server.url
        )

    context = _launch()
    page = context.new_page()
    sign_in(page, BOB)
    open_recorder(page, people.maria.id)
    start(page)
    saved_up_to(page, 1)
    Line(context).cut = True
    on_device(page, 4)
    recorded = page.evaluate("recorder.dataset.state") == "recording" and local(page)
    shown = seconds_on_the_ring(page)
    if server_too:
        server.kill_all()
    _kill(tmp_path / "profile")
    with contextlib.suppress(Exception):  # there is nobody left to close
        context.close()
    if server_too:
        server.start()
    context = _launch()
    try:
        page = bare_page(context)
        before = local(page)
        assert before["bytes"] >= recorded["bytes"]
        assert before["rows"][0]["seconds"] >= shown - 2, "no more than the last two seconds are missing"
        page.goto("/login")
        if page.get_by_label("Email").is_visible():
            sign_in(page, BOB)
        page.goto(f"/record/{people.maria.id}")
        expect(page.get_by_text("Your take from")).to_be_visible(timeout=20_000)
        assert whole(page, server).sha256 == before["sha256"]
    finally:
        context.close()


def seconds_on_the_ring(page: Page) -> float:
    """How long she had recorded when the ring was last drawn, a fifth of a second ago at most."""
    ring = page.locator("#ring").get_attribute("stroke-dasharray") or ""
    return float(ring.split()[0]) / 100 * LENGTHS["suggestedSeconds"]


def ended(page: Page) -> dict[str, object]:
    """What lies in the browser once the take's last slice is written."""
    return until(page, lambda: (found := local(page))["rows"][0]["ended"] and found, "the last slice")


def _kill(profile: Path) -> None:
    family = [one for one in psutil.process_iter(["cmdline"]) if str(profile) in " ".join(one.info["cmdline"] or [])]
    for member in family:
        with contextlib.suppress(psutil.NoSuchProcess):
            member.kill()
    psutil.wait_procs(family, timeout=10)
    wait_for(lambda: not any(one.is_running() and one.status() != psutil.STATUS_ZOMBIE for one in family), "its end")
    for lock in profile.glob("Singleton*"):
        lock.unlink()
