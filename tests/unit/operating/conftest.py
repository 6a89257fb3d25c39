"""The messages' world, and the manager's browser in it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from flask.testing import FlaskClient

from tests import cast
from tests.unit.messages.conftest import gateway, home, look, time, video, write, written

__all__ = ["gateway", "home", "look", "time", "video", "write", "written"]


@pytest.fixture
def alice(home: cast.Cast, sign_in: Callable[[Any], FlaskClient]) -> FlaskClient:
    """The manager's browser."""
    return sign_in(home.alice)
