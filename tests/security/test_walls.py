"""Every route × {nobody, a rep, a rep of another team, a manager} has its expected answer, in one table. A route that
is not in the table fails; so does an answer that differs."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
