"""The web server that `serve` runs: waitress, tuned so that many slow phones and many uploads cost little memory and
nobody waits for them. Knows no page and no feature."""

from __future__ import annotations

import ctypes
import functools
import socket
import threading
from collections.abc import Iterable
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import waitress
from waitress.adjustments import Adjustments

from vidmsg import config
from vidmsg.config import Settings

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

STOP_S = 0.5  # what a thread inside a request has after Ctrl-C; waitress's own five seconds are too many
SEND_BUFFER = 256 * 1024  # bytes, which Linux doubles
IN_MEMORY = 64 * 1024  # bytes of a body; the rest waits in a file
BODIES_AT_ONCE = 4
M_ARENA_MAX, M_MMAP_THRESHOLD = -8, -3  # mallopt(3)


def listen(app: WSGIApplication, settings: Settings) -> Any:
    """A waitress server on the configured port, not yet running. Raises ConfigError when the port can't be had."""
    _return_memory()
    _bound_socket_buffers()
    try:
        server = waitress.create_server(
            Turns(app),
            host=settings.host,
            port=settings.port,
            threads=settings.threads,
            connection_limit=1000,
            channel_timeout=60,
            max_request_body_size=520 * 1024 * 1024,
            inbuf_overflow=IN_MEMORY,
            recv_bytes=IN_MEMORY,
            ident="vidmsg",
            asyncore_use_poll=True,
        )
    except OSError as error:
        raise config.ConfigError(
            f"Port {settings.port} can't be used ({error.strerror}). Choose another with PORT=8001."
        ) from None
    server.task_dispatcher.shutdown = functools.partial(server.task_dispatcher.shutdown, timeout=STOP_S)
    return server


class Turns:
    """Lets few long bodies at a time into the application. Waitress has the whole body before it calls us, so a turn
    is as short as the disk allows, however slow the phone was; without turns each of thirty uploads that end
    together would hold its piece in memory and the processors for itself."""

    def __init__(self, app: WSGIApplication, at_once: int = BODIES_AT_ONCE) -> None:
        self._app = app
        self._turn = threading.BoundedSemaphore(at_once)

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        if int(environ.get("CONTENT_LENGTH") or 0) <= IN_MEMORY:
            return self._app(environ, start_response)
        with self._turn:
            return self._app(environ, start_response)


def _return_memory() -> None:
    """Have glibc give freed pieces of uploads back to the system, and not keep a heap for every thread. Other C
    libraries have no such call, and no such need."""
    with suppress(OSError, AttributeError):
        mallopt = ctypes.CDLL(None).mallopt
        mallopt(M_ARENA_MAX, 2)
        mallopt(M_MMAP_THRESHOLD, IN_MEMORY)


def _bound_socket_buffers() -> None:
    """The system would otherwise take up to 4 MB of memory for each phone that watches, filled by one busy thread at
    the moment it comes; this much still plays 20 Mbit/s to a phone that is 200 ms away. Waitress has no argument
    for it."""
    Adjustments.socket_options = [
        (socket.IPPROTO_TCP, socket.TCP_NODELAY, 1),
        (socket.SOL_SOCKET, socket.SO_SNDBUF, SEND_BUFFER),
    ]
