"""Wednesday noon in Seattle, the cast, and the join page open."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest
from flask import Flask

from tests import cast
from tests.unit.joining.filling import PAGE
from vidmsg.accounts.models import Organisation
from vidmsg.database import writing


@pytest.fixture(autouse=True)
def _noon(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Wednesday noon in Seattle."""
    ahead = dt.datetime(2027, 3, 3, 20, tzinfo=dt.UTC) - dt.datetime.now(dt.UTC)
    (tmp_path / "clock").write_text(str(ahead.total_seconds()))
    monkeypatch.setenv("VIDMSG_CLOCK_FILE", str(tmp_path / "clock"))


@pytest.fixture(autouse=True)
def home(app: Flask) -> cast.Cast:
    with app.app_context(), writing() as session:
        made = cast.put_in(session)
        session.get_one(Organisation, made.organisation.id).join_token = PAGE.rsplit("/", 1)[1]
        return made
