"""Clock, tokens and logs."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest

from vidmsg import clock, logs, tokens


def test_a_test_moves_time_for_every_process_by_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    offset = tmp_path / "offset"
    offset.write_text("86400")
    before = clock.now()
    monkeypatch.setenv("VIDMSG_CLOCK_FILE", str(offset))
    assert dt.timedelta(hours=23, minutes=59) < clock.now() - before < dt.timedelta(hours=24, minutes=1)


def test_now_is_aware_and_in_utc() -> None:
    assert clock.now().utcoffset() == dt.timedelta(0)


def test_ten_thousand_tokens_are_long_and_never_repeat() -> None:
    made = {tokens.new_token() for _ in range(10_000)}
    assert len(made) == 10_000
    assert all(len(token) == 22 and token.replace("-", "").replace("_", "").isalnum() for token in made)


def test_only_the_digest_of_a_secret_is_kept() -> None:
    secret = tokens.new_token()
    assert secret not in tokens.digest(secret)
    assert tokens.matches(secret, tokens.digest(secret))
    assert not tokens.matches(secret + "x", tokens.digest(secret))


@pytest.mark.parametrize(
    ("event", "hidden"),
    [
        ({"phone": "+12065550142"}, "2065550142"),
        ({"event": "text to +1 (206) 555-0142 failed"}, "555-0142"),
        ({"event": "GET /v/7Kq2mX9cTe7Kq2mX9cTe77"}, "7Kq2mX9cTe"),
        ({"event": "GET /feed/7Kq2mX9cTe7Kq2mX9cTe77.ics"}, "7Kq2mX9cTe"),
        ({"event": "PATCH /uploads/abc/7Kq2mX9cTe7Kq2mX9cTe77"}, "7Kq2mX9cTe"),
        ({"body": "Hi Maria"}, "Maria"),
    ],
)
def test_logs_hold_no_numbers_tokens_or_bodies(event: dict[str, str], hidden: str) -> None:
    assert hidden not in str(logs.scrub(None, "info", dict(event)))


def test_a_line_break_cannot_forge_a_log_line() -> None:
    assert "\n" not in str(logs.scrub(None, "info", {"event": "a\nb"})["event"])


def test_ids_and_moments_stay_readable() -> None:
    event = {"id": "7Kq2mX9cTe7Kq2mX9cTe77", "timestamp": "2026-11-22T01:02:03.123456Z", "event": "job done"}
    assert logs.scrub(None, "info", dict(event)) == event
