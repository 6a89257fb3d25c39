"""Settings: defaults that work, and a clear failure at start that lists every mistake."""

from __future__ import annotations

import os
import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from vidmsg import config, secret
from vidmsg.errors import Sentence
from vidmsg.messages.compose import LINK_ROOM
from vidmsg.tokens import new_token

TWILIO = {"TWILIO_ACCOUNT_SID": "AC" + "0" * 32, "TWILIO_AUTH_TOKEN": "x", "TWILIO_FROM": "+12065550123"}


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def test_the_defaults_work_without_any_setting(tmp_path: Path) -> None:
    loaded = config.load()
    assert loaded.practice
    assert loaded.address == "http://localhost:8000"
    assert loaded.database == f"sqlite:///{tmp_path / 'data' / 'vidmsg.db'}"


def test_the_folder_is_the_whole_path_because_children_work_elsewhere(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert config.load().data_dir == tmp_path / "data"
    monkeypatch.setenv("VIDMSG_DATA", "there/../here")
    assert config.load().data_dir == tmp_path / "here"


def test_a_dotenv_file_is_honoured(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("PORT=9123\nVIDMSG_DATA=elsewhere\n")
    loaded = config.load()
    assert (loaded.port, loaded.data_dir) == (9123, Path("elsewhere").absolute())


def test_the_secret_is_made_once_and_only_its_owner_can_read_it(tmp_path: Path) -> None:
    first, second = config.load(), config.load()
    assert first.secret_key == second.secret_key
    assert len(first.secret_key) >= 32
    assert stat.S_IMODE((tmp_path / "data" / "secret.key").stat().st_mode) == 0o600


@pytest.mark.parametrize("left_out", list(TWILIO))
def test_half_a_twilio_configuration_is_refused_and_says_what_is_missing(
    left_out: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in TWILIO.items():
        if name != left_out:
            monkeypatch.setenv(name, value)
    monkeypatch.setenv("PUBLIC_URL", "https://hi.example.com")
    with pytest.raises(config.ConfigError, match=f"{left_out} is missing"):
        config.load()


def test_real_texts_need_a_public_https_address(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in TWILIO.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(config.ConfigError, match="PUBLIC_URL must begin with https"):
        config.load()
    monkeypatch.setenv("PUBLIC_URL", "https://hi.example.com/")
    assert config.load().address == "https://hi.example.com"


def test_every_mistake_is_named_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PORT", "ninety")
    monkeypatch.setenv("VIDMSG_LOG_LEVEL", "LOUD")
    monkeypatch.setenv("VIDMSG_DATABASE_URL", "mysql://nope")
    with pytest.raises(config.ConfigError) as refused:
        config.load()
    for name in ("PORT", "VIDMSG_LOG_LEVEL", "VIDMSG_DATABASE_URL"):
        assert name in str(refused.value)


def test_no_default_reads_a_secret_into_the_table() -> None:
    assert "secret.key" not in config.table()
    assert config.table().count("\n") == len(config.Settings.model_fields) + 1


def test_a_lone_api_secret_is_no_practice_mode(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TWILIO_API_SECRET", "x")
    with pytest.raises(config.ConfigError, match="TWILIO_ACCOUNT_SID is missing"):
        config.load()


def test_the_clock_is_not_moved_where_real_texts_are_sent(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VIDMSG_CLOCK_FILE", "clock")
    assert config.load().practice
    for name, value in {**TWILIO, "PUBLIC_URL": "https://texts.example"}.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(config.ConfigError, match="VIDMSG_CLOCK_FILE"):
        config.load()


@pytest.mark.parametrize("content", [b"", b"\n", b"short", b"\0" * 16])
def test_a_damaged_secret_says_what_to_do_and_is_not_replaced(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "data").mkdir()
    path = tmp_path / "data" / "secret.key"
    path.write_bytes(content)
    with pytest.raises(Sentence, match=r"secret\.key is empty or damaged\. Bring it back from a backup"):
        config.load()
    assert path.read_bytes() == content


def test_the_secret_is_on_disk_before_it_has_its_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def power_cut(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(os, "fsync", power_cut)
    with pytest.raises(KeyboardInterrupt):
        config.load()
    assert list((tmp_path / "data").iterdir()) == []
    monkeypatch.undo()
    monkeypatch.chdir(tmp_path)
    assert len(config.load().secret_key) >= secret.SHORTEST


def test_processes_that_start_at_once_have_one_secret(tmp_path: Path) -> None:
    for number in range(10):
        with ThreadPoolExecutor(8) as threads:
            found = set(threads.map(secret.kept, [tmp_path / str(number)] * 8))
        assert len(found) == 1
        assert [path.name for path in (tmp_path / str(number)).iterdir()] == ["secret.key"]


def test_a_file_system_without_hard_links_keeps_a_secret_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(*_: object) -> None:
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr(os, "link", refused)
    assert config.load().secret_key == config.load().secret_key
    assert [path.name for path in (tmp_path / "data").iterdir()] == ["secret.key"]


def test_a_short_secret_is_refused_without_being_repeated(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VIDMSG_SECRET_KEY", "hunter2")
    with pytest.raises(config.ConfigError, match="VIDMSG_SECRET_KEY: take at least 32 characters") as refused:
        config.load()
    assert "hunter2" not in str(refused.value)


@pytest.mark.parametrize("sender", ["hello", "2065550123", "+1 206 555 0123", "MG123", "+0123456789", "mg" + "0" * 32])
def test_a_sender_that_is_neither_number_nor_service_is_refused(sender: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {**TWILIO, "PUBLIC_URL": "https://texts.example", "TWILIO_FROM": sender}.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(config.ConfigError, match=r"TWILIO_FROM: write the number as \+12065550100"):
        config.load()
    monkeypatch.setenv("TWILIO_FROM", "MG" + "0a" * 16)
    assert config.load().twilio_from.startswith("MG")


@pytest.mark.parametrize(
    "address",
    ["https://a.example/texts", "https://a.example?x=1", "https://a.example/#x", "https://me@a.example", "https://a b"],
)
def test_a_public_address_with_anything_after_its_host_is_refused(
    address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PUBLIC_URL", address)
    with pytest.raises(config.ConfigError, match="PUBLIC_URL: write it as https://host"):
        config.load()


def test_a_public_address_leaves_room_in_a_text(monkeypatch: pytest.MonkeyPatch) -> None:
    longest = "https://" + "a" * 62
    assert len(f" {longest}/v/{new_token()}") <= LINK_ROOM
    monkeypatch.setenv("PUBLIC_URL", longest + "/")
    assert config.load().address == longest
    monkeypatch.setenv("PUBLIC_URL", longest + "a")
    with pytest.raises(config.ConfigError, match="at most 70 characters"):
        config.load()


def test_a_bucket_may_lie_behind_a_path(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VIDMSG_S3_ENDPOINT", "https://a.example/storage/s3/")
    assert config.load().s3_endpoint == "https://a.example/storage/s3"


def test_a_database_address_that_cannot_be_read_is_a_line_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VIDMSG_DATABASE_URL", "postgresql+psycopg://me:secret@host:port/name")
    with pytest.raises(config.ConfigError, match="VIDMSG_DATABASE_URL: write it as") as refused:
        config.load()
    assert "secret" not in str(refused.value)
