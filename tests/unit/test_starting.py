"""What a start or a check says when the database, the bucket or the folder is away: a sentence, and no traceback."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from tests import postgres
from tests.server import free_port
from vidmsg import config, maintenance, migrations, startup
from vidmsg.cli import main
from vidmsg.database import make_engine

PASSWORD = "the-database-password"


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


@pytest.fixture(autouse=True)
def _log_of_its_own() -> Iterator[None]:
    """A command sets the log of its process up; the next test has its own again."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    root.handlers[:] = handlers
    root.setLevel(level)


@pytest.fixture
def postgres_down(monkeypatch: pytest.MonkeyPatch) -> None:
    address = f"postgresql+psycopg://vidmsg:{PASSWORD}@127.0.0.1:{free_port()}/vidmsg"
    monkeypatch.setenv("VIDMSG_DATABASE_URL", address)


@pytest.fixture
def bucket_away(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("vidmsg.storage.s3._TRIES", 1)
    for name, value in {
        "VIDMSG_S3_BUCKET": "videos",
        "VIDMSG_S3_ENDPOINT": f"http://127.0.0.1:{free_port()}",
        "AWS_ACCESS_KEY_ID": "x",
        "AWS_SECRET_ACCESS_KEY": "x",
    }.items():
        monkeypatch.setenv(name, value)


def checked(capsys: pytest.CaptureFixture[str]) -> tuple[int, dict[str, Any]]:
    status = main(["check", "--json"])
    return status, {found["name"]: found for found in json.loads(capsys.readouterr().out)}


def test_check_tries_everything_while_postgres_is_down(postgres_down: None, capsys: pytest.CaptureFixture[str]) -> None:
    status, found = checked(capsys)
    assert status == 1
    assert set(found) == {"database", "storage", "Twilio", "address", "clock"}
    assert "Connection refused. Check VIDMSG_DATABASE_URL" in found["database"]["sentence"]
    assert not found["database"]["works"]
    assert found["storage"]["works"]
    assert "shows when that answers" in found["storage"]["sentence"]
    assert found["address"]["works"]
    assert PASSWORD not in json.dumps(found)


def test_check_goes_on_after_a_probe_that_fails_as_nobody_foresaw(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fails(_: config.Settings) -> str:
        raise ZeroDivisionError

    others = [probe for probe in maintenance.PROBES if probe[0] != "storage"]
    monkeypatch.setattr(maintenance, "PROBES", (("storage", fails), *others))
    status, found = checked(capsys)
    assert status == 1
    assert len(found) == 5
    assert "ZeroDivisionError" in found["storage"]["sentence"]
    assert found["clock"]["works"]


@pytest.mark.parametrize("arguments", [["migrate"], ["serve"], ["work"], ["demo"], ["reset-link", "a@example.com"]])
def test_postgres_that_is_down_is_told_in_a_sentence(
    arguments: list[str], postgres_down: None, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(arguments) == 1
    told = capsys.readouterr().err
    assert "The database does not answer" in told
    assert "Check VIDMSG_DATABASE_URL" in told
    assert PASSWORD not in told


def test_a_queue_that_is_down_is_told_in_a_sentence(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("VIDMSG_QUEUE_URL", f"postgresql+psycopg://u@127.0.0.1:{free_port()}/x")
    assert main(["serve"]) == 1
    assert "The database does not answer" in capsys.readouterr().err


@pytest.mark.parametrize("command", ["migrate", "serve"])
def test_a_database_file_that_cannot_be_opened_is_told_in_a_sentence(
    command: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("VIDMSG_DATABASE_URL", f"sqlite:///{tmp_path}/absent/vidmsg.db")
    assert main([command]) == 1
    assert "unable to open database file. Check VIDMSG_DATA" in capsys.readouterr().err


def test_a_file_that_is_no_database_is_told_in_a_sentence(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "vidmsg.db").write_bytes(b"no database at all" * 100)
    assert main(["migrate"]) == 1
    assert "file is not a database" in capsys.readouterr().err


def test_a_bucket_that_is_away_is_told_in_a_sentence(bucket_away: None, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["serve"]) == 1
    assert "The bucket videos can't be reached" in capsys.readouterr().err


@pytest.mark.parametrize("arguments", [["demo"], ["reset-link", "alice@example.com"], ["backup", "copy.tar"]])
def test_a_command_before_the_first_start_says_what_comes_first(
    arguments: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(arguments) == 1
    assert "Start it first: python -m vidmsg serve" in capsys.readouterr().err
    assert not list(tmp_path.glob("copy.tar*"))


def test_a_fault_of_ours_stays_a_traceback(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(config, "table", lambda: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        main(["settings"])


@pytest.mark.parametrize("kind", ["sqlite", "postgres"])
def test_a_database_of_a_newer_vidmsg_is_left_alone(
    kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    if kind == "postgres":
        monkeypatch.setenv("VIDMSG_DATABASE_URL", postgres.empty_database())
    settings = config.load()
    startup.ready_app(settings)
    engine = make_engine(settings.database)
    with engine.begin() as connection:
        connection.execute(sa.text("UPDATE alembic_version SET version_num = '9999'"))
    engine.dispose()
    for arguments in (["serve"], ["migrate"], ["demo"], ["backup", "copy.tar"]):
        assert main(arguments) == 1
        assert "made by a newer vidmsg" in capsys.readouterr().err
    _, found = checked(capsys)
    assert "made by a newer vidmsg" in found["database"]["sentence"]
    assert "migrate" not in found["database"]["sentence"]
    assert not list(tmp_path.rglob("*-before-*"))


def test_a_database_that_is_up_to_date_is_not_copied_aside(tmp_path: Path) -> None:
    settings = config.load()
    startup.ready_app(settings)
    migrations.upgrade(settings.database)
    assert not list(tmp_path.rglob("*-before-*"))
