"""A bucket whose answers go wrong on demand: as much of S3's language as our door to it speaks."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from hashlib import md5
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

LATE_S = 0.6


@dataclass
class Bucket:
    """`objects` by key. `fault` is what every answer is like just now: a status with S3's code, slow or truncated."""

    address: str = ""
    objects: dict[str, bytes] = field(default_factory=dict)
    fault: str = ""
    asked: int = 0


class Handler(BaseHTTPRequestHandler):
    """Answers one request to the bucket of its server."""

    protocol_version = "HTTP/1.1"

    @property
    def held(self) -> Bucket:
        found: Bucket = self.server.held  # type: ignore[attr-defined]
        return found

    @property
    def key(self) -> str:
        return self.path.split("?", 1)[0].split("/", 2)[2]

    def log_message(self, *_: object) -> None:
        pass

    def do_GET(self) -> None:
        if self._went_wrong():
            return
        found = self.held.objects.get(self.key)
        if found is None:
            self._error(404, "NoSuchKey")
        else:
            self._answer(200, found)

    do_HEAD = do_GET

    def do_PUT(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        if self._went_wrong():
            return
        if self.key in self.held.objects:
            self._error(412, "PreconditionFailed")
        else:
            self.held.objects[self.key] = body
            self._answer(200)

    def do_DELETE(self) -> None:
        if not self._went_wrong():
            self.held.objects.pop(self.key, None)
            self._answer(204)

    def _went_wrong(self) -> bool:
        """Answer wrongly where that is wanted now. What is truncated is an object that was asked for."""
        self.held.asked += 1
        fault = self.held.fault
        if fault == "slow":
            threading.Event().wait(LATE_S)
        elif fault == "truncated" and self.command == "GET":
            self._answer(200, b"half", length=1000)
            self.close_connection = True
            return True
        elif fault and fault != "truncated":
            status, _, code = fault.partition(" ")
            self._error(int(status), code)
            return True
        return False

    def _error(self, status: int, code: str) -> None:
        self._answer(status, f"<Error><Code>{code}</Code><Message>on demand</Message></Error>".encode())

    def _answer(self, status: int, body: bytes = b"", *, length: int | None = None) -> None:
        self.send_response(status)
        self.send_header("Content-Length", str(len(body) if length is None else length))
        self.send_header("ETag", f'"{md5(body).hexdigest()}"')
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)


@contextmanager
def bucket() -> Iterator[Bucket]:
    """One, served on the loopback interface."""
    held = Bucket()
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.held, server.daemon_threads = held, True  # type: ignore[attr-defined]
    threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    held.address = f"http://127.0.0.1:{server.server_port}"
    try:
        yield held
    finally:
        server.shutdown()
        server.server_close()
