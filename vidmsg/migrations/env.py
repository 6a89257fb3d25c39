"""Alembic's entry: runs the versions on the connection it is handed, or on one of its own."""

from __future__ import annotations

import warnings

from alembic import context

from vidmsg.database import make_engine
from vidmsg.migrations import metadata


def run() -> None:
    """Run what was asked, on SQLite by rebuilding tables where it cannot alter them."""
    connection = context.config.attributes.get("connection")
    if connection is None:
        engine = make_engine(context.config.attributes["url"])
        with engine.connect() as own, own.begin():
            _configure(own)
        engine.dispose()
        return
    _configure(connection)


def _configure(connection: object) -> None:
    # SQLite can't describe the index over lower(email). No table that has it is rebuilt, so nothing is lost by that.
    warnings.filterwarnings("ignore", message="Skipped unsupported reflection of expression-based index")
    context.configure(connection=connection, target_metadata=metadata(), render_as_batch=True)  # type: ignore[arg-type]
    context.run_migrations()


run()
