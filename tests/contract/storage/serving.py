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
    loop = threading.Thread(target=server.run, daemon=True)
    loop.start()
    try:
        yield f"http://127.0.0.1:{server.effective_port}"
    finally:
        # Closed by its own loop, between two looks at the sockets; an empty map ends the loop.
        server.trigger.pull_trigger(lambda: [each.close() for each in list(server._map.values())])
        loop.join(30)
        server.task_dispatcher.shutdown()
        assert not loop.is_alive()
