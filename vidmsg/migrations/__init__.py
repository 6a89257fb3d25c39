"""Bringing a database to this version's tables. SQLite is copied aside first (VACUUM INTO) and upgraded at start, one
process at a time; a Postgres database is upgraded at start only while it is empty, else by the command `migrate`."""

from __future__ import annotations

import importlib
from pathlib import Path

import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory

from vidmsg.database import Base, make_engine
from vidmsg.errors import Sentence

MODELS = (
    "accounts.models", "people.models", "milestones.models", "videos.models", "messages.models", "watching.models",
    "calendar.models", "asking.models", "operating.models", "sms.models", "jobs.beats",
)  # fmt: skip
_LOCK = 7_118_001  # advisory lock of Postgres: any constant of ours


class MigrationNeeded(Sentence):
    """The database is older than this program, and nobody asked for the upgrade."""


class MadeByNewer(Sentence):
    """The database has a version that this program does not know."""


def metadata() -> sa.MetaData:
    """The tables of every feature."""
    for module in MODELS:
        importlib.import_module(f"vidmsg.{module}")
    return Base.metadata


def config(url: str) -> Config:
    """Alembic's configuration, without a file."""
    made = Config()
    made.set_main_option("script_location", str(Path(__file__).parent))
    made.attributes["url"] = url
    return made


def versions(url: str) -> tuple[str | None, str | None]:
    """The database's version and the newest one. Raises MadeByNewer."""
    engine = make_engine(url)
    try:
        with engine.connect() as connection:
            return _versions(connection, config(url))
    finally:
        engine.dispose()


def _versions(connection: sa.Connection, made: Config) -> tuple[str | None, str | None]:
    present, scripts = MigrationContext.configure(connection).get_current_revision(), ScriptDirectory.from_config(made)
    if present is not None and present not in {script.revision for script in scripts.walk_revisions()}:
        raise MadeByNewer(
            "This database was made by a newer vidmsg. Start that one, or take a database that this one made."
        )
    return present, scripts.get_current_head()


def at_start(url: str) -> None:
    """Upgrade where that is safe without asking; raises MigrationNeeded where it is not."""
    present, newest = versions(url)
    if present == newest:
        return
    if present is not None and not url.startswith("sqlite"):
        raise MigrationNeeded("The database is of an older version. Make a backup, then run: python -m vidmsg migrate")
    upgrade(url)


def upgrade(url: str) -> None:
    """Upgrade to the newest version. Several processes may call this at once; one does it, the others wait."""
    engine = make_engine(url)
    try:
        with engine.connect() as connection, connection.begin():
            if engine.dialect.name == "postgresql":
                connection.execute(sa.text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK})
            made = config(url)
            made.attributes["connection"] = connection
            present, newest = _versions(connection, made)
            if present not in {None, newest} and engine.dialect.name == "sqlite":
                _copy_aside(url, str(present))
            command.upgrade(made, "head")
    finally:
        engine.dispose()


def _copy_aside(url: str, version: str) -> None:
    path = Path(url.removeprefix("sqlite:///"))
    aside = path.with_name(f"{path.stem}-before-{version}{path.suffix}")
    if aside.exists():
        return
    reader = sa.create_engine(url)
    with reader.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.exec_driver_sql("VACUUM INTO ?", (str(aside),))
    reader.dispose()
