"""A check of the account is not content with half: the token that verifies hooks, the key that sends, the sender."""

from __future__ import annotations

from typing import Any

import pytest
import requests
from requests.auth import HTTPBasicAuth

from tests.unit.sms.conftest import ACCOUNT, TOKEN
from vidmsg.sms.gateway import Gateway, GatewayError
from vidmsg.sms.simulator import Simulator
from vidmsg.sms.simulator_behaviour import PRACTICE_SERVICE
from vidmsg.sms.transports import InProcess

KEY, SECRET = "SK" + "1" * 32, "the secret of the key"


class KnowsKey(InProcess):
    """A Twilio that knows an API key too, which may read everything but the account."""

    def send(self, request: requests.PreparedRequest, *args: Any, **more: Any) -> requests.Response:
        by_key = requests.Request("GET", "https://x", auth=HTTPBasicAuth(KEY, SECRET)).prepare()
        is_account = (request.url or "").endswith(f"/Accounts/{ACCOUNT}.json")
        if request.headers["Authorization"] == by_key.headers["Authorization"] and not is_account:
            HTTPBasicAuth(ACCOUNT, TOKEN)(request)
        return super().send(request, *args, **more)


@pytest.fixture
def network(simulator: Simulator) -> KnowsKey:
    return KnowsKey(simulator.wsgi)


def test_with_a_key_the_account_is_asked_with_its_own_token(simulator: Simulator, network: KnowsKey) -> None:
    told = Gateway(ACCOUNT, TOKEN, KEY, SECRET, simulator.number, network).check()
    assert told == f"The Twilio account “Practice phone” is active; texts come from {simulator.number}."


def test_a_wrong_token_beside_a_right_key_is_found(simulator: Simulator, network: KnowsKey) -> None:
    gateway = Gateway(ACCOUNT, "wrong", KEY, SECRET, simulator.number, network)
    with pytest.raises(GatewayError, match=r"TWILIO_AUTH_TOKEN.*beside an API key too"):
        gateway.check()


@pytest.mark.parametrize("service", [True, False])
def test_a_wrong_key_beside_a_right_token_is_found(simulator: Simulator, network: KnowsKey, service: bool) -> None:
    sender = PRACTICE_SERVICE if service else simulator.number
    with pytest.raises(GatewayError, match="TWILIO_API_SECRET"):
        Gateway(ACCOUNT, TOKEN, KEY, "wrong", sender, network).check()


def test_a_messaging_service_is_told_by_its_name(network: KnowsKey) -> None:
    for key, secret in ((KEY, SECRET), ("", "")):
        told = Gateway(ACCOUNT, TOKEN, key, secret, PRACTICE_SERVICE, network).check()
        assert told.endswith("texts go out through the Messaging Service “Practice service”.")


def test_a_messaging_service_of_somebody_else_is_found(network: KnowsKey) -> None:
    with pytest.raises(GatewayError, match=r"is not one of the Twilio account's\. Check TWILIO_FROM"):
        Gateway(ACCOUNT, TOKEN, "", "", "MG" + "f" * 32, network).check()


def test_a_trial_account_shows_with_a_key_too(simulator: Simulator, network: KnowsKey) -> None:
    assert not Gateway(ACCOUNT, TOKEN, KEY, SECRET, simulator.number, network).is_trial()
