"""Drives a Firefox or a WebKit of the system by the commands of W3C WebDriver: WebKit's own driver takes them over HTTP;
Firefox, for which Debian has no driver, takes the same ones over Marionette, its built-in socket. Knows no page."""

from __future__ import annotations

import base64
import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any, Protocol

import requests

from tests.server import free_port, wait_for

FIREFOX = ("firefox-esr", "firefox")
WEBKIT_DRIVER = "WebKitWebDriver"
START_S = 120.0  # on a busy machine; it takes five on an idle one
ANSWER_S = 120.0
ELEMENT = "element-6066-11e4-a52e-4f735466cecf"  # the standard's key of an element's id
ROUTES = {  # of the commands over HTTP, https://www.w3.org/TR/webdriver2/#endpoints
    "Navigate": ("POST", "/url"),
    "ExecuteScript": ("POST", "/execute/sync"),
    "FindElement": ("POST", "/element"),
    "PerformActions": ("POST", "/actions"),
    "SetWindowRect": ("POST", "/window/rect"),
    "TakeScreenshot": ("GET", "/screenshot"),
    "GetCookies": ("GET", "/cookie"),
}
PREFERENCES = {
    "app.update.disabledForTesting": True,
    "browser.shell.checkDefaultBrowser": False,
    "browser.startup.homepage_override.mstone": "ignore",
    "datareporting.policy.dataSubmissionEnabled": False,
    "dom.w3c_touch_events.enabled": 1,
    "media.autoplay.default": 1,  # as on a phone: nothing sounds before a tap
    "network.captive-portal-service.enabled": False,
    "network.connectivity-service.enabled": False,
    "toolkit.legacyUserProfileCustomizations.stylesheets": True,
}
NARROW_FIREFOX = ":root { min-width: 0 !important; }"  # Firefox's window is else never narrower than 450 pixels
NARROW_WEBKIT = "* { min-width: 0; padding: 0; margin: 0; font-size: 1px; }"  # nor MiniBrowser's, than its toolbar


class Missing(Exception):
    """The browser, or a program that it needs, is not installed. Says which Debian package has it."""


class Wire(Protocol):
    """Something that carries a command to a browser and brings the value of its answer."""

    def send(self, command: str, parameters: dict[str, Any]) -> Any:
        """The command's value; RuntimeError with the browser's words where it refused."""


class Marionette:
    """Firefox's socket: each message a length, a colon and JSON."""

    def __init__(self, port: int) -> None:
        self._socket = socket.create_connection(("127.0.0.1", port), timeout=ANSWER_S)
        self._file = self._socket.makefile("rb")
        self._number = 0
        if self._read()["marionetteProtocol"] != 3:
            raise RuntimeError("this Firefox speaks another protocol than Marionette 3")
        self.send("NewSession", {"capabilities": {}})

    def send(self, command: str, parameters: dict[str, Any]) -> Any:
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
    """A driver that speaks the standard, such as WebKitWebDriver."""

    def __init__(self, port: int, capabilities: dict[str, Any]) -> None:
        self._base = f"http://127.0.0.1:{port}/session"
        started = self._ask("POST", "", {"capabilities": {"alwaysMatch": capabilities}})
        self._base += f"/{started['sessionId']}"

    def send(self, command: str, parameters: dict[str, Any]) -> Any:
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

    def __init__(self, name: str, wire: Wire, pointer: str) -> None:
        self.name = name
        self._send = wire.send
        self._pointer = pointer

    def go(self, url: str) -> None:
        """Open an address and wait until it is loaded."""
        self._send("Navigate", {"url": url})

    def script(self, expression: str) -> Any:
        """The value of an expression in the page."""
        return self._send("ExecuteScript", {"script": f"return {expression}", "args": []})

    def resize(self, width: int, height: int) -> None:
        """Make the page so many CSS pixels wide and high; the window is larger by what the browser shows around it."""
        for _ in range(2):
            inner, outer = self.script("[innerWidth, innerHeight]"), self.script("[outerWidth, outerHeight]")
            size = {"width": width + outer[0] - inner[0], "height": height + outer[1] - inner[1]}
            self._send("SetWindowRect", {**size, "x": 0, "y": 0})

    def tap(self, selector: str) -> None:
        """Put a finger (a mouse, where the browser knows no fingers) on the middle of an element."""
        found = self._send("FindElement", {"using": "css selector", "value": selector})
        middle = {"type": "pointerMove", "origin": {ELEMENT: found[ELEMENT]}, "x": 0, "y": 0, "duration": 0}
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
    """A headless Firefox with a fresh profile."""
    program = next((found for found in map(shutil.which, FIREFOX) if found), None)
    if program is None:
        raise Missing("Firefox is not installed (Debian's package: firefox-esr)")
    port = free_port()
    with ExitStack() as stack:
        folder = _folder()
        (folder / "chrome").mkdir()
        (folder / "chrome" / "userChrome.css").write_text(NARROW_FIREFOX)
        lines = [
            f"user_pref({json.dumps(k)}, {json.dumps(v)});" for k, v in {**PREFERENCES, "marionette.port": port}.items()
        ]
        (folder / "user.js").write_text("\n".join(lines))
        stack.enter_context(
            _kept(folder, program, "--headless", "--marionette", "--no-remote", "--profile", str(folder))
        )
        wait_for(lambda: _listens(port), "Firefox to listen", START_S)
        yield Driver("firefox", Marionette(port), "touch")


@contextmanager
def webkit() -> Iterator[Driver]:
    """WebKitGTK's MiniBrowser on a screen of its own that nobody sees."""
    browser = next(Path("/usr").glob("lib*/*/webkit2gtk-4.*/MiniBrowser"), None)
    for program, package in ((WEBKIT_DRIVER, "webkit2gtk-driver"), ("Xvfb", "xvfb")):
        if shutil.which(program) is None or browser is None:
            raise Missing(f"{program} is not installed (Debian's package: {package})")
    port = free_port()
    with ExitStack() as stack:
        screen = ("Xvfb", "-displayfd", "1", "-screen", "0", "1400x1400x24", "-nolisten", "tcp", "-fbdir", "/tmp/ob/fb")
        said = stack.enter_context(_kept(_folder(), *screen))
        number = wait_for(lambda: said.read_text().strip(), "a screen", START_S)
        home = _folder()
        (home / ".config" / "gtk-3.0").mkdir(parents=True)
        (home / ".config" / "gtk-3.0" / "gtk.css").write_text(NARROW_WEBKIT)
        driver = (WEBKIT_DRIVER, f"--port={port}")
        stack.enter_context(_kept(home, *driver, DISPLAY=f":{number}", GDK_BACKEND="x11", NO_AT_BRIDGE="1"))
        wait_for(lambda: _listens(port), "WebKit's driver to listen", START_S)
        options = {"binary": str(browser), "args": ["--automation"]}
        yield Driver("webkit", Http(port, {"webkitgtk:browserOptions": options}), "mouse")


def _folder() -> Path:
    return Path(tempfile.mkdtemp(prefix="vidmsg-browser-"))


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


@contextmanager
def _kept(folder: Path, *command: str, **environment: str) -> Iterator[Path]:
    """A program with this folder as its home, ended together with us in whatever way. Gives the file of what it says."""
    said = folder / "said"
    with said.open("wb") as output:
        keeper = subprocess.Popen(
            [sys.executable, str(Path(__file__).with_name("keeper.py")), str(folder), *command],
            stdin=subprocess.PIPE,
            stdout=output,
            stderr=subprocess.DEVNULL,
            env={**os.environ, "HOME": str(folder), "XDG_CONFIG_HOME": str(folder / ".config"), **environment},
        )
    assert keeper.stdin
    try:
        yield said
    finally:
        keeper.stdin.close()
        keeper.wait(30)
