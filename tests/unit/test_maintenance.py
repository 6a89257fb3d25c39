"""What whoever looks after an installation asks for: migrate, check, demo, a process that will not start."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import sqlalchemy as sa
from click.testing import CliRunner, Result

from tests import cast
from tests.media_samples import sample
from tests.server import free_port
from vidmsg import config, create_app, startup
from vidmsg.cli import cli, main
from vidmsg.database import reading, writing
from vidmsg.errors import Sentence
from vidmsg.media import sandbox
from vidmsg.people.models import Person
from vidmsg.storage import StorageError

Run = Callable[..., Result]


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Runs a command on an installation in a folder of its own."""
    monkeypatch.chdir(tmp_path)
    return lambda *arguments: CliRunner().invoke(cli, list(arguments))


def findings(result: Result) -> dict[str, Any]:
    return {found["name"]: found for found in json.loads(result.stdout)}


def test_check_on_an_empty_folder_says_what_to_do(run: Run) -> None:
    result = run("check", "--json")
    assert result.exit_code == 1
    found = findings(result)
    assert not found["database"]["works"]
    assert "python -m vidmsg migrate" in found["database"]["sentence"]
    assert found["storage"]["works"]
    assert found["clock"]["works"]


def test_check_tells_in_plain_words_that_all_works(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PORT", str(free_port()))
    assert run("migrate").exit_code == 0
    result = run("check")
    assert result.exit_code == 0
    assert [line.split()[:2] for line in result.stdout.splitlines()] == [
        ["works", name] for name in ("database", "storage", "Twilio", "address", "clock")
    ]
    assert "Practice mode" in result.stdout


def test_check_finds_a_folder_that_takes_no_file(run: Run, tmp_path: Path) -> None:
    run("migrate")
    (tmp_path / "data" / "media").write_text("a file where the folder should be")
    result = run("check")
    assert result.exit_code == 1
    assert re.search(r"BROKEN\s+storage", result.stdout)


def test_check_finds_a_public_address_that_leads_nowhere(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    run("migrate")
    monkeypatch.setenv("PUBLIC_URL", "http://localhost:9")
    found = findings(run("check", "--json"))
    assert not found["address"]["works"]
    assert "Nothing answers" in found["address"]["sentence"]


def test_demo_fills_a_team_once_there_is_a_manager(run: Run) -> None:
    run("migrate")
    early = run("demo")
    assert isinstance(early.exception, Sentence)
    app = create_app(config.load())
    with app.app_context(), writing() as session:
        cast.put_in(session)
    assert run("demo").exit_code == 0
    with app.app_context(), reading() as session:
        assert session.execute(sa.select(sa.func.count()).select_from(Person)).scalar_one() > 4


def test_no_process_starts_on_another_installations_storage(run: Run, tmp_path: Path) -> None:
    startup.ready_app(config.load())
    (tmp_path / "data" / "vidmsg.db").unlink()  # another database comes to the same storage
    for leftover in (tmp_path / "data").glob("vidmsg.db-*"):
        leftover.unlink()
    with pytest.raises(StorageError):
        startup.ready_app(config.load())


def test_check_finds_a_clock_that_runs_wrong(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "offset").write_text("90")
    monkeypatch.setenv("VIDMSG_CLOCK_FILE", str(tmp_path / "offset"))
    found = findings(run("check", "--json"))
    assert not found["clock"]["works"]
    assert "differ by 90 s" in found["clock"]["sentence"]


def test_check_says_whether_vidmsg_runs_on_its_port(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PORT", "9")
    assert "does not run there just now" in findings(run("check", "--json"))["address"]["sentence"]


def test_scripts_get_json_for_a_mistake_in_their_call_too(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    assert main(["media", "probe", str(tmp_path / "absent.mp4"), "--json"]) == 2
    told = json.loads(capsys.readouterr().out)
    assert told["error"] == "usage"
    assert "does not exist" in told["message"]


def test_scripts_get_json_for_settings_that_cannot_work_and_for_a_folder_that_cannot_be_written(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "file").touch()
    assert main(["media", "prepare", str(sample("plain")), "--out", str(tmp_path / "file/below"), "--json"]) == 1
    told = json.loads(capsys.readouterr().out)
    assert told["error"] == "file"
    assert "below can't be used" in told["message"]
    monkeypatch.setenv("VIDMSG_LOG_LEVEL", "LOUD")
    assert main(["check", "--json"]) == 1
    assert "choose DEBUG" in json.loads(capsys.readouterr().out)["message"]


def test_a_full_disk_is_not_taken_for_a_damaged_file(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def full(*_: object, **__: object) -> None:
        raise sandbox.ChildFailed(1, "No space left on device")

    monkeypatch.setattr(sandbox, "run_ffmpeg", full)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: SimpleNamespace(free=0))
    assert main(["media", "prepare", str(sample("no_sound")), "--out", str(tmp_path), "--json"]) == 1
    assert "No space left" in json.loads(capsys.readouterr().out)["message"]


def test_check_tries_the_practice_phone(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    run("migrate")
    assert "begins with the first start" in findings(run("check", "--json"))["Twilio"]["sentence"]
    startup.ready_app(config.load())
    assert "the practice phone answers" in findings(run("check", "--json"))["Twilio"]["sentence"]
    elsewhere = f"http://127.0.0.1:{free_port()}"
    monkeypatch.setenv("VIDMSG_SIMULATOR_URL", elsewhere)
    found = findings(run("check", "--json"))["Twilio"]
    assert not found["works"]
    assert f"The practice phone at {elsewhere} does not answer" in found["sentence"]


def test_check_finds_the_videos_of_another_installation_before_the_first_start(run: Run, tmp_path: Path) -> None:
    startup.ready_app(config.load())
    for leftover in (tmp_path / "data").glob("vidmsg.db*"):
        leftover.unlink()
    run("migrate")
    found = findings(run("check", "--json"))["storage"]
    assert not found["works"]
    assert "another installation" in found["sentence"]
