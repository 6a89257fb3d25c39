"""Today as a rep walks it: from the card into the recorder and back to the next card; by keyboard and without a script;
a take that waits is told once, by whoever knows more about it."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests import cast
from tests.journeys.conftest import sign_in
from tests.journeys.recording import all_saved, in_state, open_recorder, saved_up_to, start, stop
from tests.server import Server, decent_hour
from tests.unit.calendar import asking
from vidmsg import clock
from vidmsg.database import writing
from vidmsg.people.models import Person

pytestmark = pytest.mark.standing
CARD = ".hero.next"


@pytest.fixture
def days(people: cast.Cast, server: Server) -> None:
    """Maria's day is tomorrow, Tom's the day after; both are Bob's to record for."""
    today = clock.local(decent_hour(), "America/Los_Angeles").date()
    with server.app().app_context(), writing() as session:
        bob = session.merge(people.bob)
        tom = cast.customer(session, bob, "Tom", "Okafor", "+12065550143")
        asking.day(session, session.get_one(Person, people.maria.id), bob, 1, today=today)
        asking.day(session, tom, bob, 2, today=today)


@pytest.mark.usefixtures("days")
def test_from_the_card_into_the_recorder_and_back_to_the_next_card(new_page: Callable[..., Page]) -> None:
    page = new_page("phone")
    sign_in(page, "bob@harborspa.example")
    page.goto("/health")
    page.evaluate("localStorage.setItem('vidmsg-countdown-off', '1')")
    page.goto("/")
    expect(page.locator(CARD)).to_contain_text("Maria Alvarez")
    page.get_by_role("link", name="Record, about 30 s").click()
    in_state(page, "ready")
    start(page)
    saved_up_to(page, 2)
    stop(page)
    page.get_by_role("button", name="Keep").click()
    page.wait_for_url("**/write?video=*")
    page.locator("button.go").click()
    page.get_by_role("link", name="Next: Tom").click()
    expect(page.locator(CARD)).to_contain_text("Tom Okafor")
    expect(page.locator(CARD)).not_to_contain_text("Maria")


@pytest.mark.usefixtures("days")
def test_a_card_is_put_off_and_handed_over_by_keyboard_without_a_script(new_page: Callable[..., Page]) -> None:
    page = new_page("desktop", java_script_enabled=False)
    sign_in(page, "bob@harborspa.example")
    page.get_by_text("Not today").press("Enter")
    page.get_by_role("button", name="Ask me then").press("Enter")  # tomorrow stands there already
    expect(page.get_by_role("status")).to_contain_text("Not today then. We ask you again on")
    expect(page.locator(CARD)).to_contain_text("Tom Okafor")
    page.get_by_text("Hand over").press("Enter")
    page.get_by_label("Who looks after it").select_option("Alice Archer")
    page.get_by_role("button", name="Hand it over").press("Enter")
    expect(page.get_by_role("status")).to_contain_text("Alice looks after it now.")
    expect(page.get_by_role("heading", name="That's everyone for today")).to_be_visible()


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
