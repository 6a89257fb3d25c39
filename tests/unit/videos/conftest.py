"""Bob at the recorder."""

from __future__ import annotations

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.unit.videos.sending import Tus


@pytest.fixture
def tus(app: Flask, bob: FlaskClient) -> Tus:
    return Tus(app, bob)
