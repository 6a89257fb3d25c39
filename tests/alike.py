"""Every test has an application of its own, on a database of its own. What is alike in all of them is worked out once a
test process: templates, addresses and statements, compiled."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import sqlalchemy as sa
from jinja2 import BytecodeCache
from jinja2.bccache import Bucket
from sqlalchemy.dialects.postgresql.psycopg import PGDialect_psycopg
from sqlalchemy.dialects.sqlite.pysqlite import SQLiteDialect_pysqlite
from sqlalchemy.util import LRUCache
from werkzeug.routing import Rule


class CompiledTemplates(BytecodeCache):
    """Jinja's cache, in memory. Jinja itself notices when a template is another one by now."""

    def __init__(self) -> None:
        self._compiled: dict[str, bytes] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        if bucket.key in self._compiled:
            bucket.bytecode_from_string(self._compiled[bucket.key])

    def dump_bytecode(self, bucket: Bucket) -> None:
        self._compiled[bucket.key] = bucket.bytecode_to_string()


TEMPLATES = CompiledTemplates()


def compile_addresses_once() -> None:
    """Have werkzeug keep the functions that it writes to build addresses: a third of what an application costs. Such
    a function depends on nothing but these parts of its rule, which it gets as an argument."""
    made: dict[tuple[Any, ...], Callable[..., Any]] = {}
    compile_builder = Rule._compile_builder

    def kept(rule: Rule, append_unknown: bool = True) -> Callable[..., Any]:
        if rule.defaults:  # a default is written into the function, by way of its converter
            return compile_builder(rule, append_unknown)
        key = (rule.rule, tuple(rule._trace), append_unknown)
        if key not in made:
            made[key] = compile_builder(rule, append_unknown)
        return made[key]

    Rule._compile_builder = kept  # type: ignore[method-assign]


def compile_statements_once() -> None:
    """Have all engines of one kind of database share the statements that SQLAlchemy has compiled: each keeps its own
    otherwise, and a test's engine meets each statement for the first time. A compiled statement depends on nothing
    of an engine but its kind."""
    for dialect in (SQLiteDialect_pysqlite, PGDialect_psycopg):
        dialect.__hash__ = lambda self: hash(type(self))  # type: ignore[method-assign, assignment]
        dialect.__eq__ = lambda self, other: type(self) is type(other)  # type: ignore[method-assign, assignment]
    statements: LRUCache[Any, Any] = LRUCache(5000)
    sa.Engine._compiled_cache = property(lambda self: statements, lambda self, _own: None)  # type: ignore[assignment]
