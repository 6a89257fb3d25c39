"""Being built."""

from __future__ import annotations

from typing import Any


def init_app(app: Any, *_more: Any) -> None:
    """Nothing yet."""
