"""How texts are counted and made plain."""

from __future__ import annotations

import json
from typing import Any

import pytest
from click.testing import CliRunner

from tests.conftest import CORPUS
from vidmsg.sms.commands import sms
from vidmsg.sms.segments import Count, count, plain


def table(name: str) -> list[Any]:
    path = CORPUS / "sms" / name
    if not path.is_file():  # the marker skips the test; there is nothing to spread
        return [pytest.param({}, id="no corpus")]
    return [pytest.param(case, id=case["id"]) for case in json.loads(path.read_text())]


@pytest.mark.corpus
@pytest.mark.parametrize("case", table("segments.json"))
def test_texts_are_counted_as_twilio_counts_them(case: dict[str, Any]) -> None:
    found = count(case["text"])
    assert (found.encoding, found.segments) == (case["encoding"], case["segments"])
    assert found.characters == case.get("characters", found.characters)


@pytest.mark.corpus
@pytest.mark.parametrize("case", table("smart_encoding.json"))
def test_lookalikes_become_what_twilio_makes_of_them(case: dict[str, Any]) -> None:
    assert plain(case["text"]) == case["becomes"]


@pytest.mark.parametrize(
    ("text", "encoding", "segments", "characters"),
    [
        ("", "GSM-7", 1, 0),
        ("a" * 160, "GSM-7", 1, 160),
        ("a" * 161, "GSM-7", 2, 161),
        ("a" * 306, "GSM-7", 2, 306),
        ("a" * 307, "GSM-7", 3, 307),
        ("€" * 80, "GSM-7", 1, 80),
        ("€" * 81, "GSM-7", 2, 81),
        ("a" * 152 + "€" + "a" * 7, "GSM-7", 2, 160),
        ("a" * 152 + "€" + "a" * 152, "GSM-7", 3, 305),  # the escape pair moves to the second segment whole
        ("ж" * 70, "UCS-2", 1, 70),
        ("ж" * 71, "UCS-2", 2, 71),
        ("ж" * 134, "UCS-2", 2, 134),
        ("ж" * 135, "UCS-2", 3, 135),
        ("ж" * 66 + "🎂" + "ж" * 66, "UCS-2", 3, 133),  # an emoji isn't torn
        ("🎂", "UCS-2", 1, 1),
        ("👍🏽", "UCS-2", 1, 1),
        ("👩‍👩‍👧‍👦", "UCS-2", 1, 1),
        ("🇩🇪🇫🇷", "UCS-2", 1, 2),
        ("e\u0301" * 2, "UCS-2", 1, 2),
        ("\udcff", "UCS-2", 1, 1),  # a byte that isn't text, as a shell passes it
    ],
)
def test_boundaries(text: str, encoding: str, segments: int, characters: int) -> None:
    assert count(text) == Count(encoding, segments, characters)


@pytest.mark.parametrize(
    ("text", "becomes"),
    [
        ("“It’s time” – hurry…", '"It\'s time" - hurry...'),
        ("10\u00a0am", "10 am"),
        ("cafe\u0301", "café"),  # composed first, so that the accent survives
        ("manana n\u0303", "manana ñ"),
        ("Grüße, señor", "Grüße, señor"),
        ("one\r\ntwo", "one\r\ntwo"),
        ("zero\u200bwidth", "zerowidth"),
        ("It’s your day 🎂", "It’s your day 🎂"),  # UCS-2 anyway: the typography costs nothing
        ("生日快乐！", "生日快乐！"),
        ("bell\a and 🎂", "bell and 🎂"),
    ],
)
def test_a_text_is_made_plain_where_that_saves_money(text: str, becomes: str) -> None:
    assert plain(text) == becomes


def test_plain_text_stays_as_it_is() -> None:
    text = "Dear Maria, all the best! {~} [€5] \\o/ | ^\nBob"
    assert plain(text) == text


def test_one_curly_quote_would_have_cost_a_segment() -> None:
    text = "It’s " + "a" * 100
    assert count(text).segments == 2
    assert count(plain(text)).segments == 1


def test_the_command_tells_it_in_json() -> None:
    result = CliRunner().invoke(sms, ["count", "--json", "Hello 🎂"])
    assert result.exit_code == 0
    assert json.loads(result.output) == {"encoding": "UCS-2", "segments": 1, "characters": 7}


def test_the_command_tells_it_in_words() -> None:
    result = CliRunner().invoke(sms, ["count", "a" * 161])
    assert result.output == "GSM-7, 2 segments, 161 characters\n"
