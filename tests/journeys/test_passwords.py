"""A password is changed by its owner, or made new by a link that a manager or whoever runs the machine hands over."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests import cast
from tests.journeys.conftest import sign_in
from tests.server import Server

ALICE, BOB = "alice@harborspa.example", "bob@harborspa.example"
NEW = "seven quiet otters swim"
TODAY = re.compile("Good morning, Bob")


def is_refused(page: Page, password: str) -> None:
    page.goto("/login")
    page.get_by_label("Email").fill(BOB)
    page.get_by_label("Password", exact=True).fill(password)
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_text("That password doesn't fit this email.")).to_be_visible()


def from_the_manager(_server: Server, new_page: Callable[..., Page]) -> str:
    """Alice presses "New password" beside Bob's name and gets a link to hand over."""
    manager = new_page("desktop")
    sign_in(manager, ALICE)
    manager.goto("/team")
    beside = manager.get_by_role("listitem").filter(has=manager.get_by_role("heading", name="Bob Baker"))
    beside.get_by_role("button", name="New password").click()
    return manager.get_by_label("One-time link").input_value()


def from_the_machine(server: Server, _new_page: Callable[..., Page]) -> str:
    """Whoever runs the machine prints a link."""
    command = [sys.executable, "-m", "vidmsg", "reset-link", BOB]
    done = subprocess.run(command, cwd=server.data, env=server.environment, capture_output=True, text=True, check=True)
    return done.stdout.strip().splitlines()[-1]


def test_a_rep_changes_her_password_and_is_signed_out_everywhere_else(
    people: cast.Cast, new_page: Callable[..., Page], size: str
) -> None:
    here, elsewhere = new_page(size), new_page("desktop")
    for page in (here, elsewhere):
        sign_in(page, BOB)
    here.goto("/account")
    here.get_by_role("link", name="Password").click()
    here.get_by_label("The one you have").fill(cast.PASSWORD)
    here.get_by_label("The new one", exact=True).fill(NEW)
    here.get_by_label("The new one, once more").fill(NEW)
    here.get_by_role("button", name="Keep it").click()
    expect(here.get_by_role("status")).to_contain_text("Your new password is in.")
    elsewhere.goto("/people")
    expect(elsewhere).to_have_url(re.compile("/login"))
    is_refused(elsewhere, cast.PASSWORD)
    sign_in(elsewhere, BOB, NEW)
    expect(elsewhere.get_by_role("heading", name=TODAY)).to_be_visible()


@pytest.mark.parametrize("made", [from_the_manager, from_the_machine])
def test_a_handed_over_link_makes_a_new_password_once(
    server: Server, people: cast.Cast, new_page: Callable[..., Page], made: Callable[..., str]
) -> None:
    link = made(server, new_page)
    rep = new_page("phone")
    rep.goto(link)
    rep.get_by_label("The new one", exact=True).fill(NEW)
    rep.get_by_label("The new one, once more").fill(NEW)
    rep.get_by_role("button", name="Keep it").click()
    expect(rep.get_by_text("Your new password is in. Sign in with it.")).to_be_visible()
    is_refused(rep, cast.PASSWORD)
    sign_in(rep, BOB, NEW)
    expect(rep.get_by_role("heading", name=TODAY)).to_be_visible()
    late = new_page("desktop")
    late.goto(link)
    expect(late.get_by_text("This link was used already or is not whole.")).to_be_visible()
    expect(late.get_by_label("The new one, once more")).to_have_count(0)
