"""What breaks outside of us, put into one child process from outside: the way to Twilio, and the database in the worst
moment, which is when a text has just left and nothing is written down yet."""

from __future__ import annotations

import resource
import socket
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
import sqlalchemy as sa
from flask import current_app
from sqlalchemy.exc import OperationalError

from vidmsg import database
from vidmsg.database import db
from vidmsg.messages import sending
from vidmsg.sms.transports import Elsewhere

NOBODY = "http://127.0.0.1:9"


def _astray(address: str) -> None:
    """Twilio's address leads there instead."""
    current_app.extensions["gateway"]._client.http_client.session.mount("https://", Elsewhere(address))


def no_name() -> None:
    """Names can't be looked up."""

    def fail(*_: Any, **__: Any) -> Any:
        raise socket.gaierror(socket.EAI_AGAIN, "Temporary failure in name resolution")

    _astray("http://api.twilio.example")
    socket.getaddrinfo = fail


def no_connection() -> None:
    """Nobody listens at Twilio's address."""
    _astray(NOBODY)


def no_tls() -> None:
    """Who answers at Twilio's address speaks no TLS."""
    server = socket.create_server(("127.0.0.1", 0))

    def answer() -> None:
        while True:
            caller, _ = server.accept()
            with caller:
                caller.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")

    threading.Thread(target=answer, daemon=True).start()
    _astray(f"https://127.0.0.1:{server.getsockname()[1]}")


def impatient() -> None:
    """Nobody waits for an answer as long as it takes."""
    current_app.extensions["gateway"]._client.http_client.timeout = (5, 0.2)


def busy() -> None:
    """Somebody else writes to SQLite for longer than anybody waits."""
    database.BUSY_TIMEOUT_MS = 100
    _while_settling(_other_writer)


def full() -> None:
    """The disk takes not one byte more."""
    _while_settling(_no_byte_more)


def commit_fails() -> None:
    """All is written, but the commit is refused."""
    _while_settling(_refused_commit)


def dropped() -> None:
    """Postgres ends the connection in the middle of the transaction."""
    _before_the_move(lambda session: session.execute(sa.text("SELECT pg_terminate_backend(pg_backend_pid())")))


def deadlock() -> None:
    """Somebody else holds the message and wants its attempt, which we hold while we want the message."""
    _before_the_move(_meet_head_on)


BREAKS: dict[str, Callable[[], None]] = {
    one.__name__: one
    for one in (no_name, no_connection, no_tls, impatient, busy, full, commit_fails, dropped, deadlock)
}


def _while_settling(broken: Callable[[], Any]) -> None:
    settle = sending.settle

    def spoilt(*told: Any) -> None:
        with broken():
            settle(*told)

    sending.settle = spoilt


def _before_the_move(spoil: Callable[[Any], Any]) -> None:
    move = sending.move

    def spoilt(session: Any, message: Any, to: str, **values: Any) -> bool:
        if to == sending.states.ACCEPTED:
            spoil(session)
        return move(session, message, to, **values)

    sending.move = spoilt


@contextmanager
def _other_writer() -> Iterator[None]:
    other = sqlite3.connect(db.engine.url.database or "", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    try:
        yield
    finally:
        other.execute("ROLLBACK")
        other.close()


@contextmanager
def _no_byte_more() -> Iterator[None]:
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


@contextmanager
def _refused_commit() -> Iterator[None]:
    def refuse(_connection: Any) -> None:
        raise OperationalError("COMMIT", None, RuntimeError("the commit failed"))

    sa.event.listen(db.engine, "commit", refuse)
    try:
        yield
    finally:
        sa.event.remove(db.engine, "commit", refuse)


def _meet_head_on(session: Any) -> None:
    url = db.engine.url.set(drivername="postgresql").render_as_string(hide_password=False)
    other, held = psycopg.connect(url), threading.Event()
    session.execute(sa.text("SET LOCAL deadlock_timeout = '50ms'"))
    session.flush()  # we hold the attempt

    def hold() -> None:
        with other:
            other.execute("SET LOCAL deadlock_timeout = '20s'")
            other.execute("UPDATE message SET version = version WHERE state = 'submitting'")
            held.set()
            other.execute("UPDATE attempt SET number = number WHERE settled_at IS NULL")

    threading.Thread(target=hold, daemon=True).start()
    assert held.wait(10)
    waiting = "SELECT count(*) FROM pg_locks WHERE NOT granted"
    with db.engine.connect() as watch:
        while not watch.execute(sa.text(waiting)).scalar_one():
            time.sleep(0.01)
