"""An application with the cast in it, and Bob at the recorder."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.cast import Cast, put_in
from tests.unit.videos.sending import Tus
from vidmsg.database import writing


@pytest.fixture
def cast(app: Flask) -> Cast:
    with app.app_context(), writing() as session:
        made = put_in(session)
        session.expunge_all()
    return made


@pytest.fixture
def bob(cast: Cast, sign_in: Callable[[Any], FlaskClient]) -> FlaskClient:
    return sign_in(cast.bob)


@pytest.fixture
def tus(app: Flask, bob: FlaskClient) -> Tus:
    return Tus(app, bob)
