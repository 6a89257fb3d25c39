"""What may come of handing a text over, each from a real socket: exactly one POST, and the right class."""

from __future__ import annotations

import datetime as dt
import threading
from typing import Any
from urllib.parse import parse_qs

import pytest
import requests

from tests.server import free_port
from tests.unit.sms.fake_twilio import http, misbehaving
from vidmsg.sms import codes, gateway
from vidmsg.sms.gateway import Accepted, Gateway, GatewayError, ListingFailed, RefusedFinal, RefusedRetry, Unclear
from vidmsg.sms.transports import Elsewhere

SENDER = "+12065550199"
ACCEPTED = '{"sid": "SM0", "status": "queued", "num_segments": "2"}'


def at(url: str) -> Gateway:
    return Gateway("AC0", "token", "", "", SENDER, Elsewhere(url))


def send(door: Gateway) -> Accepted:
    return door.send("+12025550123", "Hello https://hi.example.com/v/abc", "https://hi.example.com/hook", 3600)


def test_an_accepted_text_is_posted_once_with_everything_that_matters() -> None:
    with misbehaving(http(201, ACCEPTED)) as server:
        assert send(at(server.url)) == Accepted("SM0", "queued", 2)
    assert [parse_qs(post.decode()) for post in server.posts] == [
        {
            "To": ["+12025550123"],
            "From": [SENDER],
            "Body": ["Hello https://hi.example.com/v/abc"],
            "StatusCallback": ["https://hi.example.com/hook"],
            "ValidityPeriod": ["3600"],
        }
    ]


def test_a_messaging_service_and_a_picture_are_told_by_their_own_names() -> None:
    with misbehaving(http(201, ACCEPTED)) as server:
        door = Gateway("AC0", "token", "", "", "MG1", Elsewhere(server.url))
        door.send("+12025550123", "Hi", "https://hi.example.com/hook", 60, "https://hi.example.com/p.jpg")
    sent = parse_qs(server.posts[0].decode())
    assert sent["MessagingServiceSid"] == ["MG1"]
    assert sent["MediaUrl"] == ["https://hi.example.com/p.jpg"]
    assert "From" not in sent


@pytest.mark.parametrize(("status", "code"), [(429, 20429), (429, 99999), (429, 21611), (400, 21611)])
def test_a_busy_twilio_is_asked_again_later(status: int, code: int) -> None:
    answer = http(status, f'{{"code": {code}, "message": "…", "status": {status}}}')
    with misbehaving(answer) as server, pytest.raises(RefusedRetry) as refused:
        send(at(server.url))
    assert refused.value.code == code
    assert len(server.posts) == 1


@pytest.mark.parametrize("code", [21211, 21612, 21614, 21408, 21602, 21617, 20003, 55555])
def test_a_refused_text_is_final_and_says_why(code: int) -> None:
    answer = http(400, f'{{"code": {code}, "message": "…", "status": 400}}')
    with misbehaving(answer) as server, pytest.raises(RefusedFinal) as refused:
        send(at(server.url))
    assert (refused.value.code, refused.value.opted_out) == (code, False)
    assert refused.value.message == codes.meaning(code).sentence
    assert len(server.posts) == 1


def test_a_number_that_stopped_is_known_as_such() -> None:
    answer = http(400, '{"code": 21610, "message": "…", "status": 400}')
    with misbehaving(answer) as server, pytest.raises(RefusedFinal) as refused:
        send(at(server.url))
    assert refused.value.opted_out


def test_a_refusal_without_json_is_final_too() -> None:
    answer = http(403, "<html>")
    with misbehaving(answer) as server, pytest.raises(RefusedFinal) as refused:
        send(at(server.url))
    assert refused.value.code is None


@pytest.mark.parametrize(
    "answer",
    [
        pytest.param(http(500, '{"code": 20500, "message": "…", "status": 500}'), id="500"),
        pytest.param(http(503, "busy"), id="503"),
        pytest.param(http(503, '{"code": 20429, "message": "…", "status": 503}'), id="503 with a code of refusal"),
        pytest.param(http(302, "", "Location: https://example.com"), id="sent elsewhere"),
        pytest.param(http(201, "<html>"), id="no JSON"),
        pytest.param(http(201, "[]"), id="not an object"),
        pytest.param(http(201, "{}"), id="no sid"),
        pytest.param(http(201, ACCEPTED)[:-9], id="cut short"),
        pytest.param(None, id="closed without an answer"),
    ],
)
def test_when_nobody_knows_it_is_unclear_and_never_sent_again(answer: bytes | None) -> None:
    with misbehaving(answer) as server, pytest.raises(Unclear):
        send(at(server.url))
    assert len(server.posts) == 1


def test_no_answer_in_time_is_unclear(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gateway, "TIMEOUTS", (5, 0.2))
    ended = threading.Event()
    with misbehaving(None, hold=ended) as server:
        with pytest.raises(Unclear):
            send(at(server.url))
        ended.set()
    assert len(server.posts) == 1


def test_where_nobody_listens_it_is_safe_to_try_again() -> None:
    with pytest.raises(RefusedRetry):
        send(at(f"http://127.0.0.1:{free_port()}"))


def test_a_name_that_nobody_knows_is_safe_to_try_again() -> None:
    with pytest.raises(RefusedRetry):
        send(at("http://nowhere.invalid"))


class Failing(requests.adapters.BaseAdapter):
    """Fails as told, and keeps how long it was to wait."""

    def __init__(self, error: Exception) -> None:
        super().__init__()
        self.error, self.timeouts = error, []

    def send(self, request: requests.PreparedRequest, timeout: Any = None, **more: Any) -> requests.Response:
        self.timeouts.append(timeout)
        raise self.error

    def close(self) -> None:
        pass


@pytest.mark.parametrize(
    ("error", "outcome"),
    [
        (requests.ConnectTimeout(), RefusedRetry),
        (requests.ReadTimeout(), Unclear),
        (requests.ConnectionError("reset"), Unclear),
        (requests.exceptions.SSLError("record"), Unclear),
        (requests.exceptions.ChunkedEncodingError(), Unclear),
        (OSError("socket"), Unclear),
    ],
)
def test_broken_connections(error: Exception, outcome: type[Exception]) -> None:
    with pytest.raises(outcome):
        send(Gateway("AC0", "token", "", "", SENDER, Failing(error)))


def test_twilio_gets_five_seconds_to_connect_and_twenty_to_answer() -> None:
    network = Failing(requests.ReadTimeout())
    with pytest.raises(Unclear):
        send(Gateway("AC0", "token", "", "", SENDER, network))
    assert network.timeouts == [(5, 20)]


@pytest.mark.parametrize("answer", [http(500, "{}"), http(200, "{}"), http(200, '{"messages": null}'), http(401, "{}")])
def test_a_listing_that_breaks_is_never_an_empty_one(answer: bytes) -> None:
    class Asking(Elsewhere):
        def send(self, request: requests.PreparedRequest, *args: Any, **more: Any) -> requests.Response:
            request.headers["Content-Length"] = "0"  # so that the fake server sees where a GET ends
            return super().send(request, *args, **more)

    with misbehaving(answer) as server:
        door = Gateway("AC0", "token", "", "", SENDER, Asking(server.url))
        with pytest.raises(ListingFailed):
            door.find("+12025550123", "abc", dt.datetime(2026, 1, 1, tzinfo=dt.UTC))
        with pytest.raises(GatewayError):
            door.check()
