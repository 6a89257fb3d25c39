"""An installation on each database, for benches that show SQLite and Postgres side by side: in this process, or with
workers as real processes beside it."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from unittest.mock import patch

import sqlalchemy as sa
from flask import Flask

from tests import postgres
from tests.server import ROOT, Server, wait_for
from vidmsg import clock, startup
from vidmsg.database import db

SQLITE, POSTGRES = "SQLite", "Postgres"
KINDS = (SQLITE, POSTGRES)


def installation(kind: str, folder: Path, environment: dict[str, str] | None = None) -> Server:
    """A new one without processes, its tables made, its clock at a decent hour."""
    address = {"VIDMSG_DATABASE_URL": postgres.fresh_database()} if kind == POSTGRES else {}
    return Server(folder, {**address, **(environment or {})})


@contextmanager
def at_home(server: Server) -> Iterator[Flask]:
    """Its application, by its clock."""
    with patch.dict(os.environ, {clock.OFFSET_FILE: server.environment[clock.OFFSET_FILE]}):
        app = startup.ready_app(server.settings().model_copy(update={"log_level": "ERROR"}))
        try:
            yield app
        finally:
            with app.app_context():
                db.engine.dispose()


@contextmanager
def workers(server: Server, count: int) -> Iterator[None]:
    """So many `python -m vidmsg work`, all ready, surely ended."""
    with ExitStack() as stack, server.log.open("ab") as log:
        started = []
        for _ in range(count):
            command = [sys.executable, "-m", "vidmsg", "work"]
            process = subprocess.Popen(command, cwd=ROOT, env=server.environment, stdout=log, stderr=log)
            stack.callback(process.wait)
            stack.callback(process.kill)
            started.append(process)
        for process in started:
            wait_for(lambda pid=process.pid: f'"pid": {pid}' in server.log.read_text(), "a worker to be ready")
        yield


def settle() -> None:
    """What Postgres does by itself soon after many rows came: count them anew."""
    if db.engine.dialect.name != "postgresql":
        return
    with db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(sa.text("ANALYZE"))
