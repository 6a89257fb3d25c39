"""Commands for whoever looks after an installation: migrate, check, demo, settings. `check` really tries each thing
and tells in plain words whether it works."""

from __future__ import annotations

import datetime as dt
import json
import socket
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any
from urllib.parse import urlsplit

import click
import requests
import sqlalchemy as sa
from flask import Flask

from vidmsg import clock, config, create_app, database, logs, migrations
from vidmsg.accounts import installation
from vidmsg.accounts.models import User
from vidmsg.config import Settings
from vidmsg.errors import Sentence
from vidmsg.people import samples
from vidmsg.storage import marker
from vidmsg.storage.port import Storage, StorageError

MAX_SKEW_S = 5.0


@dataclass(frozen=True)
class Finding:
    """One thing tried: its name, whether it works, and a sentence."""

    name: str
    works: bool
    sentence: str


@click.command()
def migrate() -> None:
    """Bring the database to this version's tables."""
    settings = config.load()
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    migrations.upgrade(settings.database)
    click.echo("The database is up to date.")


@click.command()
@click.option("--markdown", is_flag=True, help="As the README's table.")
def settings(markdown: bool) -> None:
    """Print every setting with its default and what it is for."""
    table = config.table()
    click.echo(table if markdown else table.replace("`", ""))


@click.command()
def demo() -> None:
    """Fill a demo team with sample people, as the button on the first page does."""
    app = create_app(config.load())
    with app.app_context(), database.writing() as session:
        user = session.execute(sa.select(User).order_by(User.id).limit(1)).scalar_one_or_none()
        if user is None:
            raise Sentence("Make the first manager before the demo: start vidmsg and open the link it prints.")
        samples.add(session, user)
    click.echo("A demo team with sample people is there. It goes with one click on the People page.")


@click.command()
@click.option("--json", "as_json", is_flag=True, help="One JSON object for scripts.")
def check(as_json: bool) -> None:
    """Try database, storage, Twilio, public address and clock; exit 1 when one of them does not work."""
    loaded = config.load()
    logs.configure("ERROR", loaded.log_format)
    findings = [_try(name, probe, loaded) for name, probe in PROBES]
    if as_json:
        click.echo(json.dumps([asdict(finding) for finding in findings]))
    else:
        for finding in findings:
            click.echo(f"{'works ' if finding.works else 'BROKEN'}  {finding.name:<9} {finding.sentence}")
    if not all(finding.works for finding in findings):
        raise click.exceptions.Exit(1)


def _try(name: str, probe: Callable[[Settings], str], loaded: Settings) -> Finding:
    try:
        return Finding(name, True, probe(loaded))
    except (Sentence, StorageError) as error:
        return Finding(name, False, str(error))
    except sa.exc.SQLAlchemyError as error:
        return Finding(name, False, f"The database does not answer: {str(error.__cause__ or error).splitlines()[0]}")
    except OSError as error:
        return Finding(name, False, f"That could not be reached: {error.strerror or error}")


def _database(loaded: Settings) -> str:
    present, newest = migrations.versions(loaded.database)
    if present is None:
        raise Sentence("The database is empty. Run: python -m vidmsg migrate")
    if present != newest:
        raise Sentence("The database is of another version. Make a backup, then run: python -m vidmsg migrate")
    engine = database.make_engine(loaded.database)
    with engine.connect() as connection, connection.begin() as transaction:
        connection.execute(sa.update(User).where(User.id == -1).values(name=""))  # takes the lock a writer needs
        transaction.rollback()
    engine.dispose()
    kind = "Postgres" if loaded.database.startswith("postgres") else "SQLite"
    return f"{kind} answers, takes writes, and has this version's tables."


def _storage(loaded: Settings) -> str:
    app = create_app(loaded)
    store = app.extensions["storage"]
    store.check()
    if migrations.versions(loaded.database)[0] is not None:
        _belongs(app, store)
    where = f"The bucket {loaded.s3_bucket}" if loaded.s3_bucket else "The data folder"
    return f"{where} takes a file, gives it back and lets it go; it belongs to this database."


def _belongs(app: Flask, store: Storage) -> None:
    """The marker in the storage is this database's."""
    with app.app_context(), database.reading() as session:
        row = installation.find(session)
    if row:
        marker.ensure_marker(store, row.marker)


def _twilio(loaded: Settings) -> str:
    if loaded.practice:
        return "Practice mode: the practice phone answers, no real text is sent. Set TWILIO_* for real texts."
    sentence: str = create_app(loaded).extensions["gateway"].check()
    return sentence


def _address(loaded: Settings) -> str:
    host = urlsplit(loaded.address).hostname or ""
    if loaded.practice and not loaded.public_url:
        return f"Links point to {loaded.address}. Set PUBLIC_URL before phones shall open them."
    socket.getaddrinfo(host, None)
    try:
        answer = requests.get(f"{loaded.address}/health", timeout=10)
    except requests.RequestException:
        raise Sentence(
            f"Nothing answers at {loaded.address}. Is vidmsg running, and does the proxy point to it?"
        ) from None
    if answer.status_code != 200 or answer.text != "vidmsg":
        raise Sentence(f"{loaded.address} answers with {answer.status_code}, not as vidmsg. Check the proxy.")
    return f"{loaded.address} leads here."


def _clock(loaded: Settings) -> str:
    mine = clock.now()
    if not loaded.database.startswith("postgres"):
        drift = abs((dt.datetime.fromtimestamp(time.time(), dt.UTC) - mine).total_seconds())
        if drift > MAX_SKEW_S:
            raise Sentence(f"The program's clock is moved by {drift:.0f} s. Unset VIDMSG_CLOCK_FILE.")
        return f"It is {mine:%Y-%m-%d %H:%M:%S} UTC; the database keeps no clock of its own."
    engine = database.make_engine(loaded.database)
    with engine.connect() as connection:
        theirs: Any = connection.execute(sa.text("SELECT now()")).scalar_one()
    engine.dispose()
    skew = abs((theirs - clock.now()).total_seconds())
    if skew > MAX_SKEW_S:
        raise Sentence(f"This machine and the database differ by {skew:.0f} s. Let both follow a time server.")
    return f"This machine and the database agree to {skew:.1f} s."


PROBES: tuple[tuple[str, Callable[[Settings], str]], ...] = (
    ("database", _database),
    ("storage", _storage),
    ("Twilio", _twilio),
    ("address", _address),
    ("clock", _clock),
)
