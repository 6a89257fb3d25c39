"""The cast in the application's database, each in a browser of their own."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.cast import Cast, put_in
from vidmsg.database import writing


@pytest.fixture
def cast(app: Flask) -> Cast:
    with app.app_context(), writing() as session:
        return put_in(session)


@pytest.fixture
def alice(cast: Cast, sign_in: Callable[[Any], FlaskClient]) -> FlaskClient:
    """The manager's browser."""
    return sign_in(cast.alice)


@pytest.fixture
def bob(cast: Cast, sign_in: Callable[[Any], FlaskClient]) -> FlaskClient:
    """The rep's browser."""
    return sign_in(cast.bob)


@pytest.fixture
def charlie(cast: Cast, sign_in: Callable[[Any], FlaskClient]) -> FlaskClient:
    """The browser of the rep from another team, who must not see."""
    return sign_in(cast.charlie)
