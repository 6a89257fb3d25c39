"""What leaves through the SDK, and what the simulator answers, is what Twilio publishes."""

from __future__ import annotations

import datetime as dt
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest
import requests
import sqlalchemy as sa
from requests.auth import HTTPBasicAuth
from werkzeug import Request, Response
from werkzeug.serving import make_server

from tests.contract.sms.conftest import ACCOUNT, MARIA, TOKEN, Watched
from tests.contract.sms.processes import SimulatorProcess
from tests.server import wait_for
from vidmsg.sms.gateway import Gateway, RefusedFinal
from vidmsg.sms.models import SimulatedCall
from vidmsg.sms.simulator import Simulator
from vidmsg.sms.simulator_behaviour import PRACTICE_NUMBER
from vidmsg.sms.transports import Elsewhere, InProcess

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

LONG_AGO = dt.datetime(2000, 1, 1, tzinfo=dt.UTC)
Fits = Callable[[requests.PreparedRequest, requests.Response], None]


def send(gateway: Gateway, body: str = "Happy birthday!", to: str = MARIA, **more: str) -> str:
    return gateway.send(to, body, "http://127.0.0.1:9/hooks/twilio/status/m/a", 14_400, **more).sid


def test_a_text_its_fetching_and_its_listing_fit(gateway: Gateway, network: Watched, fits: Fits) -> None:
    sid = send(gateway)
    gateway.fetch(sid)
    gateway.find(MARIA, "birthday", LONG_AGO)
    assert len(network.exchanges) == 3
    for asked, answer in network.exchanges:
        assert answer.status_code < 300
        fits(asked, answer)


def test_a_text_with_a_picture_fits(gateway: Gateway, network: Watched, fits: Fits) -> None:
    sid = send(gateway, media_url="https://hi.example.com/poster.jpg")
    assert sid.startswith("MM")
    fits(*network.exchanges[0])


def test_a_text_by_a_messaging_service_fits(network: Watched, fits: Fits) -> None:
    gateway = Gateway(ACCOUNT, TOKEN, "", "", "MG" + "0" * 32, network)
    sent = gateway.send(MARIA, "Hello", "http://127.0.0.1:9/x", 60)
    assert sent.status == "accepted"
    fits(*network.exchanges[0])


def test_the_account_and_its_number_fit(gateway: Gateway, network: Watched, fits: Fits) -> None:
    assert PRACTICE_NUMBER in gateway.check()
    assert len(network.exchanges) == 2
    for asked, answer in network.exchanges:
        fits(asked, answer)


def test_a_number_is_pointed_here_as_the_contract_wants_it(gateway: Gateway, network: Watched, fits: Fits) -> None:
    (number,) = gateway.numbers()
    gateway.point(number, "https://hi.example.com/texts", "https://hi.example.com/calls")
    assert gateway.numbers()[0].texts_to == "https://hi.example.com/texts"
    for asked, answer in network.exchanges:
        fits(asked, answer)


def test_texts_that_came_back_fit_too(simulator: Simulator, fits: Fits) -> None:
    network = Watched(InProcess(simulator.wsgi))
    simulator.reply(MARIA, "Thank you!", "https://hi.example.com/hooks/twilio/inbound")
    gateway = Gateway(ACCOUNT, TOKEN, "", "", PRACTICE_NUMBER, network)
    assert [one.direction for one in gateway.find(PRACTICE_NUMBER, "Thank", LONG_AGO)] == ["inbound"]
    fits(*network.exchanges[0])


def test_every_page_of_a_long_list_fits_and_nothing_is_missed(
    simulator: Simulator,
    fits: Fits,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("vidmsg.sms.gateway.PAGE_SIZE", 2)
    network = Watched(InProcess(simulator.wsgi))
    gateway = Gateway(ACCOUNT, TOKEN, "", "", PRACTICE_NUMBER, network)
    sids = {send(gateway, f"text {number}") for number in range(5)}
    send(gateway, "text to somebody else", to="+14155550132")
    network.exchanges.clear()
    assert {one.sid for one in gateway.find(MARIA, "text", LONG_AGO)} == sids
    assert len(network.exchanges) == 3
    for asked, answer in network.exchanges:
        fits(asked, answer)


def test_redacting_and_deleting_fit_once_a_text_has_ended(simulator: Simulator, fits: Fits) -> None:
    network = Watched(InProcess(simulator.wsgi))
    gateway = Gateway(ACCOUNT, TOKEN, "", "", PRACTICE_NUMBER, network)
    text = gateway._client.messages(send(gateway))
    for call in owed(simulator):
        simulator.deliver(call, lambda *_: 204)
    network.exchanges.clear()
    assert text.update(body="").body == ""
    assert text.delete()
    for asked, answer in network.exchanges:
        fits(asked, answer)


def test_a_refusal_has_twilios_code_words_and_status(gateway: Gateway, network: Watched) -> None:
    with pytest.raises(RefusedFinal):
        send(gateway, to="+15005550001")
    answer = network.exchanges[0][1]
    assert answer.status_code == 400
    told = answer.json()
    assert set(told) == {"code", "message", "more_info", "status"}
    assert (told["code"], told["status"]) == (21211, 400)


@pytest.mark.parametrize(
    ("user", "password", "status"),
    [
        (ACCOUNT, "another token", 401),
        ("AC" + "f" * 32, TOKEN, 401),
        (ACCOUNT, TOKEN, 404),
    ],
)
def test_strangers_get_nothing(network: Watched, user: str, password: str, status: int) -> None:
    Gateway(ACCOUNT, TOKEN, "", "", PRACTICE_NUMBER, network).check()  # a process learns its account from it
    with requests.Session() as session:
        session.mount("https://", network)
        url = f"https://api.twilio.com/2010-04-01/Accounts/AC{'f' * 32}/Messages.json"
        assert session.get(url, auth=HTTPBasicAuth(user, password)).status_code == status


def test_a_process_delivers_its_texts_by_itself(process: SimulatorProcess) -> None:
    gateway = Gateway(ACCOUNT, TOKEN, "", "", PRACTICE_NUMBER, Elsewhere(process.url))
    sid = send(gateway)
    wait_for(lambda: gateway.fetch(sid).status == "delivered", "the text is delivered")


def test_a_process_makes_its_webhooks_by_http_and_signs_them(process: SimulatorProcess) -> None:
    heard: list[tuple[dict[str, str], str]] = []

    def hook(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        request = Request(environ)
        heard.append((request.form.to_dict(), request.headers["X-Twilio-Signature"]))
        return Response(status=204)(environ, start_response)

    gateway = Gateway(ACCOUNT, TOKEN, "", "", PRACTICE_NUMBER, Elsewhere(process.url))
    gateway.check()  # the process learns its account from it
    with serving(hook) as url:
        gateway.send(MARIA, "Hello", f"{url}/hook", 60)
        wait_for(lambda: len(heard) == 2, "two statuses")
        requests.post(f"{process.url}/reply", data={"From": MARIA, "Body": "Thanks!", "Url": f"{url}/hook"}, timeout=5)
        wait_for(lambda: len(heard) == 3, "the reply")
    assert [form.get("MessageStatus") or form["Body"] for form, _ in heard] == ["sent", "delivered", "Thanks!"]
    assert all(gateway.signed(f"{url}/hook", form, signature) for form, signature in heard)


@contextmanager
def serving(application: WSGIApplication) -> Iterator[str]:
    server = make_server("127.0.0.1", 0, application, threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.port}"
    server.shutdown()
    thread.join()
    server.server_close()


def owed(simulator: Simulator) -> list[SimulatedCall]:
    with simulator.store.reading() as session:
        return list(session.scalars(sa.select(SimulatedCall).order_by(SimulatedCall.job_due_at, SimulatedCall.id)))
