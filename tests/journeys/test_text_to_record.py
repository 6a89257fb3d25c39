"""A rep is asked by text: one tap opens the camera without a password, with four taps the take is kept, and one
that stopped on its way is finished by a second text."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
import sqlalchemy as sa
from playwright.sync_api import Page, Route, expect

from tests import cast
from tests.journeys.conftest import sign_in
from tests.journeys.recording import held, in_state, local
from tests.server import Server, decent_hour, wait_for
from vidmsg.accounts.models import User
from vidmsg.calendar import planning
from vidmsg.database import reading, writing
from vidmsg.messages import states
from vidmsg.messages.models import Message
from vidmsg.milestones import keeping
from vidmsg.milestones.keeping import Details
from vidmsg.people import confirming, ourselves
from vidmsg.people.models import Note, Person
from vidmsg.people.ourselves import Choice

BOB_PHONE = "+12065550177"


def _prepare(server: Server, people: cast.Cast) -> None:
    """Bob chose texts; Maria has been a customer for five years on Friday. It is Wednesday morning."""
    day = decent_hour().date() + dt.timedelta(days=2)
    with server.app().app_context():
        with writing() as session:
            own = ourselves.agree(session, session.get_one(User, people.bob.id), Choice(BOB_PHONE, 8, 20))
            confirming.confirm(session, own.organisation_id, BOB_PHONE)
            maria = session.get_one(Person, people.maria.id)
            session.add(Note(person_id=maria.id, text="Brings the good bread", at=decent_hour()))
            date = Details("customer_since", month=day.month, day=day.day, year=day.year - 5)
            keeping.add(session, maria, date, people.bob.id)
        planning.run()

    def _arrived() -> bool:
        with server.app().app_context(), reading() as session:
            text = session.scalars(sa.select(Message).where(Message.phone == BOB_PHONE)).first()
            return text is not None and text.state == states.DELIVERED

    wait_for(_arrived, "the text to Bob", 120)


@pytest.mark.standing
def test_four_taps_from_the_text_to_a_kept_take(
    server: Server, people: cast.Cast, new_page: Callable[..., Page]
) -> None:
    _prepare(server, people)
    phone = new_page("phone")
    sign_in(phone, "bob@harborspa.example")
    phone.goto(f"/phone/{BOB_PHONE[1:]}")
    expect(phone.get_by_role("log").get_by_text("Maria: 5 years on Friday.")).to_be_visible()
    phone.context.clear_cookies()  # a phone on which nobody signed in

    with phone.expect_popup() as opened:
        phone.get_by_role("link", name="/r/").click()  # the first tap
    camera = opened.value
    link = camera.url
    in_state(camera, "ready")
    expect(camera.get_by_role("heading", name="Maria, five years with us")).to_be_visible()
    expect(camera.get_by_text("Brings the good bread")).to_be_visible()
    camera.get_by_role("button", name="Record").click()
    in_state(camera, "recording")
    expect(camera.locator("#livepill")).to_contain_text("saved up to 0:02")
    camera.get_by_role("button", name="Stop and look at it").click()
    in_state(camera, "review")
    camera.get_by_role("button", name="Keep").click()  # the fourth

    expect(camera.get_by_role("heading", name="Maria's video is kept.")).to_be_visible()
    expect(camera.get_by_text("It goes out Friday 9:10, Maria's time.")).to_be_visible()
    wait_for(lambda: [(one.state, one.kept) for one in held(server)] == [("complete", True)], "the take to be whole")
    camera.goto(link)
    expect(camera.get_by_role("heading", name="This link has ended")).to_be_visible()
    camera.goto("/")
    expect(camera.get_by_label("Password")).to_be_visible()


def _texts(server: Server) -> list[str]:
    """What was written to Bob so far."""

    def _read() -> list[str]:
        with server.app().app_context(), reading() as session:
            query = sa.select(Message.body).where(Message.phone == BOB_PHONE).order_by(Message.created_at)
            return list(session.scalars(query))

    with ThreadPoolExecutor(1) as thread:  # Playwright's loop runs in this one
        return thread.submit(_read).result()


def _link(text: str) -> str:
    return text[text.rindex("/r/") :]


@pytest.mark.standing
def test_a_take_that_stopped_on_its_way_goes_up_by_the_second_text_even_after_the_server_closed_it(
    server: Server, people: cast.Cast, new_page: Callable[..., Page]
) -> None:
    _prepare(server, people)
    phone = new_page("phone")
    phone.goto("/health")
    phone.evaluate("localStorage.setItem('vidmsg-countdown-off', '1')")
    phone.goto(_link(_texts(server)[0]))
    in_state(phone, "ready")
    phone.get_by_role("button", name="Record").click()
    expect(phone.locator("#livepill")).to_contain_text("saved up to 0:01")
    tunnel = "**/uploads/*/*"
    phone.context.route(tunnel, _no_patch)
    expect(phone.locator("#ring")).not_to_have_attribute("stroke-dasharray", "0.01 100")
    phone.get_by_role("button", name="Stop and look at it").click()
    in_state(phone, "review")
    phone.get_by_role("button", name="Keep").click()
    expect(phone.get_by_text("The take for Maria is still going up.")).to_be_visible()
    phone.goto("about:blank")

    server.move_clock(11 * 60)
    wait_for(lambda: "is still on your phone" in _texts(server)[-1], "the second text")
    server.move_clock(90 * 60)
    wait_for(lambda: held(server)[0].state == "closed", "the server to close what fell silent")
    phone.context.unroute(tunnel)
    phone.goto(_link(_texts(server)[-1]))
    wait_for(lambda: (held(server)[-1].state, held(server)[-1].kept) == ("complete", True), "the whole take")
    wait_for(lambda: local(phone)["rows"] == [], "the phone to let go of it")
    assert held(server)[-1].bytes > held(server)[0].bytes
    assert len(_texts(server)) == 2


def _no_patch(route: Route) -> None:
    """No piece gets through; everything else does."""
    if route.request.method == "PATCH":
        route.abort()
    else:
        route.continue_()
