"""The optional second step: a rep connects an app, signs in with its code, and with a spare code without her phone."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests import cast
from tests.journeys.conftest import sign_in
from tests.journeys.second_step import code, connect, first_step, leave, spare_codes

BOB = "bob@harborspa.example"
TODAY = re.compile("Good morning, Bob")


@pytest.fixture
def rep(people: cast.Cast, new_page: Callable[..., Page], size: str) -> Page:
    """Bob, signed in by his password alone."""
    page = new_page(size)
    sign_in(page, BOB)
    return page


def say(page: Page, digits: str) -> None:
    page.get_by_label("Code").fill(digits)
    page.get_by_role("button", name="Go on").click()


def is_outside(page: Page) -> None:
    """No page opens before the second step is done."""
    page.goto("/people")
    expect(page).to_have_url(re.compile("/login"))


def test_a_rep_with_an_app_signs_in_with_its_code_and_with_no_other(rep: Page) -> None:
    key = connect(rep)
    leave(rep)
    first_step(rep, BOB)
    is_outside(rep)
    first_step(rep, BOB)
    right = code(key, steps=1)
    wrong = f"{(int(right) + 1) % 1_000_000:06d}"
    say(rep, wrong)
    expect(rep.get_by_text("That code doesn't fit.")).to_be_visible()
    say(rep, right)
    expect(rep.get_by_role("heading", name=TODAY)).to_be_visible()
    leave(rep)
    first_step(rep, BOB)
    say(rep, right)
    expect(rep.get_by_text("That code doesn't fit.")).to_be_visible()


def test_a_spare_code_opens_the_door_once(rep: Page) -> None:
    connect(rep)
    spare = spare_codes(rep)
    for turn in range(2):
        leave(rep)
        first_step(rep, BOB)
        rep.get_by_role("link", name="I don't have my phone").click()
        rep.get_by_label("Spare code").fill(spare[0])
        rep.get_by_role("button", name="Go on").click()
        if turn == 0:
            expect(rep.get_by_role("heading", name=TODAY)).to_be_visible()
    expect(rep.get_by_text("That code doesn't fit, or was used before.")).to_be_visible()
    rep.get_by_label("Spare code").fill(spare[1])
    rep.get_by_role("button", name="Go on").click()
    expect(rep.get_by_role("heading", name=TODAY)).to_be_visible()
    rep.goto("/account")
    expect(rep.get_by_text(f"{len(spare) - 2} left")).to_be_visible()


def test_a_rep_turns_the_second_step_off_and_her_password_opens_alone(rep: Page) -> None:
    connect(rep)
    rep.goto("/tf-setup")
    rep.get_by_role("button", name="Turn it off").click()
    expect(rep.get_by_role("status")).to_contain_text("The second step is off.")
    leave(rep)
    sign_in(rep, BOB)
    expect(rep.get_by_role("heading", name=TODAY)).to_be_visible()
