"""The pages at the edges, as test_every_page.py looks at the others: the first start, passwords, the second step, pages
of trouble, and the customer's page while there is no video."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pytest
import sqlalchemy as sa
from flask_security.recoverable import generate_reset_link
from playwright.sync_api import Browser, Page, Route, expect

from tests import cast, watched
from tests.journeys.conftest import sign_in
from tests.journeys.looking import look
from tests.journeys.second_step import connect, first_step
from tests.server import Server, serving, wait_for
from vidmsg.accounts.models import User
from vidmsg.database import reading, writing
from vidmsg.videos.models import BROKEN, PREPARING, Video

pytestmark = pytest.mark.xdist_group("every door")  # one house is enough
BOB, NOBODY = "bob@harborspa.example", "nobody@harborspa.example"
MOST_FAILURES = 10


@dataclass(frozen=True)
class Places:
    """A house with Bob and a text to Maria whose video is not there; and a fresh one where nobody has begun."""

    house: Server
    fresh: Server
    sent: watched.Sent

    def video_is(self, state: str) -> None:
        with self.house.app().app_context(), writing() as session:
            session.get_one(Video, self.sent.video_id).state = state


@pytest.fixture(scope="module")
def places(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Places]:
    folder = tmp_path_factory.mktemp("doors")
    with serving(folder / "house") as house, serving(folder / "fresh") as fresh:
        app = house.app()
        with app.app_context(), writing() as session:
            sent = watched.make(session, app.extensions["storage"], playable=False)
        yield Places(house, fresh, sent)


@pytest.fixture(scope="module")
def visitors(places: Places, chromium: Browser) -> Iterator[dict[str, Page]]:
    """Nobody, and Bob with an app connected."""
    made = {}
    for who in ("in", "out"):
        made[who] = chromium.new_context(base_url=places.house.url, reduced_motion="reduce").new_page()
    sign_in(made["in"], BOB)
    connect(made["in"])
    yield made
    for page in made.values():
        page.context.close()


def setup(page: Page, places: Places) -> None:
    found = wait_for(lambda: re.search(r"Begin here, once: (\S+)", places.fresh.log.read_text()), "the printed link")
    page.goto(found.group(1))
    expect(page.get_by_role("heading", name="Welcome.")).to_be_visible()


def new_password(page: Page, places: Places) -> None:
    app = places.house.app()
    with app.test_request_context(), reading() as session:
        bob = session.execute(sa.select(User).where(User.email == BOB)).scalar_one()
        _address, token = generate_reset_link(bob)  # type: ignore[no-untyped-call]
    page.goto(f"/reset/{token}")
    expect(page.get_by_role("heading", name="Your new password")).to_be_visible()


def the_code(page: Page, _places: Places) -> None:
    first_step(page, BOB)


def a_wrong_code(page: Page, _places: Places) -> None:
    first_step(page, BOB)
    page.get_by_label("Code").fill("12345")
    page.get_by_role("button", name="Go on").click()
    expect(page.get_by_text("That code doesn't fit.")).to_be_visible()


def a_spare_code(page: Page, _places: Places) -> None:
    first_step(page, BOB)
    page.get_by_role("link", name="I don't have my phone").click()
    expect(page.get_by_role("heading", name="One of your spare codes")).to_be_visible()


def spare_codes(page: Page, _places: Places) -> None:
    page.goto("/mf-recovery-codes")
    page.get_by_role("button", name="Make new codes").click()
    expect(page.locator(".codes li").first).to_be_visible()


def connect_an_app(page: Page, _places: Places) -> None:
    page.goto("/tf-setup")
    page.get_by_role("button", name="Connect another phone").click()
    expect(page.locator(".qr")).to_be_visible()


def forbidden(page: Page, _places: Places) -> None:
    _fails(page, "/team", 403, "This part is for managers")


def too_often(page: Page, _places: Places) -> None:
    for _try in range(MOST_FAILURES + 1):
        page.goto("/login")
        page.get_by_label("Email").fill(NOBODY)
        page.get_by_label("Password", exact=True).fill(cast.PASSWORD)
        page.get_by_role("button", name="Sign in").click()
        if page.get_by_role("heading", name="One moment, please").is_visible():
            break
    expect(page.get_by_role("heading", name="One moment, please")).to_be_visible()


def broken(page: Page, places: Places) -> None:
    with places.fresh.app().app_context(), writing() as session:
        session.execute(sa.text("DROP TABLE IF EXISTS invitation"))
    _fails(page, f"{places.fresh.url}/invite/unknown", 500, "Something broke on our side")


def on_its_way(page: Page, places: Places) -> None:
    places.video_is(PREPARING)
    page.route("**/v/*", _once)
    page.goto(places.sent.path)
    expect(page.get_by_role("heading", name="Bob’s video is on its way")).to_be_visible()


def went_wrong(page: Page, places: Places) -> None:
    places.video_is(BROKEN)
    page.goto(places.sent.path)
    expect(page.get_by_role("heading", name="Something went wrong with Bob’s video")).to_be_visible()


def customers_too_often(page: Page, places: Places) -> None:
    address = f"{places.fresh.url}/v/unknown"
    wait_for(lambda: page.request.get(address).status == 429, "the limit")
    _fails(page, address, 429, "One moment, please")


def _fails(page: Page, address: str, status: int, heading: str) -> None:
    answer = page.goto(address)
    assert answer
    assert answer.status == status
    expect(page.get_by_role("heading", name=heading)).to_be_visible()


def _once(route: Route) -> None:
    """The page as it comes, but standing still: it would load itself again while it is looked at."""
    answer = route.fetch()
    headers = {name: value for name, value in answer.headers.items() if name != "refresh"}
    route.fulfill(response=answer, headers=headers)


INSIDE = (spare_codes, connect_an_app, forbidden)
OUTSIDE = (
    setup,
    new_password,
    the_code,
    a_wrong_code,
    a_spare_code,
    too_often,
    broken,
    on_its_way,
    went_wrong,
    customers_too_often,
)


@pytest.mark.parametrize("go", [*INSIDE, *OUTSIDE], ids=lambda go: go.__name__)
def test_a_page_at_the_edge_is_whole_for_everybody(
    go: Callable[[Page, Places], None], places: Places, visitors: dict[str, Page]
) -> None:
    page = visitors["in" if go in INSIDE else "out"]
    page.set_viewport_size({"width": 1280, "height": 800})
    go(page, places)
    look(page, go.__name__)
