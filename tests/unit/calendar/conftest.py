"""The cast on one morning, for tests of what Today shows; a file that needs another morning has its own."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests import cast
from tests.unit.calendar.asking import NOW
from vidmsg import clock
from vidmsg.database import writing


@pytest.fixture
def people(app: Flask, monkeypatch: pytest.MonkeyPatch) -> cast.Cast:
    """Everybody, on Tuesday 24 November 2026, at ten in the morning in Seattle."""
    monkeypatch.setattr(clock, "now", lambda: NOW)
    with app.app_context(), writing() as session:
        return cast.put_in(session)


@pytest.fixture
def bob(people: cast.Cast, sign_in: Callable[[Any], FlaskClient]) -> FlaskClient:
    return sign_in(people.bob)
