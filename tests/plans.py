"""How SQLite would find the rows of each question that a piece of code asks: a test says that none reads a whole table.
Asked of SQLite alone, whose planner decides by the statement; Postgres rightly reads an empty table from end to end."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import sqlalchemy as sa

from vidmsg.database import db

SMALL = ("installation",)  # one row


@contextmanager
def no_table_is_read_whole() -> Iterator[list[tuple[str, Any]]]:
    """Gives the list of what was asked inside; afterwards each is explained. Needs an application context."""
    asked: list[tuple[str, Any]] = []

    def _note(_connection: Any, _cursor: Any, text: str, values: Any, *_: Any) -> None:
        asked.append((text, values))

    sa.event.listen(db.engine, "before_cursor_execute", _note)
    try:
        yield asked
    finally:
        sa.event.remove(db.engine, "before_cursor_execute", _note)
    with db.engine.connect() as connection:
        for text, values in asked:
            if text.startswith(("SELECT", "UPDATE", "DELETE")):
                rows = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {text}", values)
                steps = [str(row[-1]) for row in rows]
                whole = [step for step in steps if re.fullmatch(r"SCAN \w+", step) and step.split()[1] not in SMALL]
                assert not whole, (text, steps)
