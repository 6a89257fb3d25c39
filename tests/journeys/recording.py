"""The recorder's page as a test drives it, and both ends of a take to compare: what lies in the browser's IndexedDB
and what the server has recorded."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, TypeVar

import sqlalchemy as sa
from playwright.sync_api import BrowserContext, Page, expect

from tests.server import Server
from vidmsg.database import reading
from vidmsg.storage import NotFound, Storage
from vidmsg.videos import joining
from vidmsg.videos.models import Upload, Video

T = TypeVar("T")

LOCAL = """async () => {
  const opened = indexedDB.open("vidmsg-takes");
  const database = await new Promise((resolve) => { opened.onsuccess = () => resolve(opened.result); });
  if (!database.objectStoreNames.length) return { rows: [], bytes: 0, sha256: "" };
  const reading = database.transaction(["takes", "slices"]);
  const rows = reading.objectStore("takes").getAll();
  const slices = reading.objectStore("slices").getAll();
  await new Promise((resolve) => { reading.oncomplete = resolve; });
  database.close();
  const length = slices.result.reduce((sum, slice) => sum + slice.bytes.byteLength, 0);
  const whole = new Uint8Array(length);
  for (const slice of slices.result) whole.set(new Uint8Array(slice.bytes), slice.offset);
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", whole));
  const sha256 = [...digest].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  return { rows: rows.result, bytes: length, sha256 };
}"""


@dataclass(frozen=True)
class Held:
    """One upload as the server has it."""

    sha256: str
    bytes: int
    state: str
    video_state: str
    kept: bool
    discarded: bool
    sound: bool | None
    seconds: float


def held(server: Server) -> list[Held]:
    """Everything that the server has recorded, oldest first, joined from its chunks."""

    def _read() -> list[Held]:
        app = server.app()
        with app.app_context():
            storage: Storage = app.extensions["storage"]
            with reading() as session:
                rows = session.execute(
                    sa.select(Upload, Video).join(Video, Video.id == Upload.video_id).order_by(Upload.created_at)
                ).all()
            return [_held(storage, upload, video) for upload, video in rows]

    with ThreadPoolExecutor(1) as thread:  # Playwright's loop runs in this one
        return thread.submit(_read).result()


def _held(storage: Storage, upload: Upload, video: Video) -> Held:
    try:
        data = b"".join(joining.fetch(storage, chunk) for chunk in joining.recorded(upload.id))
    except NotFound:  # it became ready while we read, and its raw bytes went
        data = b""
    return Held(
        sha256=hashlib.sha256(data).hexdigest(),
        bytes=len(data),
        state=upload.state,
        video_state=video.state,
        kept=video.kept_at is not None,
        discarded=video.discarded_at is not None,
        sound=video.has_audio,
        seconds=video.duration_s or 0,
    )


def local(page: Page) -> dict[str, Any]:
    """What lies in this browser: rows, number of bytes and their SHA-256 (of one take)."""
    found: dict[str, Any] = page.evaluate(LOCAL)
    return found


def bare_page(context: BrowserContext) -> Page:
    """A page of the same origin with no script of ours, to look into IndexedDB without waking anything."""
    page = context.new_page()
    page.goto("/health")
    return page


def open_recorder(page: Page, person_id: int, *, countdown: bool = False) -> None:
    """Open the recorder and wait until she sees herself."""
    if not countdown:
        page.goto("/health")
        page.evaluate("localStorage.setItem('vidmsg-countdown-off', '1')")
    page.goto(f"/record/{person_id}")
    in_state(page, "ready")


def in_state(page: Page, state: str) -> None:
    """Wait for a state of the page: asking, trouble, ready, countdown, recording, review."""
    expect(page.locator("#recorder")).to_have_attribute("data-state", state, timeout=20_000)


def start(page: Page) -> None:
    page.get_by_role("button", name="Record").click()
    in_state(page, "recording")


def stop(page: Page) -> None:
    page.get_by_role("button", name="Stop and look at it").click()
    in_state(page, "review")


def said(page: Page, words: str) -> None:
    """Wait until the page's one status line says this."""
    expect(page.get_by_role("status")).to_contain_text(words, timeout=20_000)


def until(page: Page, condition: Callable[[], T | None], what: str, seconds: float = 30.0) -> T:
    """Wait for a condition while the page's own events and routes go on."""
    deadline = time.monotonic() + seconds
    while not (found := condition()):
        assert time.monotonic() < deadline, f"waited {seconds:.0f} s in vain: {what}"
        page.wait_for_timeout(100)
    return found


def on_device(page: Page, seconds: float) -> None:
    """Wait until that many seconds lie in IndexedDB."""
    until(page, lambda: any(row["seconds"] >= seconds for row in local(page)["rows"]), f"{seconds} s on the device")


def saved_up_to(page: Page, seconds: int) -> None:
    """Wait until the page says that the server holds at least that many seconds."""
    page.wait_for_function(
        "(least) => { const found = /saved up to 0:(\\d\\d)/.exec(document.getElementById('livepill').textContent);"
        " return found && Number(found[1]) >= least; }",
        arg=seconds,
    )


def all_saved(page: Page) -> None:
    """Wait until the server holds the whole of the take that is shown."""
    expect(page.locator("#savedpill")).to_contain_text("is saved", timeout=60_000)
    expect(page.locator("#recorder")).to_have_attribute("data-kept", "true", timeout=60_000)


def whole(page: Page, server: Server) -> Held:
    """Wait until the server's newest upload is complete."""

    def _complete() -> Held | None:
        found = held(server)
        return found[-1] if found and found[-1].state == "complete" else None

    return until(page, _complete, "the take to be whole on the server", 60)
