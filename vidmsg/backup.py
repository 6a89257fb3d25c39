"""Backup and restore of a whole installation: rows and videos together in one tar file, the same from SQLite and from
Postgres, so that a backup also moves an installation from one to the other. A restored one sends nothing until a
manager says so (see messages/frozen.py), for the one it was made of may still run."""

from __future__ import annotations

import datetime as dt
import io
import itertools
import json
import mimetypes
import os
import tarfile
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import IO, Any

import click
import sqlalchemy as sa
from flask import Flask

from vidmsg import clock, config, create_app, database, migrations, startup
from vidmsg.accounts.models import Installation
from vidmsg.config import Settings
from vidmsg.database import READONLY, UTCDateTime, db
from vidmsg.errors import Sentence
from vidmsg.storage import generation, marker
from vidmsg.storage.keys import check_key
from vidmsg.storage.port import KeyExists, NotFound, Storage

FORMAT = 1
BATCH = 500
MANIFEST, END, SECRET = "manifest.json", "end.json", "secret.key"
ROWS, OBJECTS = "rows/", "storage/"
_FROM_TEXT = {UTCDateTime: dt.datetime.fromisoformat, sa.Date: dt.date.fromisoformat, sa.Time: dt.time.fromisoformat}


@click.command()
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
def backup(file: Path) -> None:
    """Write database and videos into FILE, a tar archive. Everything may run on meanwhile."""
    if file.exists():
        raise Sentence(f"{file} is there already. Choose another name.")
    loaded = config.load()
    rows, objects = _guarded(lambda: write(startup.present_app(loaded), loaded, file))
    click.echo(f"{file} holds {rows} rows and {objects} files. Keep it as safe as the installation itself.")


@click.command()
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False, exists=True))
def restore(file: Path) -> None:
    """Bring database and videos back from FILE, into an empty database and an empty storage."""
    loaded = config.load()
    rows, objects = _guarded(lambda: read(loaded, file))
    click.echo(f"{rows} rows and {objects} files are back. Sending is paused: sign in as a manager and look.")


def write(app: Flask, loaded: Settings, file: Path) -> tuple[int, int]:
    """Make the backup; the numbers of rows and of files in it. The rows are of one moment, and the files, which are
    never changed, are copied after it, so that none is missing."""
    partial = file.with_name(file.name + ".part")
    descriptor = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as out, tarfile.open(fileobj=out, mode="w|") as tar, app.app_context():
        present, _newest = migrations.versions(loaded.database)
        about = {"format": FORMAT, "version": present, "made_at": clock.now().isoformat()}
        _add(tar, MANIFEST, json.dumps(about).encode())
        rows = _add_rows(tar)
        objects = _add_objects(tar, app.extensions["storage"])
        secret = loaded.data_dir / SECRET
        if secret.is_file():
            _add(tar, SECRET, secret.read_bytes())
        _add(tar, END, json.dumps({"rows": rows, "objects": objects}).encode())
    partial.replace(file)
    return rows, objects


def read(loaded: Settings, file: Path) -> tuple[int, int]:
    """Bring a backup back and freeze sending; the numbers of rows and of files. Raises Sentence, with nothing in the
    database, when the archive is not whole or the place is not empty."""
    about, rows, objects = _checked(file)
    loaded.data_dir.mkdir(parents=True, exist_ok=True)
    migrations.upgrade(loaded.database)
    present, _newest = migrations.versions(loaded.database)
    if about["version"] != present:
        raise Sentence(f"This backup has the tables of version {about['version']}, this program those of {present}. "
                       "Restore it with the program that made it, then upgrade.")  # fmt: skip
    engine = database.make_engine(loaded.database)
    try:
        with engine.begin() as connection:
            if connection.execute(sa.select(Installation.id).limit(1)).first():
                raise Sentence("There is an installation in this database already. Restore into an empty one.")
            _secret(loaded, file)
            with create_app(loaded).app_context() as context:
                _read_objects(context.app.extensions["storage"], file)
            _read_rows(connection, file)
            why = f"Restored from the backup of {dt.datetime.fromisoformat(about['made_at']):%Y-%m-%d %H:%M} UTC."
            # It is at home where it starts next.
            fresh = {"frozen_reason": why, "frozen_at": clock.now(), "place": None}
            connection.execute(sa.update(Installation).values(**fresh))
    finally:
        engine.dispose()
    return rows, objects


def _guarded(work: Any) -> tuple[int, int]:
    try:
        done: tuple[int, int] = work()
    except tarfile.TarError as error:
        raise Sentence(str(error)) from error
    return done


def _add(tar: tarfile.TarFile, name: str, data: bytes) -> None:
    member = tarfile.TarInfo(name)
    member.size, member.mode = len(data), 0o600
    tar.addfile(member, io.BytesIO(data))


def _add_file(tar: tarfile.TarFile, name: str, file: IO[bytes]) -> None:
    member = tarfile.TarInfo(name)
    member.size, member.mode = file.seek(0, os.SEEK_END), 0o600
    file.seek(0)
    tar.addfile(member, file)


def _add_rows(tar: tarfile.TarFile) -> int:
    engine = db.engine.execution_options(**{READONLY: True})
    count = 0
    with engine.connect() as connection:
        if engine.dialect.name == "postgresql":
            connection = connection.execution_options(isolation_level="REPEATABLE READ")
        for table in migrations.metadata().sorted_tables:
            with tempfile.TemporaryFile() as lines:
                for row in connection.execute(sa.select(table).execution_options(yield_per=BATCH)):
                    lines.write(json.dumps(list(row), default=_as_text).encode() + b"\n")
                    count += 1
                names = json.dumps([column.name for column in table.columns]).encode()
                _add(tar, f"{ROWS}{table.name}.columns", names)
                _add_file(tar, f"{ROWS}{table.name}", lines)
    return count


def _as_text(value: Any) -> str:
    if isinstance(value, dt.datetime | dt.date | dt.time):
        return value.isoformat()
    raise TypeError(f"a {type(value).__name__} can't be kept in a backup")


def _add_objects(tar: tarfile.TarFile, storage: Storage) -> int:
    count = 0
    with tempfile.TemporaryDirectory() as folder:
        for key in storage.keys(""):
            if key.startswith(generation.PREFIX):
                continue  # its number is of now, and the rows are of before
            path = Path(folder) / "object"
            try:
                storage.fetch(key, path)
            except NotFound:
                continue  # let go meanwhile
            with path.open("rb") as file:
                _add_file(tar, OBJECTS + key, file)
            path.unlink()
            count += 1
    return count


def _members(file: Path) -> Iterator[tuple[str, IO[bytes]]]:
    """Each member's name and content. Nothing is ever written under a name from the archive."""
    with tarfile.open(file, "r:") as tar:
        for member in tar:
            content = tar.extractfile(member)
            if content is not None:
                yield member.name, content


def _checked(file: Path) -> tuple[dict[str, Any], int, int]:
    """The archive's manifest and its numbers, once it was read to its end and holds what it says."""
    found: dict[str, Any] = {}
    rows = objects = 0
    try:
        for name, content in _members(file):
            if name in {MANIFEST, END}:
                found[name] = json.loads(content.read())
            elif name.startswith(ROWS) and not name.endswith(".columns"):
                rows += sum(1 for _line in content)
            elif name.startswith(OBJECTS):
                objects += 1
    except (tarfile.TarError, ValueError, OSError):
        found.pop(END, None)
    if found.get(MANIFEST, {}).get("format") != FORMAT:
        raise Sentence(f"{file} is no backup of vidmsg.")
    if found.get(END) != {"rows": rows, "objects": objects}:
        raise Sentence(f"{file} is not whole. Take another backup.")
    return found[MANIFEST], rows, objects


def _secret(loaded: Settings, file: Path) -> None:
    """The installation's secret comes back, for second steps at sign-in hang on it; the one that this place made for
    itself when it was looked at has signed nothing yet."""
    path = loaded.data_dir / SECRET
    for name, content in _members(file):
        if name == SECRET:
            path.touch(0o600)
            path.write_bytes(content.read())


def _read_objects(storage: Storage, file: Path) -> None:
    mine = next((content.read() for name, content in _members(file) if name == OBJECTS + marker.MARKER), b"")
    if marker.read_marker(storage) not in {None, mine.decode("utf-8", "replace").strip()}:
        raise Sentence("There are videos of another installation in this storage. Restore into an empty one.")
    with tempfile.TemporaryDirectory() as folder:
        for name, content in _members(file):
            if name.startswith(OBJECTS):
                _put(storage, check_key(name.removeprefix(OBJECTS)), content, Path(folder) / "object")


def _put(storage: Storage, key: str, content: IO[bytes], path: Path) -> None:
    with path.open("wb") as copy:
        while block := content.read(1 << 20):
            copy.write(block)
    with suppress(KeyExists):  # an earlier restore ended half way
        storage.put(path, key, mimetypes.guess_type(key)[0] or "application/octet-stream")


def _read_rows(connection: sa.Connection, file: Path) -> None:
    tables = {table.name: table for table in migrations.metadata().sorted_tables}
    names: list[str] = []
    for name, content in _members(file):
        if not name.startswith(ROWS):
            continue
        if name.endswith(".columns"):
            names = json.loads(content.read())
            continue
        table = tables[name.removeprefix(ROWS)]
        for batch in _batches(content):
            _insert(connection, table, [_row(table, names, json.loads(line)) for line in batch])
        _continue_numbers(connection, table)


def _batches(lines: IO[bytes]) -> Iterator[list[bytes]]:
    while batch := list(itertools.islice(lines, BATCH)):
        yield batch


def _row(table: sa.Table, names: list[str], values: list[Any]) -> dict[str, Any]:
    """A row's values by column. An absent JSON value is left out: given, it would become the JSON null."""
    row = dict(zip(names, values, strict=True))
    return {
        name: _from_text(table.c[name].type, value)
        for name, value in row.items()
        if value is not None or not isinstance(table.c[name].type, sa.JSON)
    }


def _from_text(kind: Any, value: Any) -> Any:
    read_text = next((read for type_, read in _FROM_TEXT.items() if isinstance(kind, type_)), None)
    return read_text(value) if read_text and value is not None else value


def _insert(connection: sa.Connection, table: sa.Table, rows: list[dict[str, Any]]) -> None:
    for _columns, alike in itertools.groupby(rows, key=_columns_of):
        connection.execute(sa.insert(table), list(alike))


def _columns_of(row: dict[str, Any]) -> tuple[str, ...]:
    return tuple(row)


def _continue_numbers(connection: sa.Connection, table: sa.Table) -> None:
    """Postgres counts ids apart from the rows; let it go on after the highest."""
    key = table.autoincrement_column
    if connection.dialect.name != "postgresql" or key is None:
        return
    sequence = sa.func.pg_get_serial_sequence(connection.dialect.identifier_preparer.format_table(table), key.name)
    highest = connection.execute(sa.select(sa.func.max(key))).scalar()
    if highest is not None:
        connection.execute(sa.select(sa.func.setval(sequence, highest)))
