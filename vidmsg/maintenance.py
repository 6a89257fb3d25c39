"""Commands for whoever looks after an installation: migrate, check, demo, settings. `check` really tries each thing
and tells in plain words whether it works."""

from __future__ import annotations

import datetime as dt
import json
import os
import socket
import tempfile
from collections.abc import Callable
from dataclasses import asdict, dataclass
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import urlsplit

import click
import requests
import sqlalchemy as sa

from vidmsg import clock, config, create_app, database, logs, migrations, sms, startup, storage, telling
from vidmsg.accounts.models import Installation, User
from vidmsg.config import Settings
from vidmsg.errors import Sentence
from vidmsg.people import samples
from vidmsg.storage import marker
from vidmsg.storage.port import Storage

log = logs.get(__name__)

MAX_SKEW_S = 5.0
TWILIO = "https://api.twilio.com"
AWS = "amazonaws.com"


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
    app = startup.present_app(config.load())
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
    except Exception as error:  # whatever it is, the others are tried all the same
        known = telling.told(error)
        if known:
            return Finding(name, False, known[1])
        log.exception("probe failed", probe=name)
        return Finding(name, False, f"That could not be tried ({type(error).__name__}). The log says more.")


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
    store = storage.open_storage(loaded)
    store.check()
    where = f"The bucket {loaded.s3_bucket}" if loaded.s3_bucket else "The data folder"
    return f"{where} takes a file, gives it back and lets it go; {_belonging(loaded, store)}."


def _belonging(loaded: Settings, store: Storage) -> str:
    """The marker in the storage is this database's, where that can be asked."""
    try:
        mine = _marker(loaded)
    except Exception:  # its own line tells why
        return "whether it belongs to the database shows when that answers"
    if mine:
        marker.ensure_marker(store, mine)
    elif marker.read_marker(store):
        raise Sentence("There are videos of another installation here. Use the database that they belong to.")
    return "it belongs to this database"


def _marker(loaded: Settings) -> str | None:
    """The installation's; None before the first start."""
    if migrations.versions(loaded.database)[0] is None:
        return None
    engine = database.make_engine(loaded.database)
    try:
        with engine.execution_options(**{database.READONLY: True}).connect() as connection:
            return connection.execute(sa.select(Installation.marker).limit(1)).scalar()
    finally:
        engine.dispose()


def _twilio(loaded: Settings) -> str:
    if not loaded.practice:
        return sms.real_gateway(loaded).check()
    return f"Practice mode: {_practice_phone(loaded)}, no real text is sent. Set TWILIO_* for real texts."


def _practice_phone(loaded: Settings) -> str:
    if _marker(loaded) is None:
        return "the practice phone begins with the first start"
    app = create_app(loaded)
    try:
        with app.app_context():
            app.extensions["gateway"].check()
    except Sentence as error:
        where = f" at {loaded.simulator_url}" if loaded.simulator_url else ""
        raise Sentence(f"The practice phone{where} does not answer as it should: {error}") from error
    return "the practice phone answers"


def _address(loaded: Settings) -> str:
    host = urlsplit(loaded.address).hostname or ""
    if loaded.practice and not loaded.public_url:
        return f"Links point to {loaded.address}{_who_answers(loaded)} Set PUBLIC_URL before phones shall open them."
    try:
        socket.getaddrinfo(host, None)
    except OSError as error:
        raise Sentence(f"No name server knows {host} ({error.strerror}). Check PUBLIC_URL and its DNS.") from None
    if not _is_running(loaded.address):
        raise Sentence(f"Nothing answers at {loaded.address}. Is vidmsg running, and does the proxy point to it?")
    return f"{loaded.address} leads here."


def _who_answers(loaded: Settings) -> str:
    return ", where vidmsg answers." if _is_running(loaded.address) else "; vidmsg does not run there just now."


def _is_running(address: str) -> bool:
    try:
        answer = requests.get(f"{address}/health", timeout=10)
    except requests.RequestException:
        return False
    if answer.status_code != 200 or answer.text != "vidmsg":
        raise Sentence(f"{address} answers with {answer.status_code}, not as vidmsg. Check the proxy and PORT.")
    return True


def _clock(loaded: Settings) -> str:
    """Against every other clock that can be had: a text at a decent hour needs the right time."""
    witnesses: dict[str, Callable[[Settings], dt.datetime]] = {"the disk": _disk_clock}
    if loaded.database.startswith("postgres"):
        witnesses["the database"] = _database_clock
    if loaded.s3_bucket:
        witnesses["the bucket"] = lambda its: _answers_date(its.s3_endpoint or f"https://s3.{its.s3_region}.{AWS}")
    if not loaded.practice:
        witnesses["Twilio"] = lambda _: _answers_date(TWILIO)
    skews = {name: abs((ask(loaded) - clock.now()).total_seconds()) for name, ask in witnesses.items()}
    for name, skew in skews.items():
        if skew > MAX_SKEW_S:
            raise Sentence(f"This machine and {name} differ by {skew:.0f} s. Let both follow a time server.")
    others = ", ".join(name for name in skews if name != "the disk")
    told = f"{others} agree{'' if ',' in others else 's'}" if others else "no other clock is at hand to compare it with"
    return f"This machine says {clock.now():%Y-%m-%d %H:%M} UTC; {told}."


def _disk_clock(loaded: Settings) -> dt.datetime:
    """The data folder may lie on a file server with a clock of its own."""
    with tempfile.NamedTemporaryFile(dir=loaded.data_dir) as probe:
        return dt.datetime.fromtimestamp(os.fstat(probe.fileno()).st_mtime, dt.UTC)


def _database_clock(loaded: Settings) -> dt.datetime:
    engine = database.make_engine(loaded.database)
    with engine.connect() as connection:
        moment: Any = connection.execute(sa.text("SELECT clock_timestamp()")).scalar_one()
    engine.dispose()
    return dt.datetime.fromtimestamp(moment.timestamp(), dt.UTC)


def _answers_date(address: str) -> dt.datetime:
    """The Date of an answer (RFC 9110, 6.6.1), exact to a second."""
    try:
        return parsedate_to_datetime(requests.head(address, timeout=10).headers["Date"])
    except requests.RequestException as error:
        raise Sentence(f"{address} can't be reached ({type(error).__name__}). Check the network.") from None


PROBES: tuple[tuple[str, Callable[[Settings], str]], ...] = (
    ("database", _database),
    ("storage", _storage),
    ("Twilio", _twilio),
    ("address", _address),
    ("clock", _clock),
)
