"""Which passwords are refused, and that good ones pass."""

from __future__ import annotations

import pytest

from vidmsg.accounts.passwords import reason_against


@pytest.mark.parametrize(
    "password",
    [
        "correct horse battery",
        "three small boats",
        "zwölf graue Gänse",
        "Tq9#mVx2!pLw",
        "猫が窓から外を見ている午後です",
    ],
)
def test_a_good_password_passes(password: str) -> None:
    assert reason_against(password) is None


@pytest.mark.parametrize(
    "password",
    [
        "password1234",
        "Password2024!",
        "P@ssw0rd!P@ssw0rd",
        "qwertyuiop123",
        "iloveyou-2025",
        "letmeinletmein",
        "Welcome12345!",
        "correcthorsebatterystaple",
        "123456789012",
        "2024-05-17-2024",
    ],
)
def test_what_everybody_tries_first_is_refused(password: str) -> None:
    assert reason_against(password)


@pytest.mark.parametrize(
    "password", ["aaaaaaaaaaaaa", "abcabcabcabcabc", "abababababab", "abcdefghijkl", "zyxwvutsrqpo"]
)
def test_repeating_and_counting_is_refused(password: str) -> None:
    assert "easy to guess" in (reason_against(password) or "")


def test_eleven_characters_are_too_few_and_129_too_many() -> None:
    assert "at least 12" in (reason_against("x7#kQ9!mZ2p") or "")
    assert "at most 128" in (reason_against("correct horse battery " * 6) or "")


@pytest.mark.parametrize("password", ["alicearcher99", "Harbor-Spa-2026", "alice@harborspa"])
def test_a_password_made_of_own_words_is_refused(password: str) -> None:
    assert "your own name" in (reason_against(password, ("alice", "Alice Archer", "Harbor Spa")) or "")


def test_own_words_among_others_are_fine() -> None:
    assert reason_against("alice counts seven herons", ("alice", "Alice Archer")) is None
