"""Drives the system's Firefox or WebKit by the commands of W3C WebDriver. WebKit's driver takes them over HTTP, as
the standard says; Firefox, for whose driver Debian has no package, over Marionette, its own socket. Knows no page."""

from __future__ import annotations

import base64
import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import requests

from tests.server import free_port, wait_for

ANSWER_S = 120.0  # the longest on a busy machine; on an idle one a start takes five
ROUTES = {  # of the commands over HTTP, https://www.w3.org/TR/webdriver2/#endpoints
    "Navigate": ("POST", "/url"),
    "ExecuteScript": ("POST", "/execute/sync"),
    "FindElement": ("POST", "/element"),
    "PerformActions": ("POST", "/actions"),
    "SetWindowRect": ("POST", "/window/rect"),
    "TakeScreenshot": ("GET", "/screenshot"),
    "GetCookies": ("GET", "/cookie"),
}
FOLDER = "vidmsg-browser-"
SIZES = "[innerWidth, innerHeight, outerWidth - innerWidth, outerHeight - innerHeight]"
PREFERENCES = {  # on top of those that Marionette sets for every test
    "dom.w3c_touch_events.enabled": 1,
    "media.autoplay.default": 1,  # as on a phone: nothing sounds before a tap
    "toolkit.legacyUserProfileCustomizations.stylesheets": True,
    "ui.useOverlayScrollbars": 1,
}
NARROW_FIREFOX = ":root { min-width: 0 !important; }"  # Firefox's window is else never narrower than 450 pixels
NARROW_WEBKIT = "* { min-width: 0; padding: 0; margin: 0; font-size: 1px; }"  # nor MiniBrowser's, than its toolbar


class Missing(Exception):
    """The browser, or a program that it needs, is not installed. Says which Debian package has it."""


class Marionette:
    """Firefox's socket: each message a length, a colon and JSON."""

    def __init__(self, port: int) -> None:
        self._socket = socket.create_connection(("127.0.0.1", port), timeout=ANSWER_S)
        self._file = self._socket.makefile("rb")
        self._number = 0
        self._read()  # its greeting
        self.send("NewSession", {"capabilities": {}})

    def send(self, command: str, parameters: dict[str, Any]) -> Any:
        """The value of the command's answer; RuntimeError with the browser's words where it refused."""
        self._number += 1
        message = json.dumps([0, self._number, f"WebDriver:{command}", parameters]).encode()
        self._socket.sendall(b"%d:%b" % (len(message), message))
        _, _, error, value = self._read()
        if error:
            raise RuntimeError(f"{command}: {error['error']}: {error['message']}")
        return value["value"] if isinstance(value, dict) and value.keys() == {"value"} else value

    def _read(self) -> Any:
        length = b""
        while (digit := self._file.read(1)) != b":":
            if not digit:
                raise RuntimeError("Firefox closed the connection")
            length += digit
        return json.loads(self._file.read(int(length)))


class Http:
    """A driver that speaks the standard, such as WebKit's; it starts its browser by itself."""

    def __init__(self, port: int) -> None:
        self._base = f"http://127.0.0.1:{port}/session"
        self._base += "/" + self._ask("POST", "", {"capabilities": {}})["sessionId"]

    def send(self, command: str, parameters: dict[str, Any]) -> Any:
        """As Firefox's."""
        method, path = ROUTES[command]
        return self._ask(method, path, parameters)

    def _ask(self, method: str, path: str, parameters: dict[str, Any]) -> Any:
        body = parameters if method == "POST" else None
        value = requests.request(method, self._base + path, json=body, timeout=ANSWER_S).json()["value"]
        if isinstance(value, dict) and "error" in value:
            raise RuntimeError(f"{path}: {value['error']}: {value['message']}")
        return value


class Driver:
    """One window of a browser."""

    def __init__(self, name: str, send: Callable[[str, dict[str, Any]], Any], pointer: str) -> None:
        self.name = name
        self._send = send
        self._pointer = pointer

    def go(self, url: str) -> None:
        """Open an address and wait until it is loaded."""
        self._send("Navigate", {"url": url})

    def script(self, expression: str) -> Any:
        """The value of an expression in the page."""
        return self._send("ExecuteScript", {"script": f"return {expression}", "args": []})

    def resize(self, width: int, height: int) -> None:
        """Make the page so many CSS pixels wide and high; the window is larger by what the browser shows around it."""
        seen: list[int] = []

        def fits() -> bool:
            nonlocal seen
            before, seen = seen, self.script(SIZES)
            if seen == before and seen[:2] != [width, height]:  # a change takes its time: only from a settled size
                self._send("SetWindowRect", {"width": width + seen[2], "height": height + seen[3], "x": 0, "y": 0})
            return seen[:2] == [width, height]

        wait_for(fits, f"a page of {width} × {height} pixels", ANSWER_S)

    def tap(self, selector: str) -> None:
        """Put a finger (a mouse, where the browser knows no fingers) on the middle of an element."""
        element = self._send("FindElement", {"using": "css selector", "value": selector})
        middle = {"type": "pointerMove", "origin": element, "x": 0, "y": 0, "duration": 0}
        steps = [middle, {"type": "pointerDown", "button": 0}, {"type": "pointerUp", "button": 0}]
        kind = {"type": "pointer", "id": "finger", "parameters": {"pointerType": self._pointer}}
        self._send("PerformActions", {"actions": [{**kind, "actions": steps}]})

    def cookies(self) -> list[dict[str, Any]]:
        """All cookies that the page's address has."""
        return list(self._send("GetCookies", {}))

    def picture(self, path: Path) -> None:
        """Write what the page shows as PNG."""
        path.write_bytes(base64.b64decode(self._send("TakeScreenshot", {"full": False})))


@contextmanager
def firefox() -> Iterator[Driver]:
    """A headless Firefox with a fresh profile. Raises Missing."""
    program = shutil.which("firefox-esr") or shutil.which("firefox")
    if program is None:
        raise Missing("Firefox is not installed (Debian's package: firefox-esr)")
    port, profile = free_port(), Path(tempfile.mkdtemp(prefix=FOLDER))
    (profile / "chrome").mkdir()
    (profile / "chrome" / "userChrome.css").write_text(NARROW_FIREFOX)
    chosen = {**PREFERENCES, "marionette.port": port}.items()
    (profile / "user.js").write_text("\n".join(f"user_pref({json.dumps([k, v])[1:-1]});" for k, v in chosen))
    command = (program, "--headless", "--marionette", "--no-remote", "--profile", str(profile))
    with _kept(profile, *command, MOZ_CRASHREPORTER_DISABLE="1"):
        wait_for(lambda: _listens(port), "Firefox to listen", ANSWER_S)
        yield Driver("firefox", Marionette(port).send, "touch")


@contextmanager
def webkit() -> Iterator[Driver]:
    """WebKitGTK's MiniBrowser on a screen of its own that nobody sees. Raises Missing."""
    for program, package in (("WebKitWebDriver", "webkit2gtk-driver"), ("Xvfb", "xvfb")):
        if shutil.which(program) is None:
            raise Missing(f"{program} is not installed (Debian's package: {package})")
    port, home = free_port(), Path(tempfile.mkdtemp(prefix=FOLDER))
    (home / ".config" / "gtk-3.0").mkdir(parents=True)
    (home / ".config" / "gtk-3.0" / "gtk.css").write_text(NARROW_WEBKIT)
    screen = ("Xvfb", "-displayfd", "1", "-screen", "0", "1400x1400x24", "-nolisten", "tcp")
    with _kept(Path(tempfile.mkdtemp(prefix=FOLDER)), *screen) as said:
        number = wait_for(lambda: said.read_text().strip(), "a screen", ANSWER_S)
        shown = {"DISPLAY": f":{number}", "GDK_BACKEND": "x11", "NO_AT_BRIDGE": "1"}
        with _kept(home, "WebKitWebDriver", f"--port={port}", **shown):
            wait_for(lambda: _listens(port), "WebKit's driver to listen", ANSWER_S)
            yield Driver("webkit", Http(port).send, "mouse")


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


@contextmanager
def _kept(folder: Path, *command: str, **environment: str) -> Iterator[Path]:
    """A program with this folder as its home, which ends when we do, in whatever way. Gives the file of its words."""
    with (folder / "said").open("wb") as output:
        keeper = subprocess.Popen(
            [sys.executable, str(Path(__file__).with_name("keeper.py")), str(folder), *command],
            stdin=subprocess.PIPE,
            stdout=output,
            stderr=subprocess.DEVNULL,
            env={**os.environ, "HOME": str(folder), "XDG_CONFIG_HOME": str(folder / ".config"), **environment},
        )
    assert keeper.stdin
    try:
        yield folder / "said"
    finally:
        keeper.stdin.close()
        keeper.wait(30)
