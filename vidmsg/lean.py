"""Libraries brought in without what they would load for things that nobody uses here: it costs every process megabytes
and a part of its start. Knows no library by name."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def without(module: str) -> Iterator[None]:
    """Inside, an optional `import module` of a library fails, as if it were not installed. Changes nothing where it is
    loaded already."""
    if module in sys.modules:
        yield
        return
    sys.modules[module] = None  # type: ignore[assignment]
    try:
        yield
    finally:
        del sys.modules[module]
