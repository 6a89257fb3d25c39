"""The second step at the door, as a person with an app on her phone goes through it; the app is `code`."""

from __future__ import annotations

import time

from passlib.totp import TOTP
from playwright.sync_api import Page, expect

from tests import cast

STEP_S = 30


def code(key: str, *, steps: int = 0) -> str:
    """What the app shows for this key: now, or so many steps of 30 s from now. The server takes the next one too,
    so that a test which has used the present code need not wait."""
    token: str = TOTP(key=key).generate(time=time.time() + steps * STEP_S).token
    return token


def connect(page: Page) -> str:
    """From her own page to a connected app; gives the key that she typed into it."""
    page.goto("/account")
    page.get_by_role("link", name="Second step").click()
    page.get_by_role("button", name="Connect an app").click()
    key = page.locator(".key").inner_text()
    page.get_by_label("The six digits that the app shows").fill(code(key))
    page.get_by_role("button", name="Connect").click()
    expect(page.get_by_role("status")).to_contain_text("Your app is connected.")
    return key


def spare_codes(page: Page) -> list[str]:
    """The spare codes that she writes down."""
    page.goto("/account")
    page.get_by_role("link", name="Spare codes").click()
    page.get_by_role("button", name="Make new codes").click()
    shown = page.locator(".codes li")
    expect(shown.first).to_be_visible()
    return shown.all_inner_texts()


def first_step(page: Page, email: str) -> None:
    """Email and password; then the door asks for the digits."""
    page.goto("/login")
    page.get_by_label("Email").fill(email)
    page.get_by_label("Password", exact=True).fill(cast.PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("heading", name="The six digits, please")).to_be_visible()


def leave(page: Page) -> None:
    """Sign out."""
    page.goto("/account")
    page.get_by_role("button", name="Sign out").click()
    page.wait_for_url("**/login")
