"""Maria's phone may have a Firefox or, as every iPhone, a WebKit: the page that she opens, in Debian's builds of both,
at a phone's size. A browser that is not on this machine is skipped, with the name of its package."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import pytest
import sqlalchemy as sa
from flask import Flask

from tests import watched, webdriver
from tests.journeys.conftest import both_storages
from tests.server import Server, wait_for
from tests.webdriver import Driver
from vidmsg.database import reading, writing
from vidmsg.watching.models import Visit

# One process starts each browser once, also where tests are shared out.
pytestmark = [
    pytest.mark.browser,
    pytest.mark.slow,
    pytest.mark.standing,
    pytest.mark.xdist_group("other browsers"),
]

BROWSERS = {"firefox": webdriver.firefox, "webkit": webdriver.webkit}
DECODERS = {"firefox": "libavcodec59 or newer", "webkit": "gstreamer1.0-libav and gstreamer1.0-plugins-good"}
UPRIGHT, ON_ITS_SIDE = (390, 844), (844, 390)
PLAYS = """document.createElement('video').canPlayType('video/mp4; codecs="avc1.42E01E, mp4a.40.2"')"""
VIDEO = "document.querySelector('video')"
MOVES_ON = f"{VIDEO}.currentTime > 0.2 && !{VIDEO}.paused"
HEARD = f"!{VIDEO}.muted && {VIDEO}.volume === 1 && ({VIDEO}.mozHasAudio || {VIDEO}.audioTracks.length === 1)"
FRAME = "document.querySelector('.frame').getBoundingClientRect()"
VIEW = "[document.documentElement.scrollWidth, innerWidth]"  # the same where nothing sticks out
PATIENCE_S = 90.0


@dataclass(frozen=True)
class Phone:
    """A browser at a phone's size, and the installation whose page it looks at."""

    driver: Driver
    server: Server
    app: Flask

    def send(self, width: int = 180, height: int = 320) -> str:
        """Send Maria a video text; the address of its page."""
        with self.app.app_context(), writing() as session:
            sent = watched.make(session, self.app.extensions["storage"], width=width, height=height)
        return self.server.url + sent.path

    def open(self, address: str, screen: tuple[int, int] = UPRIGHT) -> None:
        """Open a page, the phone held like this."""
        self.driver.resize(*screen)
        self.driver.go(address)

    def until(self, expression: str) -> None:
        """Wait until this is true in the page."""
        wait_for(lambda: self.driver.script(expression), f"{expression} in {self.driver.name}", PATIENCE_S)

    def shows(self, selector: str) -> str:
        """The text of what is visible there."""
        return str(self.driver.script(f"document.querySelector('{selector}').innerText"))

    def visit(self) -> Visit:
        """What is known of this look."""
        with self.app.app_context(), reading() as session:
            return session.scalars(sa.select(Visit)).one()

    def until_known(self, what: str) -> None:
        """Wait until this column of the visit is filled."""
        wait_for(lambda: getattr(self.visit(), what), f"{what} from {self.driver.name}", PATIENCE_S)


@pytest.fixture(scope="module", params=list(BROWSERS))
def driver(request: pytest.FixtureRequest) -> Iterator[Driver]:
    """Each of the browsers, where it is installed."""
    with ExitStack() as stack:
        try:
            yield stack.enter_context(BROWSERS[request.param]())
        except webdriver.Missing as missing:
            pytest.skip(str(missing))


@pytest.fixture
def phone(driver: Driver, server: Server) -> Phone:
    """A phone with this browser; skipped where the machine lacks the decoders that every phone has."""
    if not driver.script(PLAYS):
        package = DECODERS[driver.name]
        pytest.skip(f"{driver.name} has no decoder for H.264 and AAC here (Debian's package: {package})")
    return Phone(driver, server, server.app())


@both_storages
def test_a_tap_plays_with_sound_and_the_rep_learns_how_much_was_seen(phone: Phone, tmp_path: Path) -> None:
    phone.open(phone.send())
    assert phone.shows("h1") == "Maria, this one’s for you"
    assert "Bob" in phone.shows("header")
    assert "Thank you for letting us be part of your mornings." in phone.shows(".words")
    phone.until("document.querySelector('.still').naturalWidth === 360")
    phone.driver.picture(tmp_path / "before.png")
    phone.until_known("opened_at")
    assert phone.visit().played_at is None
    phone.driver.tap(".pill")
    phone.until(MOVES_ON)
    assert phone.driver.script(HEARD)
    phone.driver.picture(tmp_path / "playing.png")
    phone.until_known("played_at")
    phone.until("document.querySelector('main').classList.contains('ended')")
    wait_for(lambda: phone.visit().percent >= 95, "the whole to be known as seen", PATIENCE_S)
    phone.driver.picture(tmp_path / "after.png")
    phone.driver.tap("[value=loved]")
    phone.until("document.querySelector('.thanks')?.checkVisibility()")
    assert phone.visit().felt == "loved"
    assert phone.driver.cookies() == []


def test_a_face_tapped_without_the_script_arrives(phone: Phone) -> None:
    phone.open(phone.send())
    # A copy of the form has no listener: the browser sends it by itself, as it does where scripts are off.
    phone.driver.script("(form => { form.replaceWith(form.cloneNode(true)); })(document.querySelector('.after'))")
    phone.driver.script("document.querySelector('.after').classList.add('open')")
    phone.driver.tap("[value=smiled]")
    phone.until("location.search === '?thanks=1' && document.querySelector('.thanks')?.checkVisibility()")
    with phone.app.app_context(), reading() as session:
        assert "smiled" in session.scalars(sa.select(Visit.felt)).all()
    assert phone.driver.cookies() == []


@pytest.mark.parametrize("size", [(180, 320), (320, 180)], ids=["portrait", "landscape"])
def test_the_frame_takes_the_shape_of_the_video_however_the_phone_is_held(
    phone: Phone, size: tuple[int, int], tmp_path: Path
) -> None:
    address = phone.send(*size)
    for screen in (UPRIGHT, ON_ITS_SIDE):
        phone.open(address, screen)
        phone.driver.tap(".pill")
        phone.until(MOVES_ON)
        phone.driver.picture(tmp_path / f"{screen[0]}.png")
        left, top, width, height = phone.driver.script(f"[{FRAME}.left, {FRAME}.top, {FRAME}.width, {FRAME}.height]")
        assert width / height == pytest.approx(size[0] / size[1], rel=0.02)
        assert min(left, top, screen[0] - left - width, screen[1] - top - height) > -1
        assert phone.driver.script(VIEW) == [screen[0], screen[0]]
