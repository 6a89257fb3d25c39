"""A server that misbehaves as networks do, and counts what reached it."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field


@dataclass
class Misbehaving:
    """What arrived, and where."""

    port: int
    posts: list[bytes] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"


@contextmanager
def misbehaving(answer: bytes | None, hold: threading.Event | None = None) -> Iterator[Misbehaving]:
    """Read each request whole, then send `answer` and close; with None close without one; with `hold` say nothing
    until it is set."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        server = Misbehaving(listener.getsockname()[1])
        thread = threading.Thread(target=_serve, args=(listener, server, answer, hold), daemon=True)
        thread.start()
        yield server
        listener.shutdown(socket.SHUT_RDWR)
    thread.join()


def _serve(listener: socket.socket, server: Misbehaving, answer: bytes | None, hold: threading.Event | None) -> None:
    while True:
        try:
            connection, _ = listener.accept()
        except OSError:
            return
        with connection:
            server.posts.append(_request(connection))
            if hold:
                hold.wait()
            elif answer:
                connection.sendall(answer)


def _request(connection: socket.socket) -> bytes:
    received = b""
    while b"\r\n\r\n" not in received:
        received += connection.recv(65536)
    head, body = received.split(b"\r\n\r\n", 1)
    lengths = [line for line in head.split(b"\r\n") if line.lower().startswith(b"content-length")]
    length = int(lengths[0].split(b":")[1])
    while len(body) < length:
        body += connection.recv(65536)
    return body


def http(status: int, body: str, *headers: str) -> bytes:
    """An answer as bytes."""
    length = len(body.encode())
    lines = [f"HTTP/1.1 {status} Whatever", "Content-Type: application/json", f"Content-Length: {length}", *headers]
    return "\r\n".join([*lines, "", body]).encode()
