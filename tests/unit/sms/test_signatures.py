"""Who signed a hook."""

from __future__ import annotations

import json
from typing import Any

import pytest
from werkzeug.datastructures import MultiDict

from tests.conftest import CORPUS
from vidmsg.sms.gateway import Gateway
from vidmsg.sms.simulator import Simulator

URL = "https://hi.example.com/hooks/twilio/inbound?a=1"
FORM = MultiDict([("Body", "Danke schön 🎂"), ("From", "+12025550123"), ("MessageSid", "SM0")])


def table() -> list[Any]:
    path = CORPUS / "twilio" / "signatures.json"
    if not path.is_file():
        return [pytest.param({}, id="no corpus")]
    return [pytest.param(case, id=case["name"]) for case in json.loads(path.read_text())]


@pytest.mark.corpus
@pytest.mark.parametrize("case", table())
def test_twilios_own_cases(case: dict[str, Any]) -> None:
    door = Gateway("AC0", case["token"], "", "", "+12065550199")
    form = case["body"] if case["body"] is not None else MultiDict(case["params"])
    assert door.signed(case["url"], form, case["signature"]) is case["valid"]


@pytest.fixture
def signature() -> str:
    return Simulator(None, "AC0", "token").sign(URL, FORM)  # type: ignore[arg-type]


@pytest.fixture
def door() -> Gateway:
    return Gateway("AC0", "token", "", "", "+12065550199")


def test_the_simulator_signs_as_twilio_does(door: Gateway, signature: str) -> None:
    assert door.signed(URL, FORM, signature)


@pytest.mark.parametrize("forged", [None, "", "x", "ünïcode", "A" * 28])
def test_a_forged_or_missing_signature_is_refused(door: Gateway, forged: str | None) -> None:
    assert not door.signed(URL, FORM, forged)


def test_another_form_address_or_token_does_not_fit_the_signature(door: Gateway, signature: str) -> None:
    assert not door.signed(URL, MultiDict([*FORM.items(multi=True), ("Extra", "1")]), signature)
    assert not door.signed(URL + "&b=2", FORM, signature)
    assert not Gateway("AC0", "another", "", "", "+12065550199").signed(URL, FORM, signature)


def test_a_fragment_of_the_address_may_be_signed_or_not(door: Gateway, signature: str) -> None:
    assert door.signed(URL + "#rc=2&rp=all", FORM, signature)
    with_fragment = Simulator(None, "AC0", "token").sign(URL + "#rc=2&rp=all", FORM)  # type: ignore[arg-type]
    assert door.signed(URL + "#rc=2&rp=all", FORM, with_fragment)


def test_requests_may_use_an_api_key_but_hooks_are_signed_with_the_auth_token(signature: str) -> None:
    assert Gateway("AC0", "token", "SK0", "secret", "+12065550199").signed(URL, FORM, signature)
