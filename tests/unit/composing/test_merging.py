"""Merge fields: what a template may hold, and that nobody ever gets a blank or a brace."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st

from vidmsg.composing import merging
from vidmsg.composing.merging import WrongTemplate

MARIA = {
    "first_name": "Maria", "years": "5", "ordinal": "5th", "occasion": "anniversary", "rep_first_name": "Bob",
    "organisation": "Harbor Spa",
}  # fmt: skip


@pytest.fixture(autouse=True)
def _request(app: Flask) -> Iterator[None]:
    with app.test_request_context():
        yield


def test_fields_become_what_is_known_and_the_link_comes_later() -> None:
    text = "Hi {first_name}, happy {ordinal} {occasion}! {rep_first_name}, {organisation} {link}"
    assert merging.fill(text, MARIA) == "Hi Maria, happy 5th anniversary! Bob, Harbor Spa"


def test_other_words_stand_in_for_what_nobody_knows() -> None:
    text = "Happy {ordinal|very special} day, { first_name | friend }"
    assert merging.fill(text, {"first_name": None}) == "Happy very special day, friend"
    assert merging.fill(text, MARIA) == "Happy 5th day, Maria"


def test_a_field_that_nobody_knows_is_named_and_nothing_is_filled() -> None:
    with pytest.raises(WrongTemplate, match="years") as refused:
        merging.fill("{years} years!", {**MARIA, "years": ""})
    assert refused.value.fields == ("years",)
    assert merging.missing("{years} {ordinal} {link}", {}) == ("years", "ordinal")


@pytest.mark.parametrize(
    ("text", "told"),
    [("Hi {name}", "no field “name”"), ("Hi {}", "no field"), ("Hi {first_name", "brace stands alone"),
     ("Hi first_name}", "brace stands alone"), ("{{first_name}}", "brace stands alone"),
     ("See {link} today", "at the very end"), ("{link} {link}", "at the very end")],
)  # fmt: skip
def test_a_template_that_cannot_work_is_refused_with_the_reason(text: str, told: str) -> None:
    with pytest.raises(WrongTemplate, match=told):
        merging.fields_of(text)


@pytest.mark.parametrize(
    ("number", "said"), [(1, "1st"), (2, "2nd"), (3, "3rd"), (4, "4th"), (11, "11th"), (12, "12th"), (21, "21st"),
                         (50, "50th"), (111, "111th"), (122, "122nd")]
)  # fmt: skip
def test_years_are_counted_as_people_say_them(number: int, said: str) -> None:
    assert merging.ordinal(number) == said


@given(
    st.text("{}|abfirst_nameyears link", max_size=60),
    st.dictionaries(st.sampled_from(merging.FIELDS), st.text(max_size=8)),
)
def test_whatever_is_written_nobody_gets_a_brace(text: str, values: dict[str, str]) -> None:
    try:
        filled = merging.fill(text, values)
    except WrongTemplate:
        return
    assert "{" not in filled
    assert "}" not in filled
