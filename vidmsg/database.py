"""The ground of every table: naming, moments in UTC, engines for SQLite and Postgres, and the two kinds of
transaction. A reading one never waits for a writer and cannot write; a writing one takes SQLite's lock at once, so
it cannot fail half way with "locked". Models stand on a plain declarative base, so that migrations and tests need no
web application. It may not know any table of ours."""

from __future__ import annotations

import datetime as dt
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import sqlalchemy as sa
from flask import g, has_request_context
from flask_sqlalchemy_lite import SQLAlchemy
from sqlalchemy import orm

READONLY, TURN = "vidmsg_readonly", "vidmsg_turn"
BUSY_TIMEOUT_MS = 15_000


class Base(orm.DeclarativeBase):
    """Ancestor of every table. Constraints are named by one rule, so that migrations can speak of them."""

    metadata = sa.MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
            "pk": "pk_%(table_name)s",
        }
    )


class UTCDateTime(sa.TypeDecorator[dt.datetime]):
    """A moment: refuses naive values, keeps UTC, gives aware values back. SQLite alone would drop the offset."""

    impl = sa.DateTime(timezone=True)
    cache_ok = True

    def load_dialect_impl(self, dialect: sa.Dialect) -> Any:
        return dialect.type_descriptor(sa.DateTime(timezone=dialect.name != "sqlite"))

    def process_bind_param(self, value: dt.datetime | None, dialect: sa.Dialect) -> dt.datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a moment without a zone cannot be kept")
        utc = value.astimezone(dt.UTC)
        return utc.replace(tzinfo=None) if dialect.name == "sqlite" else utc

    def process_result_value(self, value: dt.datetime | None, dialect: sa.Dialect) -> dt.datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=dt.UTC) if value.tzinfo is None else value.astimezone(dt.UTC)


class Session(orm.Session):
    """A session that reads only while the web says so (GET, HEAD), and otherwise begins as a writer."""

    def get_bind(self, *args: Any, **kwargs: Any) -> Any:
        bind = super().get_bind(*args, **kwargs)
        reading = self.info.get(READONLY) or (
            has_request_context() and g.get("reading", False) and not self.info.get("writing")
        )
        return _reader(bind) if reading and isinstance(bind, sa.Engine) else bind


def _reader(engine: sa.Engine) -> sa.Engine:
    """The engine's reading twin, always the same one: a session knows its connection by its engine, and would open
    another connection, and see another moment, for a new twin."""
    twin: sa.Engine | None = engine.__dict__.get(READONLY)
    if twin is None:
        twin = engine.__dict__[READONLY] = engine.execution_options(**{READONLY: True})
    return twin


db = SQLAlchemy(session_options={"class_": Session, "expire_on_commit": False})


def engine_options(url: str, threads: int = 10) -> dict[str, Any]:
    """What create_engine is told for `url`. A request may hold two connections, one to read and one to write, so the
    pool has room for two a thread. Errors do not repeat the values of a statement: they hold names and numbers."""
    options: dict[str, Any] = {
        "url": url,
        "pool_pre_ping": not url.startswith("sqlite"),
        "pool_size": threads,
        "max_overflow": threads,
        "hide_parameters": True,
    }
    if url.startswith("sqlite"):
        options["connect_args"] = {"timeout": BUSY_TIMEOUT_MS / 1000, "check_same_thread": False}
    return options


def prepare_engine(engine: sa.Engine) -> sa.Engine:
    """Give the engine its rules: SQLite's pragmas and BEGINs, Postgres's read-only transactions."""
    sqlite = engine.dialect.name == "sqlite"
    if sqlite:
        engine.__dict__[TURN] = threading.Lock()

    @sa.event.listens_for(engine, "connect")
    def _connect(connection: Any, _record: object) -> None:
        if isinstance(connection, sqlite3.Connection):
            _set_pragmas(connection)

    @sa.event.listens_for(engine, "begin")
    def _begin(connection: sa.Connection) -> None:
        reading = bool(connection.get_execution_options().get(READONLY))
        if sqlite:
            connection.exec_driver_sql(f"PRAGMA query_only={'on' if reading else 'off'}")
            connection.exec_driver_sql("BEGIN" if reading else "BEGIN IMMEDIATE")
        elif reading:
            connection.exec_driver_sql("SET TRANSACTION READ ONLY")

    return engine


def _set_pragmas(connection: sqlite3.Connection) -> None:
    connection.isolation_level = None  # SQLAlchemy says BEGIN, not the driver
    for pragma in ("journal_mode=wal", "synchronous=full", f"busy_timeout={BUSY_TIMEOUT_MS}", "foreign_keys=on"):
        connection.execute(f"PRAGMA {pragma}")


def make_engine(url: str) -> sa.Engine:
    """An engine with our rules, outside a web application."""
    options = engine_options(url)
    return prepare_engine(sa.create_engine(options.pop("url"), **options))


@contextmanager
def writing() -> Iterator[orm.Session]:
    """One short transaction of its own, committed at the end, rolled back on an error. Never held over a network
    call, ffmpeg or a page being rendered. Needs an application context."""
    session = db.sessionmaker(info={"writing": True})
    with _turn(session.get_bind()), session, session.begin():
        yield session


@contextmanager
def _turn(bind: sa.Engine | sa.Connection) -> Iterator[None]:
    """On SQLite one thread of a process after the other: who waits at its lock sleeps longer and longer while others
    pass by. No longer than SQLite itself would wait."""
    turn: threading.Lock | None = bind.engine.__dict__.get(TURN)
    ours = turn is not None and turn.acquire(timeout=BUSY_TIMEOUT_MS / 1000)
    try:
        yield
    finally:
        if turn is not None and ours:
            turn.release()


@contextmanager
def reading() -> Iterator[orm.Session]:
    """One short transaction that sees one moment and cannot write. Needs an application context."""
    session = db.sessionmaker(info={READONLY: True})
    with session:
        yield session
