"""The whole way of one message, as people walk it: first start, invitation, customer, recording, text, watching,
knowing. On a desk with a real S3 server behind it, and on a phone with a folder."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.journeys.conftest import sign_in
from tests.journeys.recording import saved_up_to
from tests.server import Server, wait_for

MANAGER, REP = "alice@harborspa.example", "bob@harborspa.example"
SECRET = "correct horse battery"
PATIENCE_MS = 30_000


def begin(page: Page, server: Server) -> None:
    """Step 1: the printed link makes the first manager and names the organisation."""
    found = wait_for(lambda: re.search(r"Begin here, once: (\S+)", server.log.read_text()), "the printed link")
    page.goto(found.group(1))
    page.get_by_label("What your customers call you").fill("Harbor Spa")
    page.get_by_label("Phone your customers know").fill("(206) 555-0100")
    page.get_by_text("Change", exact=True).click()
    page.get_by_label("Country").select_option("US")
    page.get_by_label("Time zone").select_option("America/Los_Angeles")
    page.get_by_text("Lagoon").click()
    page.get_by_label("Your name").fill("Alice Moreau")
    page.get_by_label("Email").fill(MANAGER)
    page.locator("input[type=password]").first.fill(SECRET)
    page.get_by_role("button", name="Let’s begin").click()
    expect(page.get_by_role("heading", name=re.compile("Good morning, Alice"))).to_be_visible()


def invite(page: Page) -> str:
    """Step 2: the manager gets a link to hand over."""
    page.goto("/team")
    form = page.locator("#invite")
    form.get_by_label("Name").fill("Bob Reyes")
    form.get_by_label("Email").fill(REP)
    form.get_by_role("button", name="Make the link").click()
    return page.get_by_label("One-time link").input_value()


def come_in(page: Page, link: str) -> None:
    """Step 2, the rep's side: she chooses a password and is in; out and in again by the sign-in page."""
    page.goto(link)
    page.locator("input[type=password]").first.fill(SECRET)
    page.get_by_role("button", name="Come in").click()
    expect(page.get_by_role("heading", name=re.compile("Good morning, Bob"))).to_be_visible()
    page.goto("/account")
    page.get_by_role("button", name="Sign out").click()
    sign_in(page, REP, SECRET)
    expect(page.get_by_role("heading", name=re.compile("Good morning, Bob"))).to_be_visible()


def add_customer(page: Page) -> None:
    """Step 3: name, number in a usual spelling, consent with its words."""
    page.goto("/people/new")
    page.get_by_label("First name").fill("Maria")
    page.get_by_label("Last name").fill("Alvarez")
    page.get_by_label("Phone").fill("206 555 01")
    page.get_by_role("button", name="Keep").click()
    expect(page.get_by_text("two digits short")).to_be_visible()
    page.get_by_label("Phone").fill("206 555-0142")
    page.get_by_label("Said yes to texts").check()
    page.get_by_role("button", name="Keep").click()
    expect(page.get_by_role("heading", name="Maria Alvarez")).to_be_visible()
    expect(page.get_by_text("(206) 555-0142").first).to_be_visible()


def record(page: Page) -> None:
    """Step 4: look at herself, record, pause, go on, stop, see the take, keep it."""
    page.get_by_role("link", name="Record for Maria").click()
    shoot = page.locator("#shoot")
    expect(shoot).to_be_visible()
    page.get_by_role("button", name="Record", exact=True).click()
    saved_up_to(page, 2)
    page.get_by_role("button", name="Pause").click()
    page.get_by_role("button", name="Go on").click()
    saved_up_to(page, 4)
    page.get_by_role("button", name="Stop and look at it").click()
    expect(page.locator("#savedpill")).to_contain_text("is saved", timeout=PATIENCE_MS)
    page.get_by_role("button", name="Keep").click()
    page.wait_for_url("**/write?video=*")


def write(page: Page) -> None:
    """Step 5: the text with its live count, and off it goes."""
    expect(page.get_by_text("Ready").first).to_be_visible(timeout=PATIENCE_MS)
    page.get_by_label("Your text").fill("Hi Maria, it’s Bob from Harbor Spa. A video for you. Reply STOP to opt out.")
    expect(page.locator("#count")).to_contain_text("one text")
    page.get_by_label("On the page").fill("Five years, and you still bring the good bread.")
    page.get_by_role("button", name="Send now").click()
    expect(page.get_by_role("heading", name="Your video for Maria")).to_be_visible()


def the_text(page: Page) -> str:
    """The practice phone has it; the link in it."""
    page.goto("/phone/12065550142")
    bubble = page.locator(".handset .bubble").first
    expect(bubble).to_contain_text("it's Bob from Harbor Spa", timeout=PATIENCE_MS)  # a worker sends it
    address = bubble.get_by_role("link").get_attribute("href")
    assert address
    return address


def watch(customer: Page, link: str) -> None:
    """Step 6: no login, no cookies, one big button, plays at once with sound to the end."""
    customer.goto(link)
    expect(customer.get_by_role("heading", name=re.compile("Maria"))).to_be_visible()
    expect(customer.get_by_text("Five years, and you still bring the good bread.")).to_be_visible()
    customer.get_by_role("button", name=re.compile("Play")).click()
    wait_for(lambda: customer.evaluate("() => document.querySelector('video').currentTime > 0.5"), "the video to play")
    assert not customer.evaluate("() => document.querySelector('video').muted")
    wait_for(lambda: customer.evaluate("() => document.querySelector('video').ended"), "the end of the video")
    assert customer.context.cookies() == []


@pytest.mark.parametrize("storage_kind", ["directory", "s3"], indirect=True)
@pytest.mark.parametrize("size", ["desktop", "phone"], indirect=True)
def test_a_message_goes_its_whole_way(server: Server, new_page: Callable[..., Page], size: str) -> None:
    manager, rep, customer = new_page(size), new_page(size), new_page("phone")
    begin(manager, server)
    come_in(rep, invite(manager))
    add_customer(rep)
    record(rep)
    write(rep)
    status = rep.url
    link = the_text(rep)
    rep.goto(status)
    watch(customer, link)
    story = rep.locator("[data-part=story]")
    for step in ("Sent", "Arrived", "Watched"):  # live: the page is not loaded anew
        expect(story.get_by_text(step).first).to_be_visible(timeout=PATIENCE_MS)
    expect(story).to_contain_text("to the end", timeout=PATIENCE_MS)


def test_an_answer_and_a_stop_come_back(server: Server, new_page: Callable[..., Page]) -> None:
    rep = new_page("desktop")
    begin(rep, server)
    add_customer(rep)
    record(rep)
    write(rep)
    phone = rep.context.new_page()
    the_text(phone)
    phone.get_by_label("Answer as Maria").fill("Oh Bob. Five years!")
    phone.get_by_role("button", name="Send as Maria").click()
    expect(rep.locator("[data-part=story]")).to_contain_text("Oh Bob. Five years!", timeout=PATIENCE_MS)
    phone.get_by_role("button", name="STOP", exact=True).click()
    address = _writing(rep)
    wait_for(lambda: not _may_send(rep, address), "Maria's texts to be off")
    expect(rep.get_by_text(re.compile("asked us to stop"))).to_be_visible()
    phone.get_by_role("button", name="START", exact=True).click()
    wait_for(lambda: _may_send(rep, address), "Maria's texts to be on again")


def _writing(page: Page) -> str:
    """The address of the page where a text to Maria is written."""
    page.goto("/people")
    page.get_by_role("link", name=re.compile("Maria")).first.click()
    return page.url + "/write"


def _may_send(page: Page, address: str) -> bool:
    page.goto(address)
    return page.get_by_role("button", name=re.compile("Send")).count() > 0
