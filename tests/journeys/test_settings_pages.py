"""Settings that answer while they are chosen, and a page that stays true while somebody looks at it: the parts of them
that only a browser runs."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests import cast
from tests.journeys.conftest import sign_in
from tests.server import Server, decent_hour
from vidmsg.accounts.models import User
from vidmsg.database import writing
from vidmsg.messages import compose, states
from vidmsg.people.models import Person

pytestmark = [pytest.mark.browser, pytest.mark.standing]


def test_hours_are_said_while_they_are_chosen_and_bold_ones_show_the_rule(
    people: cast.Cast, new_page: Callable[..., Page]
) -> None:
    page = new_page("phone")
    sign_in(page, people.alice.email)
    page.goto("/settings/decency")
    said, rule = page.locator("[data-effect]"), page.get_by_text("47 CFR 64.1200")
    expect(said).to_have_text("Texts go between 9 and 20, Sundays 12 to 20, in each person's own time.")
    expect(rule).to_be_hidden()
    page.get_by_label("From", exact=True).select_option("8:00")
    page.get_by_label("Sundays from").select_option("Never")
    expect(said).to_have_text("Texts go between 8 and 20, never on Sundays, in each person's own time.")
    expect(rule).to_be_hidden()
    page.get_by_label("Until").select_option("22:00")
    expect(rule).to_be_visible()
    page.get_by_label("Keep these hours all the same").check()
    page.get_by_role("button", name="Keep", exact=True).click()
    expect(page.get_by_role("status").first).to_contain_text("Kept. Texts go between 8 and 22, never on Sundays")


def test_the_page_of_how_it_runs_shows_the_worker_and_news_by_itself(
    server: Server, people: cast.Cast, new_page: Callable[..., Page]
) -> None:
    page = new_page("desktop")
    sign_in(page, people.alice.email)
    page.goto("/account")
    page.get_by_role("link", name="How it runs").click()
    expect(page.locator('[data-part="workers"]')).to_contain_text("Alive")
    expect(page.get_by_role("heading", level=1)).to_have_text("All goes its way")
    with server.app().app_context(), writing() as session:
        message = compose.compose(
            session,
            sender=session.get_one(User, people.bob.id),
            person=session.get_one(Person, people.maria.id),
            video=None,
            body="Hi Maria, it's Bob from Harbor Spa. Reply STOP to opt out.",
            words="",
            request_key="in doubt",
            due_at=decent_hour(),
        )
        message.state = states.UNCONFIRMED
    expect(page.get_by_role("heading", level=1)).to_have_text("1 thing waits for you")
    page.reload()
    page.get_by_role("button", name="It arrived: Maria Alvarez").click()
    expect(page.get_by_role("status").first).to_contain_text("Done for Maria.")
    expect(page.get_by_role("heading", level=1)).to_have_text("All goes its way")
