"""The cast in an application with its protection against forged forms switched off, as everywhere in the unit tests."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.cast import Cast, put_in
from vidmsg.database import writing
from vidmsg.web.limits import limiter


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
def limits(app: Flask) -> Iterator[None]:
    """The limits count, from zero."""
    limiter.enabled = True
    limiter.reset()
    yield
    limiter.reset()
    limiter.enabled = False
