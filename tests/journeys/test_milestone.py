"""A milestone's whole way: somebody joins by the page on the counter, her day is planned before its video, the rep is
asked by text and keeps a take in four taps, the text is on her phone in the morning, and it is watched. A year later
she has said stop. And whoever is planned without a video is asked about."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable

import pytest
import sqlalchemy as sa
from playwright.sync_api import Page, expect

from tests import cast
from tests.journeys.conftest import sign_in
from tests.journeys.recording import in_state
from tests.server import Server, decent_hour, wait_for
from vidmsg.accounts.models import User
from vidmsg.calendar import planning
from vidmsg.database import reading, writing
from vidmsg.messages import states
from vidmsg.messages.models import Message
from vidmsg.milestones import keeping
from vidmsg.milestones.keeping import Details
from vidmsg.milestones.models import Occurrence
from vidmsg.people.models import Person

ALICE, BOB = "alice@harborspa.example", "bob@harborspa.example"
ANA, BOB_PHONE = "+12065550188", "+12065550177"
NewPage = Callable[..., Page]


def join(page: Page, counter: str) -> None:
    """Ana points her phone at the code on the counter."""
    page.goto(counter)
    day = decent_hour().date() + dt.timedelta(days=2)
    page.get_by_label("First name").fill("Ana")
    page.get_by_label("Last name").fill("Ito")
    page.get_by_label("Mobile number").fill("(206) 555-0188")
    page.get_by_label("Month").select_option(str(day.month))
    page.get_by_label("Day", exact=True).select_option(str(day.day))
    page.locator("input[name=agreed]").check()
    page.get_by_role("button", name="Yes, please").click()
    expect(page.get_by_role("heading", name="Thank you. Look at your phone")).to_be_visible()


def texted(page: Page, number: str, words: str) -> None:
    """Wait until that phone has a text with these words, as its page shows it."""
    page.goto(f"/phone/{number[1:]}")
    expect(page.get_by_role("log").get_by_text(words).first).to_be_visible(timeout=120_000)


def answer(page: Page, number: str, words: str) -> None:
    page.goto(f"/phone/{number[1:]}")
    page.get_by_label("Answer as").fill(words)
    page.get_by_role("button", name="Send as").click()
    expect(page.get_by_role("log").get_by_text(words, exact=True).last).to_be_visible()


def only(server: Server, name: str) -> int:
    """The number of that person's newest day."""

    def _planned() -> int | None:
        with server.app().app_context(), reading() as session:
            mine = sa.select(Occurrence.id).join(Person, Person.id == Occurrence.person_id)
            return session.scalar(mine.where(Person.first_name == name).order_by(Occurrence.planned_on.desc()).limit(1))

    return wait_for(_planned, f"{name}'s day to be planned", 120)


def state_of(server: Server, occurrence: int) -> str | None:
    with server.app().app_context(), reading() as session:
        return session.scalar(sa.select(Message.state).where(Message.occurrence_id == occurrence))


def plan(page: Page, occurrence: int) -> None:
    """Words for a day whose video is not there yet."""
    page.goto(f"/calendar/{occurrence}")
    page.get_by_role("link", name="Plan a message").click()
    page.get_by_label("Your text").fill("Happy birthday, Ana! All of us at Harbor Spa. Reply STOP to opt out.")
    expect(page.get_by_text("If no video comes in time")).to_be_visible()
    page.get_by_role("button", name="Plan it").click()
    expect(page.get_by_role("heading", name=re.compile("Ana"))).to_be_visible()


def hand_to_bob(page: Page, occurrence: int) -> None:
    page.goto(f"/calendar/{occurrence}")
    page.get_by_label("Who looks after it").select_option(label="Bob Baker")
    page.get_by_role("button", name="Hand over").click()
    expect(page.get_by_text("Bob looks after it now.")).to_be_visible()


def be_texted(page: Page) -> None:
    """Bob wants to be asked by text, at any hour of his day, and says YES from his phone."""
    page.goto("/account/texts")
    page.get_by_label("Your mobile number").fill("206 555 0177")
    page.locator("input[name=agreed]").check()
    page.get_by_role("button", name="Text me").click()
    expect(page.get_by_text("Waits for your YES")).to_be_visible()
    texted(page, BOB_PHONE, "Reply YES")
    answer(page, BOB_PHONE, "YES")


def record_in_four_taps(phone: Page) -> None:
    """From the text on Bob's phone, where nobody is signed in."""
    with phone.expect_popup() as opened:
        phone.get_by_role("link", name="/r/").last.click()
    camera = opened.value
    in_state(camera, "ready")
    camera.get_by_role("button", name="Record").click()
    in_state(camera, "recording")
    expect(camera.locator("#livepill")).to_contain_text("saved up to 0:0")
    camera.wait_for_function("() => / 0:(0[2-9]|[1-9])/.test(document.getElementById('livepill').textContent)")
    camera.get_by_role("button", name="Stop and look at it").click()
    in_state(camera, "review")
    camera.get_by_role("button", name="Keep").click()
    expect(camera.get_by_role("heading", name="Ana's video is kept.")).to_be_visible()


def watch(phone: Page) -> None:
    """Ana taps the link in her text and plays."""
    with phone.expect_popup() as opened:
        phone.get_by_role("link", name="/v/").last.click()
    letter = opened.value
    letter.get_by_role("button", name="Play").click()
    letter.wait_for_function("() => document.querySelector('video').currentTime > 0.5")


@pytest.mark.standing
def test_from_joining_to_a_watched_video_and_a_stop_a_year_later(
    server: Server, people: cast.Cast, new_page: NewPage
) -> None:
    desk = new_page("desktop")
    sign_in(desk, ALICE)
    desk.goto("/settings/joining/")
    desk.get_by_role("button", name="Open it").click()
    counter = desk.locator(".address").inner_text()
    join(new_page("phone"), counter)
    texted(desk, ANA, "YES")
    answer(desk, ANA, "YES")

    bob = new_page("phone")
    sign_in(bob, BOB)
    be_texted(bob)
    day = only(server, "Ana")
    plan(desk, day)
    hand_to_bob(desk, day)
    texted(bob, BOB_PHONE, "Ana:")
    record_in_four_taps(bob)
    wait_for(lambda: state_of(server, day) == states.SCHEDULED, "her text to be scheduled")
    server.set_clock(decent_hour() + dt.timedelta(days=1, hours=23, minutes=2))  # 9:12 on her day
    wait_for(lambda: state_of(server, day) == states.DELIVERED, "her text to arrive")
    phone = new_page("phone")
    sign_in(phone, ALICE)
    texted(phone, ANA, "Happy birthday, Ana")
    watch(phone)
    desk.goto(f"/calendar/{day}")
    desk.get_by_role("link", name="See the text").click()
    expect(desk.get_by_text("Watched").first).to_be_visible(timeout=120_000)

    server.set_clock(decent_hour() + dt.timedelta(days=350))
    next_year = wait_for(lambda: (found := only(server, "Ana")) != day and found, "next year's day")
    plan(desk, next_year)
    answer(desk, ANA, "STOP")
    server.set_clock(decent_hour() + dt.timedelta(days=367))
    wait_for(lambda: state_of(server, next_year) in {states.SUPPRESSED, states.HELD, states.MISSED}, "its end")
    desk.goto(f"/calendar/{next_year}")
    desk.get_by_role("link", name="See the text").click()
    expect(desk.get_by_text("asked us to stop").first).to_be_visible()


@pytest.mark.standing
def test_planned_without_a_video_the_rep_is_asked_and_nothing_leaves(
    server: Server, people: cast.Cast, new_page: NewPage
) -> None:
    tomorrow = decent_hour().date() + dt.timedelta(days=1)
    with server.app().app_context():
        with writing() as session:
            maria = session.get_one(Person, people.maria.id)
            bob_id = session.scalars(sa.select(User.id).where(User.email == BOB)).one()
            keeping.add(session, maria, Details("birthday", month=tomorrow.month, day=tomorrow.day), bob_id)
        planning.run()
    page = new_page("desktop")
    sign_in(page, BOB)
    day = only(server, "Maria")
    page.goto(f"/calendar/{day}")
    page.get_by_role("link", name="Plan a message").click()
    page.get_by_label("Your text").fill("Happy birthday, Maria! Bob from Harbor Spa. Reply STOP to opt out.")
    page.get_by_role("button", name="Plan it").click()
    wait_for(lambda: state_of(server, day) == states.PLANNED, "it to be planned")
    server.set_clock(decent_hour() + dt.timedelta(hours=23, minutes=5))
    wait_for(lambda: state_of(server, day) == states.HELD, "somebody to be asked")
    page.goto("/")
    waiting = page.locator("section", has=page.get_by_role("heading", name="These wait for your word"))
    expect(waiting.get_by_text("There is no video yet")).to_be_visible()
    page.goto(f"/phone/{cast.MARIA_PHONE[1:]}")
    expect(page.get_by_role("log").get_by_text("Happy birthday")).to_have_count(0)
