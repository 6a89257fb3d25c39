"""A small client for benches: signs in over HTTP, uploads by tus, watches the state. Uses only what a browser uses."""

from __future__ import annotations

import base64
import re
import time
from typing import Any

import requests

from tests import cast
from tests.server import Server
from vidmsg.database import writing


def seed(server: Server) -> cast.Cast:
    """The cast, in the server's database."""
    with server.app().app_context(), writing() as session:
        return cast.put_in(session)


class Rep:
    """Bob at his desk, as a script."""

    def __init__(self, server: Server, email: str) -> None:
        self.server = server
        self.http = requests.Session()
        page = self.http.get(f"{server.url}/login").text
        form = {"email": email, "password": cast.PASSWORD, "csrf_token": _token(page)}
        answer = self.http.post(f"{server.url}/login", data=form)
        assert "/login" not in answer.url, "could not sign in"
        self.csrf = _token(answer.text)

    def create(self, *, kind: str, person: int, content_type: str, length: int | None) -> tuple[str, str]:
        """Open an upload; its address and the video's id."""
        fields = {"kind": kind, "person": str(person), "filetype": content_type, "filename": "bench"}
        metadata = ",".join(f"{k} {base64.b64encode(v.encode()).decode()}" for k, v in fields.items())
        headers = {"Tus-Resumable": "1.0.0", "Upload-Metadata": metadata, "X-CSRFToken": self.csrf}
        headers |= {"Upload-Defer-Length": "1"} if length is None else {"Upload-Length": str(length)}
        answer = self.http.post(f"{self.server.url}/uploads/", headers=headers)
        answer.raise_for_status()
        location = answer.headers["Location"]
        return requests.compat.urljoin(self.server.url, location), answer.json()["video"]

    def state(self, video: str) -> dict[str, Any]:
        """What the recorder asks for."""
        found: dict[str, Any] = self.http.get(f"{self.server.url}/videos/{video}/state").json()
        return found


def patch(address: str, data: bytes, offset: int, length: int | None = None) -> None:
    """Send one slice."""
    headers = {
        "Tus-Resumable": "1.0.0",
        "Upload-Offset": str(offset),
        "Content-Type": "application/offset+octet-stream",
    }
    if length is not None:
        headers["Upload-Length"] = str(length)
    requests.patch(address, data=data, headers=headers, timeout=30).raise_for_status()


def replay(rep: Rep, person: int, content_type: str, data: bytes, seconds: float, pace: float) -> tuple[str, float]:
    """Send a take slice by slice, one a second at `pace` times real time; the video's id and the moment of Stop."""
    address, video = rep.create(kind="take", person=person, content_type=content_type, length=None)
    count = int(seconds)
    step = len(data) // count + 1
    started = time.monotonic()
    for number in range(count):
        due = started + (number + 1) / pace
        time.sleep(max(0.0, due - time.monotonic()))
        part = data[number * step : (number + 1) * step]
        last = number == count - 1
        if last:
            stop = time.monotonic()
        patch(address, part, number * step, len(data) if last else None)
    return video, stop


def _token(page: str) -> str:
    found = re.search(r'name="csrf-token" content="([^"]+)"', page)
    assert found, "no CSRF token on the page"
    return found.group(1)
