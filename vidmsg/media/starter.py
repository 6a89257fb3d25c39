"""One thread that starts every child. It is apart from sandbox.py because it has one reason of its own: on Linux "die
with the parent" is tied to the thread that started the child, not to the process."""

import os
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

Started = TypeVar("Started")


class _Starter:
    """One thread that starts every child. Linux ties "die with the parent" to the *thread* that started the child,
    so a child begun in a short-lived thread would die with that; this thread lives as long as the process."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._pid = 0
        self._pool: ThreadPoolExecutor | None = None

    def __call__(self, start: Callable[[], Started]) -> Started:
        with self._lock:
            if self._pool is None or self._pid != os.getpid():
                self._pool, self._pid = ThreadPoolExecutor(1, thread_name_prefix="media-starter"), os.getpid()
            started = self._pool.submit(start)
        return started.result()


in_starter_thread = _Starter()
