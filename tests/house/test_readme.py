"""The README tells what the code says."""

from __future__ import annotations

from pathlib import Path

from vidmsg import config

ROOT = Path(__file__).resolve().parent.parent.parent


def test_the_settings_table_is_the_one_that_the_code_makes() -> None:
    assert config.table() in (ROOT / "README.md").read_text(encoding="utf-8"), (
        "renew the table: python -m vidmsg settings --markdown"
    )
