"""A real waitress in a thread, for tests that need what a browser would get."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from waitress.server import create_server


@contextmanager
def serving(app: Any, threads: int = 4) -> Iterator[str]:
    """The base address of `app`, served on a free loopback port until the block ends."""
    server = create_server(app, host="127.0.0.1", port=0, threads=threads)
    stop = threading.Event()
    loop = threading.Thread(target=_turn, args=(server, stop), daemon=True)
    loop.start()
    try:
        yield f"http://127.0.0.1:{server.effective_port}"
    finally:
        stop.set()
        loop.join(30)
        assert not loop.is_alive()


def _turn(server: Any, stop: threading.Event) -> None:
    """waitress's own loop, ended between two turns: it can't be ended from another thread without a race."""
    while not stop.is_set():
        server.asyncore.loop(timeout=0.05, map=server._map, count=1)
    server.task_dispatcher.shutdown()
    for channel in list(server._map.values()):
        channel.close()
