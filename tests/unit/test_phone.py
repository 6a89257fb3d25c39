"""Numbers in any usual spelling; a wrong one is refused with the reason."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from tests.conftest import CORPUS
from vidmsg import phone


@pytest.mark.parametrize(
    "text", ["(206) 555-0142", "206-555-0142", "+1 206 555 0142", "1.206.555.0142", " 2065550142 "]
)
def test_any_usual_spelling_becomes_one_number(text: str) -> None:
    assert phone.parse(text, "US") == "+12065550142"


@pytest.mark.parametrize(
    ("text", "code", "part"),
    [
        ("", "empty", "Write the number"),
        ("206 555 01", "too_short", "two digits short"),
        ("206 555 014", "too_short", "one digit short"),
        ("206 555 01423 44", "too_long", "too many digits"),
        ("hello", "not_a_number", "isn't a phone number"),
        ("+999 1234567", "country", "No country"),
        ("206-555-0142 ext. 12", "extension", "extension"),
        ("1" * 100, "too_long", "too long"),
    ],
)
def test_a_wrong_number_is_refused_with_the_reason(text: str, code: str, part: str) -> None:
    with pytest.raises(phone.WrongNumber) as refused:
        phone.parse(text, "US")
    assert refused.value.code == code
    assert part in refused.value.message


def test_a_number_is_shown_as_people_write_it() -> None:
    assert phone.pretty("+12065550142", "US") == "(206) 555-0142"
    assert phone.pretty("+12065550142", "DE") == "+1 206-555-0142"


def test_zones_follow_from_the_number() -> None:
    assert phone.zones("+13125550142") == ("America/Chicago",)
    assert len(phone.zones("+18005550142")) > 1


def _cases(name: str) -> list[dict[str, str]]:
    path = CORPUS / "phones" / name
    return json.loads(path.read_text(encoding="utf-8")) if path.exists() else [{"id": "absent"}]


@pytest.mark.corpus
@pytest.mark.parametrize("case", _cases("parse.json"), ids=lambda case: case["id"])
def test_spellings_of_the_corpus(case: dict[str, object]) -> None:
    textable = (
        case["valid"]
        and not case["extension"]
        and case["type"] not in {"fixed_line", "premium_rate", "shared_cost", "pager", "uan", "voicemail"}
    )
    if textable:
        assert phone.parse(str(case["text"]), str(case["region"])) == case["e164"]
    else:
        with pytest.raises(phone.WrongNumber):
            phone.parse(str(case["text"]), str(case["region"]))


@pytest.mark.corpus
@pytest.mark.parametrize("case", _cases("refuse.json"), ids=lambda case: case["id"])
def test_refusals_of_the_corpus(case: dict[str, str]) -> None:
    with pytest.raises(phone.WrongNumber):
        phone.parse(case["text"], case["region"])


def test_the_refusal_passes_through_a_transaction_unharmed() -> None:
    @contextmanager
    def transaction() -> Iterator[None]:
        yield

    with pytest.raises(phone.WrongNumber), transaction():
        phone.parse("hello", "US")
