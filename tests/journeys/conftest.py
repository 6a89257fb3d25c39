"""A real Chromium with a camera and a microphone that play files, and vidmsg as real processes with the cast in it."""

from __future__ import annotations

import subprocess
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from functools import cache
from itertools import count
from pathlib import Path
from typing import Any

import imageio_ffmpeg
import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Playwright, expect, sync_playwright

from tests import browser as finder
from tests import cast
from tests.seaweed import shared_seaweed
from tests.server import Server, decent_hour, serving
from tests.sharing import Shared
from vidmsg.accounts.models import Installation
from vidmsg.database import Base, writing
from vidmsg.tokens import new_token

expect.set_options(timeout=20_000)  # a busy machine is slow, and that is no fault
DESKTOP = {"width": 1280, "height": 800}
PHONE = {"width": 390, "height": 844}


@dataclass(frozen=True)
class Devices:
    """Files that stand in for a camera and a microphone."""

    camera: Path
    microphone: Path

    def flags(self) -> list[str]:
        """Chromium's switches for these devices, permission given without asking."""
        return [
            "--no-sandbox",
            "--disable-gpu",
            "--disable-quic",
            "--no-first-run",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync",
            "--autoplay-policy=user-gesture-required",
            "--use-fake-device-for-media-stream",
            "--use-fake-ui-for-media-stream",
            f"--use-file-for-fake-video-capture={self.camera}",
            f"--use-file-for-fake-audio-capture={self.microphone}",
        ]


@pytest.fixture(scope="session")
def devices(shared: Shared) -> Devices:
    """A moving test picture and a tone of 660 Hz, four seconds, looped by Chromium. The picture is small and not
    packed: Chromium draws and records it by processor alone."""
    return shared.once("devices", _devices)


def _devices(folder: Path) -> Devices:
    made = Devices(folder / "camera.y4m", folder / "microphone.wav")
    tool = imageio_ffmpeg.get_ffmpeg_exe()
    picture = ["-f", "lavfi", "-i", "testsrc2=size=320x180:rate=15", "-t", "4", "-pix_fmt", "yuv420p", str(made.camera)]
    tone = ["-f", "lavfi", "-i", "sine=frequency=660:sample_rate=48000", "-t", "4", "-ac", "1", str(made.microphone)]
    for arguments in (picture, tone):
        subprocess.run([tool, "-v", "error", "-y", *arguments], check=True)
    return made


@pytest.fixture(scope="session")
def playwright() -> Iterator[Playwright]:
    """Playwright, once a test process."""
    with sync_playwright() as started:
        yield started


@pytest.fixture(scope="session")
def chromium_path() -> str:
    """The Chromium to drive; absent → the tests fail with how to get one, they are not skipped."""
    path = finder.chromium()
    assert path, "No Chromium: run `python tests/browser.py`, which says how to get one."
    return path


@pytest.fixture(scope="session")
def chromium(playwright: Playwright, chromium_path: str, devices: Devices) -> Iterator[Browser]:
    """A running Chromium with the fake devices."""
    launched = playwright.chromium.launch(executable_path=chromium_path, args=devices.flags())
    yield launched
    launched.close()


both_storages = pytest.mark.parametrize("storage_kind", ["directory", "s3"], indirect=True)


@pytest.fixture
def storage_kind(request: pytest.FixtureRequest) -> str:
    """Where the server keeps videos: "directory", or "s3" on a real S3 server. `@both_storages` runs a test on both."""
    return str(getattr(request, "param", "directory"))


def storage_environment(kind: str) -> dict[str, str]:
    """Settings that choose a storage; each call for S3 gives a prefix of its own, so that tests do not meet."""
    if kind == "directory":
        return {}
    weed = shared_seaweed()
    return {
        "VIDMSG_S3_BUCKET": weed.bucket,
        "VIDMSG_S3_ENDPOINT": weed.endpoint,
        "VIDMSG_S3_REGION": weed.region,
        "VIDMSG_S3_PREFIX": f"{new_token()}/",
        "AWS_ACCESS_KEY_ID": weed.access_key_id,
        "AWS_SECRET_ACCESS_KEY": weed.secret_access_key,
    }


@pytest.fixture
def server(request: pytest.FixtureRequest, tmp_path: Path, storage_kind: str) -> Iterator[Server]:
    """A fresh installation as real processes. With the mark `standing` it is one that stands for many tests, emptied
    before each: for tests that neither end its processes nor begin with its printed link."""
    if request.node.get_closest_marker("standing"):
        yield _emptied(request.getfixturevalue("standing")(storage_kind))
        return
    with serving(tmp_path / "installation", storage_environment(storage_kind)) as running:
        yield running


@pytest.fixture(scope="session")
def standing(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[str], Server]]:
    """`standing(storage_kind)` is a server that many tests share."""
    with ExitStack() as stack:

        @cache
        def _started(kind: str) -> Server:
            folder = tmp_path_factory.mktemp("standing") / "installation"
            return stack.enter_context(serving(folder, storage_environment(kind)))

        yield _started


def _emptied(server: Server) -> Server:
    """As it began: without people, takes and messages, on its own clock."""
    server.set_clock(decent_hour())
    with server.app().app_context(), writing() as session:
        for table in reversed(Base.metadata.sorted_tables):
            if table.name != Installation.__tablename__:
                session.execute(table.delete())
    return server


_numbers = count(1)


@pytest.fixture
def people(server: Server) -> cast.Cast:
    """The cast in the server's database: Alice, Bob, Charlie, Maria (Bob's customer, who agreed to texts). Each time in
    an organisation of another number: a request that an earlier test's page left behind finds no home here."""
    with server.app().app_context(), writing() as session:
        return cast.put_in(session, next(_numbers))


@pytest.fixture(params=["desktop", "phone"])
def size(request: pytest.FixtureRequest) -> str:
    """Every test that asks for it runs on both sizes."""
    return str(request.param)


def context_options(size: str, scheme: str = "light") -> dict[str, Any]:
    """Options of a browser context: window or phone, light or dark. Under the name of a person's browser: a headless
    one is known as a robot, and rightly counts for nothing on the customer's page."""
    machine, mobile = ("Linux; Android 10; K", " Mobile") if size == "phone" else ("X11; Linux x86_64", "")
    agent = f"Mozilla/5.0 ({machine}) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.0.0{mobile} Safari/537.36"
    look = {"color_scheme": scheme, "user_agent": agent}
    if size == "phone":
        return {"viewport": PHONE, "has_touch": True, "is_mobile": True, "device_scale_factor": 2, **look}
    return {"viewport": DESKTOP, **look}


@pytest.fixture
def new_page(chromium: Browser, server: Server) -> Iterator[Callable[..., Page]]:
    """`new_page(size, scheme)` opens a page on the server; its console errors and CSP violations fail the test."""
    contexts: list[BrowserContext] = []
    complaints: list[str] = []

    def _open(size: str = "desktop", scheme: str = "light", **more: Any) -> Page:
        context = chromium.new_context(base_url=server.url, **{**context_options(size, scheme), **more})
        context.set_default_timeout(30_000)
        contexts.append(context)
        page = context.new_page()
        page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        return page

    yield _open
    for context in contexts:
        context.close()
    broken = [text for text in complaints if "Content Security Policy" in text or "Error:" in text]
    assert not broken, broken


def sign_in(page: Page, email: str, password: str = cast.PASSWORD) -> None:
    """Sign in by the page, as a person does."""
    page.goto("/login")
    page.get_by_label("Email").fill(email)
    page.get_by_label("Password", exact=True).fill(password)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url(lambda url: "/login" not in url)
