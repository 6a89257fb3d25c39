"""The practice phone's network behaves like Twilio where a rep, a customer or a caller can tell."""

from __future__ import annotations

import datetime as dt
import threading
from collections.abc import Callable, Mapping

import pytest
import requests
import sqlalchemy as sa
from werkzeug import Request, Response

from tests.unit.sms.conftest import ACCOUNT, TOKEN
from vidmsg.sms.gateway import Gateway, GatewayError, NotKnown, RefusedFinal, RefusedRetry, Unclear
from vidmsg.sms.models import SimulatedCall
from vidmsg.sms.simulator import Simulator
from vidmsg.sms.simulator_behaviour import PRACTICE_NUMBER, UNDELIVERED
from vidmsg.sms.transports import InProcess

MARIA, PEDRO = "+12025550123", "+14155550132"
HOOK, INBOUND = "https://hi.example.com/hooks/status/m/a#rc=2", "https://hi.example.com/hooks/inbound"
LONG_AGO = dt.datetime(2000, 1, 1, tzinfo=dt.UTC)


class Listener:
    """Takes webhooks, and knows whether Twilio would have sent them."""

    def __init__(self, gateway: Gateway) -> None:
        self.gateway = gateway
        self.heard: list[dict[str, str]] = []
        self.tokens: list[str] = []

    def __call__(self, url: str, form: Mapping[str, str], headers: Mapping[str, str]) -> int:
        given = HOOK if "status" in url else url
        assert "#" not in url
        assert self.gateway.signed(given, form, headers["X-Twilio-Signature"])
        self.heard.append(dict(form))
        self.tokens.append(headers["I-Twilio-Idempotency-Token"])
        return 204


@pytest.fixture
def listener(gateway: Gateway) -> Listener:
    return Listener(gateway)


def owed(simulator: Simulator) -> list[SimulatedCall]:
    with simulator.store.reading() as session:
        return list(session.scalars(sa.select(SimulatedCall).order_by(SimulatedCall.job_due_at, SimulatedCall.id)))


def send(gateway: Gateway, to: str = MARIA, body: str = "Hello") -> str:
    return gateway.send(to, body, HOOK, 3600).sid


def test_a_text_is_queued_then_sent_then_delivered_and_says_so(
    simulator: Simulator,
    gateway: Gateway,
    listener: Listener,
) -> None:
    sid = send(gateway)
    seen = [gateway.fetch(sid).status]
    for call in owed(simulator):
        simulator.deliver(call, listener)
        seen.append(gateway.fetch(sid).status)
    assert seen == ["queued", "sent", "delivered"]
    assert [form["MessageStatus"] for form in listener.heard] == ["sent", "delivered"]
    assert {form["MessageSid"] for form in listener.heard} == {sid}


def test_statuses_that_come_in_the_wrong_order_or_twice_never_go_back(
    simulator: Simulator,
    gateway: Gateway,
    listener: Listener,
) -> None:
    sid = send(gateway)
    sent, delivered = owed(simulator)
    for call in (delivered, sent, delivered):
        simulator.deliver(call, listener)
        assert gateway.fetch(sid).status == "delivered"
    assert [form["MessageStatus"] for form in listener.heard] == ["delivered", "sent", "delivered"]
    assert listener.tokens[0] == listener.tokens[2] != listener.tokens[1]


@pytest.mark.parametrize(("to", "code"), UNDELIVERED.items())
def test_some_numbers_are_never_reached(
    simulator: Simulator,
    gateway: Gateway,
    listener: Listener,
    to: str,
    code: int,
) -> None:
    sid = send(gateway, to)
    for call in owed(simulator):
        simulator.deliver(call, listener)
    found = gateway.fetch(sid)
    assert (found.status, found.error_code) == ("undelivered", code)
    assert listener.heard[-1]["ErrorCode"] == str(code)


@pytest.mark.parametrize(
    ("to", "code"),
    [
        ("+15005550001", 21211),
        ("+15005550002", 21612),
        ("+15005550003", 21408),
        ("+15005550004", 21610),
        ("+15005550009", 21614),
        ("nonsense", 21211),
        ("+1202", 21211),
        ("", 21604),
    ],
)
def test_twilios_test_numbers_are_refused(gateway: Gateway, simulator: Simulator, to: str, code: int) -> None:
    with pytest.raises(RefusedFinal) as refused:
        send(gateway, to)
    assert refused.value.code == code
    assert refused.value.opted_out == (code == 21610)
    assert owed(simulator) == []


@pytest.mark.parametrize(
    ("body", "callback", "seconds", "code"),
    [
        ("", HOOK, 60, 21602),
        ("a" * 1601, HOOK, 60, 21617),
        ("Hi", "nowhere", 60, 21609),
        ("Hi", HOOK, 0, 90007),
        ("Hi", HOOK, 36_001, 90007),
    ],
)
def test_wrong_texts_are_refused(gateway: Gateway, body: str, callback: str, seconds: int, code: int) -> None:
    with pytest.raises(RefusedFinal) as refused:
        gateway.send(MARIA, body, callback, seconds)
    assert refused.value.code == code


@pytest.mark.parametrize(
    ("sender", "outcome", "code"),
    [
        ("+15005550001", RefusedFinal, 21212),
        ("+15005550007", RefusedFinal, 21606),
        (PEDRO, RefusedFinal, 21606),
        ("+15005550008", RefusedRetry, 21611),
    ],
)
def test_other_senders_are_refused(simulator: Simulator, sender: str, outcome: type[Exception], code: int) -> None:
    door = Gateway(ACCOUNT, TOKEN, "", "", sender, InProcess(simulator.wsgi))
    with pytest.raises(outcome) as refused:
        send(door)
    assert refused.value.code == code  # type: ignore[attr-defined]


@pytest.mark.parametrize("word", ["STOP", " stop ", "Unsubscribe", "QUIT", "revoke"])
def test_stop_stops_is_answered_by_twilio_and_still_told(
    simulator: Simulator,
    gateway: Gateway,
    listener: Listener,
    word: str,
) -> None:
    simulator.reply(MARIA, word, INBOUND)
    with pytest.raises(RefusedFinal) as refused:
        send(gateway)
    assert refused.value.opted_out
    send(gateway, PEDRO)
    assert [text.direction for text in simulator.thread(MARIA)] == ["inbound", "outbound-reply"]
    simulator.deliver(owed(simulator)[0], listener)
    assert listener.heard[0]["OptOutType"] == "STOP"
    assert listener.heard[0]["Body"] == word


@pytest.mark.parametrize("word", ["START", "unstop", "Yes"])
def test_start_lets_texts_through_again(simulator: Simulator, gateway: Gateway, word: str) -> None:
    simulator.reply(MARIA, "STOP", INBOUND)
    simulator.reply(MARIA, word, INBOUND)
    send(gateway)
    assert len(simulator.thread(MARIA)) == 5


def test_only_a_single_word_is_a_keyword(simulator: Simulator, gateway: Gateway, listener: Listener) -> None:
    simulator.reply(MARIA, "please stop", INBOUND)
    send(gateway)
    assert [text.direction for text in simulator.thread(MARIA)] == ["inbound", "outbound-api"]
    simulator.deliver(owed(simulator)[0], listener)
    assert "OptOutType" not in listener.heard[0]


def test_help_is_answered_and_a_second_stop_is_not(simulator: Simulator) -> None:
    for word in ("HELP", "STOP", "STOP"):
        simulator.reply(MARIA, word, INBOUND)
    directions = [text.direction for text in simulator.thread(MARIA)]
    assert directions == ["inbound", "outbound-reply", "inbound", "outbound-reply", "inbound"]


def test_a_reply_comes_with_the_form_that_twilio_posts(
    simulator: Simulator,
    listener: Listener,
) -> None:
    made = simulator.reply(MARIA, "Thank you 🎂", INBOUND)
    simulator.deliver(owed(simulator)[0], listener)
    assert listener.heard == [
        {
            "MessageSid": made.sid,
            "SmsSid": made.sid,
            "SmsMessageSid": made.sid,
            "SmsStatus": "received",
            "From": MARIA,
            "To": PRACTICE_NUMBER,
            "Body": "Thank you 🎂",
            "NumMedia": "0",
            "NumSegments": "1",
            "AccountSid": ACCOUNT,
            "ApiVersion": "2010-04-01",
        }
    ]


def test_threads_are_by_customer_the_last_active_first(simulator: Simulator, gateway: Gateway) -> None:
    send(gateway, PEDRO)
    send(gateway, MARIA, "one")
    simulator.reply(PEDRO, "Hi", INBOUND)
    assert [(one.customer, one.latest.body, one.texts) for one in simulator.threads()] == [
        (PEDRO, "Hi", 2),
        (MARIA, "one", 1),
    ]
    assert simulator.thread("+12065550111") == []


def test_texts_are_found_by_what_they_say_and_to_whom(gateway: Gateway) -> None:
    wanted = send(gateway, body="look: https://hi.example.com/v/token-one")
    send(gateway, body="look: https://hi.example.com/v/token-two")
    send(gateway, PEDRO, "look: https://hi.example.com/v/token-one")
    assert [one.sid for one in gateway.find(MARIA, "token-one", LONG_AGO)] == [wanted]
    assert gateway.find(MARIA, "token-three", LONG_AGO) == []


def test_a_list_is_read_no_further_back_than_needed(simulator: Simulator, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("vidmsg.sms.gateway.PAGE_SIZE", 1)
    asked: list[str] = []

    def note(request: Request, proceed: Callable[[], Response]) -> Response:
        asked.append(request.method)
        return proceed()

    simulator.rules.append(note)
    gateway = Gateway(ACCOUNT, TOKEN, "", "", PRACTICE_NUMBER, InProcess(simulator.wsgi))
    for _ in range(3):
        send(gateway)
    asked.clear()
    gateway.find(MARIA, "nothing", dt.datetime(2200, 1, 1, tzinfo=dt.UTC))
    assert asked == ["GET"]
    gateway.find(MARIA, "nothing", LONG_AGO)
    assert asked == ["GET"] * 4


def test_texts_can_be_listed_by_the_day_they_were_sent(
    simulator: Simulator,
    gateway: Gateway,
    listener: Listener,
) -> None:
    send(gateway, body="sent")
    for call in owed(simulator):
        simulator.deliver(call, listener)
    send(gateway, body="queued")
    messages, now = gateway._client.messages, dt.datetime.now(dt.UTC)
    day = dt.timedelta(days=1)
    assert [one.body for one in messages.list(date_sent_after=now - day)] == ["sent"]
    assert messages.list(date_sent_after=now + day) == []
    assert [one.body for one in messages.list(date_sent_before=now + day)] == ["sent"]
    assert [one.body for one in messages.list(from_=PRACTICE_NUMBER)] == ["queued", "sent"]
    assert messages.list(from_=MARIA) == []


def test_a_text_can_be_emptied_and_deleted_only_once_it_has_ended(
    simulator: Simulator,
    gateway: Gateway,
    listener: Listener,
) -> None:
    from twilio.base.exceptions import TwilioRestException

    text = gateway._client.messages(send(gateway))
    for act, code in (
        (lambda: text.update(body=""), 20009),
        (text.delete, 20009),
        (lambda: text.update(status="canceled"), 30409),
    ):
        with pytest.raises(TwilioRestException) as refused:
            act()
        assert refused.value.code == code
    for call in owed(simulator):
        simulator.deliver(call, listener)
    text.update(body="")
    assert simulator.thread(MARIA)[0].body == ""
    text.delete()
    with pytest.raises(NotKnown):
        gateway.fetch(text._solution["sid"])
    assert simulator.deliver(owed(simulator)[0], listener) is None


def test_two_at_once_are_two_texts(simulator: Simulator) -> None:
    def both(number: int) -> None:
        door = Gateway(ACCOUNT, TOKEN, "", "", PRACTICE_NUMBER, InProcess(simulator.wsgi))
        start.wait()
        sids[number] = [send(door, body=f"{number}-{one}") for one in range(10)]

    start, sids = threading.Barrier(2), {}
    threads = [threading.Thread(target=both, args=(number,)) for number in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len({*sids[0], *sids[1]}) == 20
    assert len(simulator.thread(MARIA)) == 20
    assert len(owed(simulator)) == 40


def test_the_account_and_a_number_that_is_not_its_own(simulator: Simulator, gateway: Gateway) -> None:
    assert gateway.check() == f"The Twilio account “Practice phone” is active; texts come from {PRACTICE_NUMBER}."
    with pytest.raises(GatewayError, match="doesn't belong"):
        Gateway(ACCOUNT, TOKEN, "", "", PEDRO, InProcess(simulator.wsgi)).check()
    with pytest.raises(GatewayError, match="doesn't know the account"):
        Gateway(ACCOUNT, "wrong", "", "", PRACTICE_NUMBER, InProcess(simulator.wsgi)).check()


def test_a_rule_may_answer_before_or_after_the_network_acted(simulator: Simulator, gateway: Gateway) -> None:
    def lost(request: Request, proceed: Callable[[], Response]) -> Response:
        proceed()
        raise requests.ConnectionError("the answer is lost")

    def busy(request: Request, proceed: Callable[[], Response]) -> Response:
        return Response("{}", 429, content_type="application/json")

    for rule, outcome, texts in ((busy, RefusedRetry, 0), (lost, Unclear, 1)):
        simulator.rules[:] = [rule]
        with pytest.raises(outcome):
            send(gateway)
        assert len(simulator.thread(MARIA)) == texts
