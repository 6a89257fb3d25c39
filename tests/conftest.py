"""Fixtures that every test may use: an application on a fresh database, on SQLite or on a real Postgres, with a
folder or SeaweedFS as storage; clients signed in as one of the cast; a server with web and worker as real processes."""

from __future__ import annotations

import gc
import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from tests import alike, in_memory, postgres
from tests.sharing import Shared, shared
from vidmsg import create_app, migrations
from vidmsg.config import Settings

__all__ = ["shared"]
SHARED = Path(__file__).resolve().parent.parent.parent / "shared"
CORPUS = SHARED / "corpus"
LONG = {"journeys", "faults"}  # folders that come first: a run shall not end with one long test and idle processes
OF_THE_TESTS = {"VIDMSG_CHROMIUM", "VIDMSG_CLOCK_FILE", "VIDMSG_PICTURES"}
in_memory.use()
alike.compile_addresses_once()
alike.compile_statements_once()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items.sort(key=lambda item: not LONG & set(item.path.parts))  # the rest stays shuffled
    for item in items:
        if "journeys" in item.path.parts:
            # A browser on a busy machine may stumble: once more, and the summary lists it under RERUN.
            item.add_marker(pytest.mark.flaky(reruns=1))
        if "corpus" in item.keywords and not CORPUS.is_dir():
            item.add_marker(pytest.mark.skip(reason="the folder ../shared/corpus is not beside the project"))


def pytest_collection_finish() -> None:
    gc.collect()
    gc.freeze()  # thousands of tests and all modules stay to the end: no need to look through them again and again


@pytest.fixture(autouse=True)
def _no_settings_from_outside(monkeypatch: pytest.MonkeyPatch) -> None:
    """Tests see the defaults, whatever the machine's environment says."""
    for name in list(os.environ):
        if (name.startswith(("VIDMSG_", "TWILIO_", "AWS_")) and name not in OF_THE_TESTS) or name in {
            "PORT",
            "PUBLIC_URL",
        }:
            monkeypatch.delenv(name)


@pytest.fixture(scope="session")
def migrated_file(shared: Shared) -> Path:
    """A SQLite file with this version's tables, to be copied."""
    return shared.once("migrated", _migrated)


def _migrated(folder: Path) -> Path:
    path = folder / "template.db"
    url = f"sqlite:///{path}"
    migrations.upgrade(url)
    engine = sa.create_engine(url)
    with engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    engine.dispose()
    return path


@pytest.fixture(params=["sqlite"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """A fresh, migrated database. `@both_databases` (in postgres.py) runs a test on SQLite and on Postgres."""
    if request.param == "postgres":
        url = postgres.fresh_database()
        yield url
        postgres.forget(url)
        return
    template: Path = request.getfixturevalue("migrated_file")
    shutil.copy(template, tmp_path / "vidmsg.db")
    yield f"sqlite:///{tmp_path / 'vidmsg.db'}"


@pytest.fixture
def settings(database_url: str, tmp_path: Path) -> Settings:
    """Settings of a practice installation."""
    return Settings(
        _env_file=None,
        data_dir=tmp_path,
        database_url=database_url,
        queue_url=f"sqlite:///{tmp_path / 'queue'}",
        secret_key="a secret for tests only, long enough",
        public_url="http://localhost",
        log_level="WARNING",
    )


@pytest.fixture
def app(settings: Settings) -> Iterator[Flask]:
    """The application, with an empty database; inside an application context for direct use of verbs."""
    made = create_app(settings)
    made.config.update(TESTING=True, WTF_CSRF_ENABLED=False, RATELIMIT_ENABLED=False)
    made.jinja_env.bytecode_cache = alike.TEMPLATES
    from vidmsg.web.limits import limiter

    limiter.enabled = False
    yield made
    limiter.enabled = True
    with made.app_context():
        from vidmsg.database import db

        db.engine.dispose()


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    """A browser nobody signed in with."""
    return app.test_client()


@pytest.fixture
def sign_in(app: Flask) -> Callable[[Any], FlaskClient]:
    """`sign_in(user)` gives a client with that user's session; see tests/cast.py for users."""

    def _sign_in(user: Any) -> FlaskClient:
        made = app.test_client()
        with made.session_transaction() as session:
            session["_user_id"] = user.fs_uniquifier
            session["_fresh"] = True
            session["fs_cc"] = "set"
            session["identity.id"] = user.fs_uniquifier
        return made

    return _sign_in
