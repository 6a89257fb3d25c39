"""Faults on demand: what the caller of the simulated Twilio sees of each, and what the judge's log holds after it."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
import requests
from werkzeug.test import Client

from vidmsg import clock
from vidmsg.database import make_engine
from vidmsg.sms import simulator_server
from vidmsg.sms.gateway import Gateway, GatewayError, ListingFailed, RefusedFinal, RefusedRetry, Unclear
from vidmsg.sms.simulator import Simulator
from vidmsg.sms.simulator_behaviour import PRACTICE_NUMBER
from vidmsg.sms.simulator_server import Server
from vidmsg.sms.simulator_store import Store
from vidmsg.sms.transports import InProcess

ACCOUNT, TOKEN = "AC" + "0" * 32, "a token for tests only"
MARIA, TOM = "+12025550123", "+12025550124"
HOOK = "http://127.0.0.1:9/hooks/status"
Order = Callable[..., None]


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    engine = make_engine(f"sqlite:///{tmp_path / 'twilio.db'}")
    yield Server(Simulator(Store.on(engine), ACCOUNT, TOKEN, pace=dt.timedelta()))
    engine.dispose()


@pytest.fixture
def gateway(server: Server) -> Gateway:
    return Gateway(ACCOUNT, TOKEN, "", "", PRACTICE_NUMBER, InProcess(server))


@pytest.fixture
def order(server: Server) -> Order:
    def _order(*following: dict[str, str], **plan: Any) -> None:
        answer = Client(server).post("/faults", json={"next": following, **plan})
        assert answer.status_code == 200, answer.text

    return _order


@pytest.fixture
def heard(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The statuses that were told by callbacks, in order."""
    told: list[str] = []

    def post(_url: str, form: Mapping[str, str], _headers: Mapping[str, str]) -> int:
        told.append(form["MessageStatus"])
        return 204

    monkeypatch.setattr(simulator_server, "_post", post)
    return told


def send(gateway: Gateway, to: str = MARIA) -> str:
    return gateway.send(to, "Hello", HOOK, 60).sid


def accepted(server: Server, to: str = MARIA) -> list[str]:
    answer = Client(server).get("/log", query_string={"to": to})
    return [one["sid"] for one in json.loads(answer.text)["texts"]]


@pytest.mark.parametrize(
    ("fault", "error", "texts"),
    [
        ("refused", RefusedFinal, 0),
        ("busy", RefusedRetry, 0),
        ("broken_before", Unclear, 0),
        ("broken_after", Unclear, 1),
        ("half", Unclear, 1),
        ("garbled", Unclear, 1),
    ],
)
def test_each_fault_is_seen_once(
    server: Server, gateway: Gateway, order: Order, fault: str, error: type[Exception], texts: int
) -> None:
    order({"on": "send", "fault": fault})
    with pytest.raises(error):
        send(gateway)
    assert len(accepted(server)) == texts
    assert send(gateway) in accepted(server)


def test_a_wrong_sid_is_none_of_the_texts(server: Server, gateway: Gateway, order: Order) -> None:
    order({"on": "send", "fault": "wrong_sid"})
    assert send(gateway) not in accepted(server)
    assert len(accepted(server)) == 1


def test_a_slow_answer_comes_after_its_time(gateway: Gateway, order: Order, server: Server) -> None:
    order({"on": "send", "fault": "slow"}, slow_s=0.0)
    assert [send(gateway)] == accepted(server)


def test_a_late_text_is_accepted_when_its_moment_comes(
    server: Server, gateway: Gateway, order: Order, monkeypatch: pytest.MonkeyPatch
) -> None:
    order({"on": "send", "fault": "late"}, late_s=300)
    with pytest.raises(Unclear):
        send(gateway)
    assert gateway.find(MARIA, "Hello", clock.now()) == []
    later = clock.now() + dt.timedelta(seconds=301)
    monkeypatch.setattr(clock, "now", lambda: later)
    assert len(gateway.find(MARIA, "Hello", clock.now())) == 1


def test_a_fault_for_one_number_spares_the_others(gateway: Gateway, order: Order) -> None:
    order({"on": "send", "fault": "busy", "to": TOM})
    assert send(gateway, MARIA)
    with pytest.raises(RefusedRetry):
        send(gateway, TOM)


def test_a_stale_list_hides_what_is_new(gateway: Gateway, order: Order) -> None:
    send(gateway)
    order({"on": "list", "fault": "stale"}, stale_s=60)
    assert gateway.find(MARIA, "Hello", clock.now()) == []
    assert len(gateway.find(MARIA, "Hello", clock.now())) == 1


def test_list_and_question_may_fail(gateway: Gateway, order: Order) -> None:
    sid = send(gateway)
    order({"on": "list", "fault": "broken"}, {"on": "fetch", "fault": "broken"})
    with pytest.raises(ListingFailed):
        gateway.find(MARIA, "Hello", clock.now())
    with pytest.raises(GatewayError):
        gateway.fetch(sid)
    assert gateway.fetch(sid).sid == sid


@pytest.mark.parametrize(
    ("fault", "told"),
    [
        ("", ["sent", "delivered"]),
        ("lost", ["delivered"]),
        ("doubled", ["sent", "sent", "delivered"]),
        ("reordered", ["delivered", "sent"]),
    ],
)
def test_callbacks_may_be_lost_doubled_and_reordered(
    server: Server, gateway: Gateway, order: Order, heard: list[str], fault: str, told: list[str]
) -> None:
    if fault:
        order({"on": "callback", "fault": fault})
    sid = send(gateway)
    server.deliver_due()
    server.deliver_due()
    assert heard == told
    assert gateway.fetch(sid).status == "delivered"


def test_a_callback_that_nobody_takes_is_tried_again_and_then_given_up(
    server: Server, gateway: Gateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    tries = []

    def refuse(url: str, _form: Mapping[str, str], _headers: Mapping[str, str]) -> int:
        tries.append(url)
        raise requests.ConnectionError

    monkeypatch.setattr(simulator_server, "_post", refuse)
    monkeypatch.setattr(simulator_server, "RETRY_AFTER", dt.timedelta())
    send(gateway)
    for _ in range(4):
        server.deliver_due()
    assert len(tries) == 2 * simulator_server.TRIES


def test_chances_are_drawn_the_same_for_the_same_seed(server: Server, order: Order) -> None:
    def drawn(seed: str) -> list[str | None]:
        order(chances={"send": {"busy": 0.1, "half": 0.1}}, seed=seed)
        return [server.faults.draw("send", MARIA) for _ in range(500)]

    assert drawn("7") == drawn("7") != drawn("8")
    assert 60 < sum(fault is not None for fault in drawn("7")) < 140


@pytest.mark.parametrize(
    "plan", [{"next": [{"on": "send", "fault": "lost"}]}, {"chances": {"list": {"busy": 1}}}, {"n": 1}]
)
def test_a_fault_that_there_is_not_is_refused(server: Server, plan: dict[str, Any]) -> None:
    assert Client(server).post("/faults", json=plan).status_code == 400
