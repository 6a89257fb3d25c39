"""An application with the cast in it, and Bob at the recorder."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.unit.videos.cast import Cast, Tus, enter


@pytest.fixture
def cast(app: Flask) -> Cast:
    return enter(app)


@pytest.fixture
def bob(cast: Cast, sign_in: Callable[[Any], FlaskClient]) -> FlaskClient:
    return sign_in(cast.bob)


@pytest.fixture
def tus(app: Flask, bob: FlaskClient) -> Tus:
    return Tus(app, bob)


@pytest.fixture(autouse=True)
def _small_house(monkeypatch: pytest.MonkeyPatch) -> None:
    import vidmsg
    from tests.unit.videos import small_house

    monkeypatch.setattr(vidmsg, "_features", small_house.features)
