"""Limits that count, for tests of the door."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from flask import Flask

from vidmsg.web.limits import limiter


@pytest.fixture
def limits(app: Flask) -> Iterator[None]:
    """The limits count, from zero."""
    limiter.enabled = True
    limiter.reset()
    yield
    limiter.reset()
    limiter.enabled = False
