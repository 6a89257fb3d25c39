"""Bob plans Maria's day before there is a video, records for it later, and the text goes with that video on the day."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.cast import Cast
from tests.journeys.conftest import sign_in
from tests.journeys.recording import all_saved, in_state, saved_up_to, start, stop
from tests.server import Server, decent_hour
from tests.unit.messages import days
from vidmsg.accounts.models import User
from vidmsg.database import writing
from vidmsg.people.models import Person

pytestmark = [pytest.mark.browser, pytest.mark.standing]


def _day(server: Server, people: Cast) -> tuple[int, dt.date]:
    """Maria's fifth year, on Saturday; Bob sits in Chicago. It is Wednesday."""
    on = decent_hour().date() + dt.timedelta(days=3)
    with server.app().app_context(), writing() as session:
        session.get_one(User, people.bob.id).time_zone = "America/Chicago"
        return days.add(session, session.get_one(Person, people.maria.id), on, people.bob.id), on


def test_planned_first_and_recorded_later(server: Server, people: Cast, new_page: Callable[..., Page]) -> None:
    day, on = _day(server, people)
    page = new_page()
    sign_in(page, "bob@harborspa.example")
    page.goto("/health")
    page.evaluate("localStorage.setItem('vidmsg-countdown-off', '1')")
    page.goto(f"/calendar/{day}")
    page.get_by_role("link", name="Plan a message").click()
    expect(page.get_by_label("On the day")).to_be_checked()
    expect(page.get_by_text("9:10 Maria's time (11:10 yours)").first).to_be_visible()
    page.get_by_label("Another time").check(force=True)
    page.get_by_label("Day", exact=True).fill(on.isoformat())
    page.get_by_label("Time", exact=True).fill("22:40")
    # Said as one chooses, and the button knows that it is another moment.
    expect(page.get_by_text("At 22:40 it is quiet for Maria")).to_be_visible()
    expect(page.get_by_role("button", name="Plan it for then")).to_be_visible()
    page.get_by_label("On the day").check(force=True)
    page.get_by_role("button", name="Plan it for Saturday").click()
    expect(page.get_by_text("If none comes, you are asked.")).to_be_visible()

    page.get_by_role("link", name="Record for Maria").click()
    in_state(page, "ready")
    expect(page.get_by_role("heading", name="Maria, five years with us")).to_be_visible()
    start(page)
    saved_up_to(page, 1)
    stop(page)
    all_saved(page)
    page.get_by_role("button", name="Keep").click()
    page.wait_for_url("**/messages/*")
    expect(page.get_by_role("heading", name="Your video for Maria")).to_be_visible()
    expect(page.get_by_text("9:10 Maria's time (11:10 yours)").first).to_be_visible()
    expect(page.get_by_text("Scheduled").or_(page.get_by_text("Waits for the video")).first).to_be_visible()
