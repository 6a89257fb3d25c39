"""Connecting an account: what is found, what is set, whether a first text arrives."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import sqlalchemy as sa
from click.testing import CliRunner

from vidmsg import sms
from vidmsg.cli import cli
from vidmsg.errors import Sentence
from vidmsg.sms import connecting
from vidmsg.sms.gateway import Gateway
from vidmsg.sms.models import SimulatedCall
from vidmsg.sms.simulator import Simulator
from vidmsg.sms.transports import InProcess

BASE = "https://texts.example"
ME = "+12065550177"


@pytest.fixture
def arrives(simulator: Simulator) -> Callable[[float], None]:
    """While somebody waits, the network does what it owes."""

    def wait(_seconds: float) -> None:
        with simulator.store.reading() as session:
            owed = list(session.scalars(sa.select(SimulatedCall).order_by(SimulatedCall.id)))
        for call in owed:
            simulator.deliver(call, lambda *_: 204)

    return wait


def test_an_account_whose_number_does_not_lead_here_says_so_until_it_does(gateway: Gateway) -> None:
    before = connecting.look(gateway, BASE)
    assert [finding.sentence for finding in before if finding.works is False] == [
        f"Texts and calls to {gateway.sender} do not come here yet."
    ]
    number = connecting.ours(gateway)
    assert number
    connecting.point(gateway, number, BASE)
    assert all(finding.works is not False for finding in connecting.look(gateway, BASE))
    pointed = connecting.ours(gateway)
    assert pointed
    assert (pointed.texts_to, pointed.calls_to) == (f"{BASE}/hooks/twilio/inbound", f"{BASE}/hooks/twilio/voice")


def test_a_messaging_service_is_set_in_the_console(simulator: Simulator) -> None:
    service = Gateway(simulator.account_sid, simulator.auth_token, "", "", "MG" + "0" * 32, InProcess(simulator.wsgi))
    told = [finding.sentence for finding in connecting.look(service, BASE)]
    assert any(f"{BASE}/hooks/twilio/inbound in Twilio's console" in sentence for sentence in told)
    assert connecting.ours(service) is None


def test_the_first_text_arrives_and_is_waited_for(gateway: Gateway, arrives: Callable[[float], None]) -> None:
    found = connecting.try_text(gateway, ME, arrives)
    assert (found.works, found.sentence) == (True, "The text arrived.")


@pytest.mark.parametrize(
    "base", ["http://texts.example", "https://localhost:8000", "https://10.0.0.7", "https://pi.local"]
)
def test_an_address_that_twilio_can_not_reach_is_missing(gateway: Gateway, base: str) -> None:
    missing = [finding.sentence for finding in connecting.look(gateway, base) if finding.works is False]
    assert any("PUBLIC_URL" in sentence for sentence in missing)


def test_a_text_that_never_arrives_is_told_with_its_last_state(gateway: Gateway) -> None:
    waited: list[float] = []
    found = connecting.try_text(gateway, ME, waited.append)
    assert not found.works
    assert "still queued after 90 s" in found.sentence
    assert sum(waited) > connecting.PATIENCE_S


@pytest.fixture
def installation(monkeypatch: pytest.MonkeyPatch, simulator: Simulator, tmp_path: Any, gateway: Gateway) -> None:
    """Settings of a real account, whose network is the simulated one."""
    monkeypatch.chdir(tmp_path)
    for name, value in {
        "TWILIO_ACCOUNT_SID": simulator.account_sid,
        "TWILIO_AUTH_TOKEN": simulator.auth_token,
        "TWILIO_FROM": simulator.number,
        "PUBLIC_URL": BASE,
    }.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr("vidmsg.sms.connect_command.real_gateway", lambda _settings: gateway)


def test_the_command_asks_before_it_sets_anything(installation: None, gateway: Gateway) -> None:
    refused = CliRunner().invoke(cli, ["sms", "connect"], input="n\n")
    assert "MISSING  Texts and calls" in refused.output
    assert "look     US networks ask for a registration" in refused.output
    number = connecting.ours(gateway)
    assert number
    assert not connecting.is_pointed(number, BASE)
    agreed = CliRunner().invoke(cli, ["sms", "connect"], input="y\n")
    assert "come here now" in agreed.output
    number = connecting.ours(gateway)
    assert number
    assert connecting.is_pointed(number, BASE)


def test_a_number_is_not_pointed_at_an_address_that_twilio_can_not_reach(
    installation: None, gateway: Gateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PUBLIC_URL", "https://localhost:8000")
    told = CliRunner().invoke(cli, ["sms", "connect", "--yes"])
    assert "MISSING  Twilio can't reach https://localhost:8000." in told.output
    number = connecting.ours(gateway)
    assert number
    assert (number.texts_to, number.calls_to) == ("", "")


@pytest.mark.parametrize("to", ["+44 7400 123456", "+1 206 555 0177"])
def test_a_number_to_try_is_of_any_country(installation: None, monkeypatch: pytest.MonkeyPatch, to: str) -> None:
    tried: list[str] = []
    monkeypatch.setattr(
        connecting, "try_text", lambda _, number: tried.append(number) or connecting.Finding(True, "The text arrived.")
    )
    assert "The text arrived." in CliRunner().invoke(cli, ["sms", "connect", "--yes", "--to", to]).output
    assert tried == [to.replace(" ", "")]


def test_a_number_to_try_without_its_country_is_asked_for_before_anything_is_set(
    installation: None, gateway: Gateway
) -> None:
    found = CliRunner().invoke(cli, ["sms", "connect", "--yes", "--to", "206 555 0177"])
    assert "Begin with + and the country" in str(found.exception)
    number = connecting.ours(gateway)
    assert number
    assert not connecting.is_pointed(number, BASE)


def test_without_an_account_it_says_what_to_set_first(tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    found = CliRunner().invoke(cli, ["sms", "connect"])
    assert isinstance(found.exception, Sentence)
    assert "TWILIO_ACCOUNT_SID" in str(found.exception)


def test_a_wrong_number_to_try_is_told_in_a_sentence(installation: None) -> None:
    found = CliRunner().invoke(cli, ["sms", "connect", "--yes", "--to", "12"])
    assert isinstance(found.exception, Sentence)


def test_the_gateway_of_real_settings_is_made_of_them(installation: None) -> None:
    from vidmsg import config

    made = sms.real_gateway(config.load())
    assert made.account_sid.startswith("AC")
