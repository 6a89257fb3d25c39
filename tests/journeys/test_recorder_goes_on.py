"""A take goes on past what breaks in the middle of it: an upload that the server no longer has, a slice that the
browser can't read."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, Route

from tests.cast import Cast
from tests.journeys.conftest import sign_in
from tests.journeys.recording import (
    all_saved,
    local,
    on_device,
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

UNREADABLE = """times => {
  const read = Blob.prototype.arrayBuffer;
  let calls = 0;
  window.failed = 0;
  window.slices = new Set();
  Blob.prototype.arrayBuffer = function () {
    window.slices.add(this);
    if (++calls <= 2 || window.failed === times) return read.call(this);
    window.failed++;
    return Promise.reject(new DOMException("", "NotReadableError"));
  };
}"""


@pytest.fixture
def bob(new_page: Callable[..., Page], people: Cast) -> Page:
    """Bob's desktop at the recorder, signed in and ready."""
    page = new_page()
    sign_in(page, "bob@harborspa.example")
    open_recorder(page, people.maria.id)
    return page


def ended(page: Page) -> dict[str, object]:
    """What lies in the browser once the take's last slice is written."""
    return until(page, lambda: (found := local(page))["rows"][0]["ended"] and found, "the last slice")


def test_a_kept_take_whose_upload_is_gone_goes_up_anew(bob: Page, server: Server) -> None:
    answers = {"PATCH": 503}

    def answer(route: Route) -> None:
        status = answers.get(route.request.method)
        route.fulfill(status=status) if status else route.continue_()

    start(bob)
    saved_up_to(bob, 1)
    bob.context.route(f"**/uploads/{local(bob)['rows'][0]['upload']}/**", answer)
    on_device(bob, 3)
    stop(bob)
    before = ended(bob)
    bob.get_by_role("button", name="Keep").click()
    bob.wait_for_url("**/write*")
    answers.update(PATCH=404, HEAD=404)
    found = whole(bob, server)
    assert (found.sha256, found.kept) == (before["sha256"], True)


def test_a_slice_that_is_readable_the_second_time_is_not_lost(bob: Page, server: Server) -> None:
    bob.evaluate(UNREADABLE, 1)
    start(bob)
    saved_up_to(bob, 4)
    stop(bob)
    all_saved(bob)
    assert bob.evaluate("window.failed") == 1
    assert whole(bob, server).bytes == bob.evaluate("[...window.slices].reduce((sum, blob) => sum + blob.size, 0)")


def test_an_unreadable_slice_costs_no_more_than_itself_and_is_told(bob: Page, server: Server) -> None:
    bob.evaluate(UNREADABLE, 2)
    start(bob)
    said(bob, "A moment of this take is missing")
    saved_up_to(bob, 5)
    stop(bob)
    all_saved(bob)
    said(bob, "A moment of this take is missing")
    assert whole(bob, server).bytes == local(bob)["rows"][0]["bytes"] > 0


def test_a_take_waits_for_room_on_the_server_and_says_so(bob: Page, server: Server) -> None:
    full = [True]

    def answer(route: Route) -> None:
        if full[0] and route.request.method == "PATCH":
            return route.fulfill(status=507, json={"error": "tus_507", "message": "Our disk is nearly full."})
        return route.continue_()

    bob.context.route("**/uploads/**", answer)
    start(bob)
    on_device(bob, 2)
    said(bob, "Our disk is nearly full.")
    stop(bob)
    before = ended(bob)
    full[0] = False
    assert whole(bob, server).sha256 == before["sha256"]
