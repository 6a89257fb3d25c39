"""Every page, at four widths, light and dark: axe finds nothing, nothing runs out of the window, nothing is broken.
With VIDMSG_PICTURES=folder each is kept as a picture, to be looked at."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page

from tests import watched
from tests.journeys.conftest import sign_in
from tests.server import Server, serving
from vidmsg.accounts import invitations
from vidmsg.accounts.models import User
from vidmsg.database import writing
from vidmsg.messages.models import Message
from vidmsg.people import samples

WIDTHS = {"320": 320, "390": 390, "768": 768, "1280": 1280}
SIGNED_OUT = ("login", "forgot", "invitation", "spent", "over", "watch", "gone")
RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Server, dict[str, str]]]:
    """A server with the cast, sample people and a sent message; the addresses of all its pages."""
    with serving(tmp_path_factory.mktemp("pages") / "installation") as server:
        yield server, _fill(server)


def _fill(server: Server) -> dict[str, str]:
    app = server.app()
    with app.app_context(), writing() as session:
        sent = watched.make(session, app.extensions["storage"])
        alice = session.execute(sa.select(User).where(User.email == "alice@harborspa.example")).scalar_one()
        samples.add(session, alice)
        message = session.get_one(Message, sent.message_id)
        assert alice.team
        invitation = invitations.invite(
            session, by=alice, team=alice.team, email="dana@harborspa.example", name="Dana", role="rep"
        )
        maria, number = message.person_id, message.phone[1:]
    return {
        "login": "/login",
        "forgot": "/reset",
        "invitation": f"/invite/{invitation}",
        "watch": sent.path,
        "gone": "/v/unknown",
        "today": "/",
        "people": "/people",
        "person": f"/people/{maria}",
        "edit": f"/people/{maria}/edit",
        "new": "/people/new",
        "write": f"/people/{maria}/write?video={sent.video_id}",
        "plain": f"/people/{maria}/write",
        "message": f"/messages/{sent.message_id}",
        "phone": "/phone",
        "thread": f"/phone/{number}",
        "takes": "/takes",
        "record": f"/record/{maria}",
        "account": "/account",
        "password": "/change",
        "second": "/tf-setup",
        "team": "/team",
        "settings": "/settings",
        "verify": "/verify",
        "spent": "/setup/unknown",
        "over": "/invite/unknown",
        "nothing": "/nothing-here",
    }


PAGES = (
    "login",
    "forgot",
    "invitation",
    "watch",
    "gone",
    "today",
    "people",
    "person",
    "edit",
    "new",
    "write",
    "plain",
    "message",
    "phone",
    "thread",
    "takes",
    "record",
    "account",
    "password",
    "second",
    "team",
    "settings",
    "verify",
    "spent",
    "over",
    "nothing",
)


@pytest.fixture(scope="module")
def visitors(house: tuple[Server, dict[str, str]], chromium: Browser) -> Iterator[dict[str, Page]]:
    """One signed-in manager's page a scheme; a signed-out one beside it. Windows are resized, not opened anew."""
    server, _ = house
    made = {}
    for scheme in ("light", "dark"):
        inside = chromium.new_context(base_url=server.url, color_scheme=scheme, reduced_motion="reduce")
        made[f"{scheme} in"] = inside.new_page()
        sign_in(made[f"{scheme} in"], "alice@harborspa.example")
        made[f"{scheme} out"] = chromium.new_context(base_url=server.url, color_scheme=scheme).new_page()
    yield made
    for page in made.values():
        page.context.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("name", PAGES)
def test_a_page_is_whole_for_everybody(
    name: str, scheme: str, house: tuple[Server, dict[str, str]], visitors: dict[str, Page]
) -> None:
    server, addresses = house
    page = visitors[f"{scheme} {'out' if name in SIGNED_OUT else 'in'}"]
    page.goto(server.url + addresses[name], wait_until="load")
    for width, pixels in WIDTHS.items():
        page.set_viewport_size({"width": pixels, "height": 844 if pixels < 700 else 800})
        page.wait_for_function("() => document.fonts.status === 'loaded'")
        _keep(page, f"{name}-{width}-{scheme}")
        over = page.evaluate("() => document.documentElement.scrollWidth - document.documentElement.clientWidth")
        assert over <= 0, f"{name} at {width} runs {over} px out of the window"
        if width in {"390", "1280"}:
            found = Axe().run(page, options=RULES).response["violations"]
            told = [(v["id"], [n["target"] for n in v["nodes"]][:3]) for v in found]
            assert not told, f"{name} at {width}, {scheme}: {told}"


def _keep(page: Page, name: str) -> None:
    folder = os.environ.get("VIDMSG_PICTURES")
    if folder:
        Path(folder).mkdir(parents=True, exist_ok=True)
        page.screenshot(path=str(Path(folder) / f"{name}.png"), full_page=True)
