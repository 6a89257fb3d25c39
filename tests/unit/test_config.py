"""Settings: defaults that work, and a clear failure at start that lists every mistake."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from vidmsg import config

TWILIO = {"TWILIO_ACCOUNT_SID": "AC" + "0" * 32, "TWILIO_AUTH_TOKEN": "x", "TWILIO_FROM": "+12065550123"}


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def test_the_defaults_work_without_any_setting(tmp_path: Path) -> None:
    loaded = config.load()
    assert loaded.practice
    assert loaded.address == "http://localhost:8000"
    assert loaded.database == f"sqlite:///{tmp_path / 'data' / 'vidmsg.db'}"


def test_a_dotenv_file_is_honoured(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("PORT=9123\nVIDMSG_DATA=elsewhere\n")
    loaded = config.load()
    assert (loaded.port, loaded.data_dir) == (9123, Path("elsewhere"))


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
