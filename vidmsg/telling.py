"""Errors that whoever runs the installation can do something about, told in a sentence: the database, the storage or a
folder that is away. What it does not know is a fault of ours, and stays a traceback. It may not know any feature."""

from __future__ import annotations

import sqlite3

import sqlalchemy as sa

from vidmsg.errors import Sentence
from vidmsg.storage.port import StorageError


def told(error: Exception) -> tuple[str, str] | None:
    """A word for scripts, and a sentence with what to do next; None for what nobody foresaw."""
    if isinstance(error, StorageError):
        return "storage", str(error)
    if isinstance(error, Sentence):
        return "settings", str(error)
    said = _by_a_database(error)
    if said:
        return "database", f"The database does not answer: {said}. Check {_where(error)}."
    if isinstance(error, OSError):  # a folder that can't be written, a disk that is full
        return "file", f"{error.filename or 'A file'} can't be used: {error.strerror or error}."
    return None


def _by_a_database(error: Exception) -> str | None:
    """What the driver says in its first line. Huey speaks to the driver itself, so it comes bare too."""
    import psycopg  # here, for a start without trouble shall not wait for it

    bare = error.orig if isinstance(error, sa.exc.DBAPIError) else error
    away = (sqlite3.OperationalError, psycopg.OperationalError, psycopg.InterfaceError)
    damaged = type(bare) is sqlite3.DatabaseError
    if isinstance(bare, (*away, psycopg.errors.InsufficientPrivilege)) or damaged:
        return (str(bare).splitlines() or [type(bare).__name__])[0].rstrip(".")
    return None


def _where(error: Exception) -> str:
    bare = error.orig if isinstance(error, sa.exc.DBAPIError) else error
    if isinstance(bare, sqlite3.Error):
        return "VIDMSG_DATA and VIDMSG_DATABASE_URL, and who may write there"
    return "VIDMSG_DATABASE_URL, and whether Postgres runs"
