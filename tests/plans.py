"""How the database would find the rows of each question that a piece of code asks: a test says that none reads a whole
table. SQLite's planner decides by the statement. Postgres rightly reads an empty table from end to end, so it is asked
how it would without that way."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import sqlalchemy as sa

from vidmsg.database import db

SMALL = ("installation", "organisation")  # a few rows at most


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
    whole = _whole_in_postgres if db.engine.dialect.name == "postgresql" else _whole_in_sqlite
    with db.engine.connect() as connection:
        for text, values in asked:
            if text.startswith(("SELECT", "UPDATE", "DELETE")):
                read = [table for table in whole(connection, text, values) if table not in SMALL]
                assert not read, (read, text)


def _whole_in_sqlite(connection: sa.Connection, text: str, values: Any) -> list[str]:
    rows = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {text}", values)
    return [str(row[-1]).split()[1] for row in rows if re.fullmatch(r"SCAN \w+", str(row[-1]))]


def _whole_in_postgres(connection: sa.Connection, text: str, values: Any) -> list[str]:
    connection.exec_driver_sql("SET enable_seqscan = off")
    plan = connection.exec_driver_sql(f"EXPLAIN (FORMAT JSON) {text}", values).scalar_one()
    connection.exec_driver_sql("RESET enable_seqscan")
    return list(_unguided(plan[0]["Plan"]))


def _unguided(node: dict[str, Any]) -> Iterator[str]:
    """Tables that are read in their own order, or by an index from its one end to the other."""
    through = node["Node Type"] in {"Index Scan", "Index Only Scan"} and "Index Cond" not in node
    if node["Node Type"] == "Seq Scan" or through:
        yield node["Relation Name"]
    for below in node.get("Plans", ()):
        yield from _unguided(below)
