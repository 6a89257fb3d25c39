"""Today with a take that waits: told once, by whoever knows more about it."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests import cast
from tests.journeys.conftest import sign_in
from tests.journeys.recording import all_saved, open_recorder, saved_up_to, start, stop


def test_a_take_that_waits_is_told_once(people: cast.Cast, new_page: Callable[..., Page], size: str) -> None:
    page = new_page(size)
    sign_in(page, "bob@harborspa.example")
    open_recorder(page, people.maria.id)
    start(page)
    saved_up_to(page, 2)
    stop(page)
    all_saved(page)
    page.goto("/")
    device, server = page.locator("#pending-takes"), page.locator(".waiting-takes")
    expect(device).to_contain_text("It waits for your choice.")
    expect(server).to_be_hidden()
    device.get_by_role("button", name="Not now").click()
    expect(device).to_be_hidden()
    expect(server).to_contain_text("One video of yours waits to be sent.")


def test_a_form_that_is_refused_leads_to_what_is_wrong(people: cast.Cast, new_page: Callable[..., Page]) -> None:
    page = new_page("phone")
    sign_in(page, "bob@harborspa.example")
    page.goto("/people/new")
    page.get_by_label("First name").fill("Tom")
    page.get_by_label("Phone").fill("206 555 01")
    page.get_by_role("button", name="Keep").click()
    expect(page.get_by_label("Phone")).to_be_focused()
    expect(page.get_by_text("This number is two digits short.")).to_be_in_viewport()
