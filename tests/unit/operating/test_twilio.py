"""Connecting a Twilio account on its page: what there is, what is missing, a number pointed here after a yes, a first
text and its receipt. The account is the simulated one; nothing leaves."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from tests import cast
from tests.postgres import both_databases
from tests.unit.messages.conftest import Clock
from vidmsg import clock
from vidmsg.accounts.models import Audit, Organisation
from vidmsg.database import reading, writing
from vidmsg.operating import first_text
from vidmsg.operating.models import FirstText
from vidmsg.people import consent
from vidmsg.sms import connecting
from vidmsg.sms.gateway import Gateway, Unclear
from vidmsg.sms.models import SimulatedMessage, SimulatedOptOut
from vidmsg.sms.simulator import Simulator
from vidmsg.sms.simulator_store import Store
from vidmsg.sms.transports import InProcess
from vidmsg.tokens import new_token

pytestmark = both_databases
BASE = "https://texts.example"
ME = "(206) 555-0177"
ACCOUNT, TOKEN = "AC" + "0" * 32, "a token for tests only"


@pytest.fixture
def network(app: Flask, home: cast.Cast) -> Simulator:
    """The installation has an account, whose network is the simulated one."""
    simulator = Simulator(Store.of_application(), ACCOUNT, TOKEN, pace=dt.timedelta())
    real = {
        "twilio_account_sid": ACCOUNT,
        "twilio_auth_token": TOKEN,
        "twilio_from": simulator.number,
        "public_url": BASE,
    }
    app.config["SETTINGS"] = app.config["SETTINGS"].model_copy(update=real)
    app.extensions["gateway"] = Gateway(ACCOUNT, TOKEN, "", "", simulator.number, InProcess(simulator.wsgi))
    return simulator


def audited() -> list[tuple[str, str, int | None]]:
    with reading() as session:
        rows = session.scalars(sa.select(Audit).where(Audit.action.like("twilio.%")).order_by(Audit.id))
        return [(row.action, row.subject, row.user_id) for row in rows]


def texts() -> list[SimulatedMessage]:
    with reading() as session:
        return list(session.scalars(sa.select(SimulatedMessage)))


def text_me(alice: FlaskClient, to: str = ME, key: str = "", **more: Any) -> Any:
    return alice.post("/settings/twilio/try", data={"to": to, "request_key": key or new_token()}, **more)


def key_of(answer: Any) -> str:
    found = re.search(r"text=([\w-]{22})#", answer.headers["Location"])
    assert found, answer.headers["Location"]
    return found.group(1)


def test_in_practice_mode_there_is_nothing_to_connect_and_it_says_how_to_begin(alice: FlaskClient) -> None:
    page = alice.get("/settings/twilio").text
    assert "Nothing to connect yet" in page
    assert all(name in page for name in ("TWILIO_ACCOUNT_SID", "TWILIO_AUTH_TOKEN", "TWILIO_FROM", "PUBLIC_URL"))
    for step in ("point", "try"):
        told = alice.post(
            f"/settings/twilio/{step}", data={"to": ME, "request_key": new_token()}, follow_redirects=True
        ).text
        assert "there is nothing to connect yet" in told
    assert (texts(), audited()) == ([], [])


def test_the_number_is_listed_with_what_it_is_set_to_and_pointed_here_after_a_yes(
    network: Simulator, alice: FlaskClient, home: cast.Cast
) -> None:
    before = alice.get("/settings/twilio").text
    assert "do not come here yet" in before
    assert before.count("<dd>nowhere</dd>") == 2
    assert "each text tells Twilio where its own go" in before
    gateway = Gateway(ACCOUNT, TOKEN, "", "", network.number, InProcess(network.wsgi))
    assert not connecting.is_pointed(connecting.ours(gateway) or pytest.fail("no number"), BASE)
    after = alice.post("/settings/twilio/point", follow_redirects=True).text
    assert "come here now." in after
    assert f"<dd>{BASE}/hooks/twilio/inbound</dd>" in after
    assert f"<dd>{BASE}/hooks/twilio/voice</dd>" in after
    assert "Yes, point it here" not in after
    number = connecting.ours(gateway)
    assert number
    assert connecting.is_pointed(number, BASE)
    assert audited() == [("twilio.point", f"number:{number.sid}", home.alice.id)]


def test_a_number_is_not_pointed_at_an_address_that_twilio_can_not_reach(
    app: Flask, network: Simulator, alice: FlaskClient
) -> None:
    at_home = {"public_url": "https://localhost:8000"}
    app.config["SETTINGS"] = app.config["SETTINGS"].model_copy(update=at_home)
    page = alice.get("/settings/twilio").text
    assert "Set PUBLIC_URL to an address that the world sees." in page
    assert "Yes, point it here" not in page
    told = alice.post("/settings/twilio/point", follow_redirects=True).text
    assert told.count("Set PUBLIC_URL to an address that the world sees.") == 2, "as what was found, and as the answer"
    assert told.count("<dd>nowhere</dd>") == 2
    assert audited() == []


def test_a_first_text_is_sent_and_its_receipt_waited_for(
    network: Simulator, alice: FlaskClient, home: cast.Cast
) -> None:
    answer = text_me(alice)
    key = key_of(answer)
    (text,) = texts()
    assert (text.customer, text.body, text.callback_url) == ("+12065550177", connecting.HELLO, None)
    assert audited() == [("twilio.try", f"text:{text.sid}", home.alice.id)]
    assert f'data-live="/settings/twilio/receipt/{key}"' in alice.get(answer.headers["Location"]).text
    waiting = alice.get(f"/settings/twilio/receipt/{key}")
    assert waiting.get_json()["done"] is False
    assert "We wait for the phone" in waiting.get_json()["receipt"]
    asked_again = alice.get(f"/settings/twilio/receipt/{key}", headers={"If-None-Match": waiting.headers["ETag"]})
    assert asked_again.status_code == 304
    with writing() as session:
        session.execute(sa.update(SimulatedMessage).values(status="delivered"))
    arrived = alice.get(f"/settings/twilio/receipt/{key}").get_json()
    assert arrived["done"] is True
    assert "The text arrived." in arrived["receipt"]


def test_without_javascript_the_page_itself_says_what_became_of_the_text(
    network: Simulator, alice: FlaskClient
) -> None:
    address = text_me(alice).headers["Location"]
    waiting = alice.get(address).text
    assert "We wait for the phone&#39;s receipt." in waiting
    assert "Look again" in waiting
    with writing() as session:
        session.execute(sa.update(SimulatedMessage).values(status="delivered"))
    arrived = alice.get(address).text
    assert "The text arrived." in arrived
    assert "data-live" not in arrived, "there is nothing to wait for any more"


def test_what_is_missing_is_told_apart_from_what_only_a_person_can_see(
    app: Flask, network: Simulator, alice: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Gateway, "is_trial", lambda _: True)
    page = " ".join(alice.get("/settings/twilio").text.split())
    trial, registration = page.split("This is a trial account")[0], page.split("US networks ask for a registration")[0]
    assert trial.rsplit("<li>", 1)[1].endswith("Missing</span><p>")
    assert registration.rsplit("<li>", 1)[1].endswith("Look</span><p>")
    assert 'href="/settings/joining/"' in page


def test_a_text_that_the_network_drops_says_why(network: Simulator, alice: FlaskClient) -> None:
    key = key_of(text_me(alice))
    with writing() as session:
        session.execute(sa.update(SimulatedMessage).values(status="undelivered", error_code=30034))
    told = alice.get(f"/settings/twilio/receipt/{key}").get_json()
    assert told["done"] is True
    assert "US networks don&#39;t know the sending number yet. Register it at Twilio." in told["receipt"]


def test_a_text_that_stays_silent_is_waited_for_a_while_only(
    network: Simulator, alice: FlaskClient, time: Clock
) -> None:
    key = key_of(text_me(alice))
    time.forward(seconds=95)
    told = alice.get(f"/settings/twilio/receipt/{key}").get_json()
    assert told["done"] is True
    assert "still queued after 90 s" in told["receipt"]


@pytest.mark.parametrize(("to", "told"), [("12", "too short"), ("", "Write the number"), ("hello", "a phone number")])
def test_a_wrong_number_is_refused_with_the_reason(to: str, told: str, network: Simulator, alice: FlaskClient) -> None:
    answer = text_me(alice, to, follow_redirects=True)
    assert told in answer.text
    assert texts() == []


def test_a_number_that_asked_us_to_stop_gets_no_first_text_either(
    network: Simulator, alice: FlaskClient, home: cast.Cast
) -> None:
    with writing() as session:
        consent.revoke(
            session,
            organisation_id=home.organisation.id,
            phone=cast.MARIA_PHONE,
            words="STOP",
            source=consent.BY_TEXT,
        )
    answer = text_me(alice, cast.MARIA_PHONE, follow_redirects=True)
    assert "asked us to stop" in answer.text
    assert texts() == []


def test_what_twilio_refuses_is_told_in_its_sentence(network: Simulator, alice: FlaskClient) -> None:
    with writing() as session:
        session.add(SimulatedOptOut(customer="+12065550177", sender=network.number, at=clock.now()))
    answer = text_me(alice, ME, follow_redirects=True)
    assert "This person texted STOP. Only they can change that, by texting START." in answer.text
    assert audited() == []


def test_a_lost_answer_is_not_tried_again_by_itself(
    app: Flask, network: Simulator, alice: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    def lost(*_: Any, **__: Any) -> Any:
        raise Unclear("the connection broke")

    monkeypatch.setattr(Gateway, "send", lost)
    told = text_me(alice, ME, follow_redirects=True).text
    assert "Look whether the text arrived before you try again." in told
    assert audited() == []


def test_an_account_that_refuses_us_is_a_page_with_a_sentence(
    app: Flask, network: Simulator, alice: FlaskClient
) -> None:
    app.extensions["gateway"] = Gateway(ACCOUNT, "wrong", "", "", network.number, InProcess(network.wsgi))
    page = alice.get("/settings/twilio")
    assert page.status_code == 200
    assert "Twilio doesn&#39;t know the account or its token." in page.text
    told = alice.post("/settings/twilio/point", follow_redirects=True).text
    assert "Twilio doesn&#39;t know the account or its token." in told
    assert audited() == []


def test_a_messaging_service_is_set_in_twilios_console(app: Flask, network: Simulator, alice: FlaskClient) -> None:
    service = Gateway(ACCOUNT, TOKEN, "", "", "MG" + "0" * 32, InProcess(network.wsgi))
    app.extensions["gateway"] = service
    page = alice.get("/settings/twilio").text
    assert f"{BASE}/hooks/twilio/inbound in Twilio" in page
    assert "Yes, point it here" not in page
    assert "is not in this account" in alice.post("/settings/twilio/point", follow_redirects=True).text


def test_an_address_that_only_this_machine_knows_is_missing(app: Flask, network: Simulator, alice: FlaskClient) -> None:
    for address in ("https://localhost:8000", "https://192.168.1.7"):
        app.config["SETTINGS"] = app.config["SETTINGS"].model_copy(update={"public_url": address})
        assert f"Twilio can&#39;t reach {address}." in alice.get("/settings/twilio").text


@pytest.mark.parametrize("key", ["SM1", "x" * 22, "x" * 23])
def test_only_a_text_has_a_receipt(key: str, network: Simulator, alice: FlaskClient) -> None:
    assert alice.get(f"/settings/twilio/receipt/{key}").status_code == 404


def test_no_transaction_is_open_while_twilio_is_asked(
    app: Flask, network: Simulator, alice: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    from vidmsg.database import db

    open_then: list[bool] = []
    check = Gateway.check
    monkeypatch.setattr(Gateway, "check", lambda self: open_then.append(db.session.in_transaction()) or check(self))
    alice.get("/settings/twilio")
    assert open_then == [False]


def test_two_clicks_on_one_form_send_one_text_and_show_the_same(network: Simulator, alice: FlaskClient) -> None:
    shown = re.search(r'name="request_key" value="([^"]+)"', alice.get("/settings/twilio").text)
    assert shown
    first, second = (text_me(alice, key=shown[1]) for _ in range(2))
    assert first.headers["Location"] == second.headers["Location"]
    assert len(texts()) == 1
    assert len(audited()) == 1
    assert "We wait for the phone" in alice.get(second.headers["Location"]).text


def test_a_second_click_while_twilio_is_called_waits_for_the_first(
    network: Simulator, alice: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    key, told, send = new_token(), list[str](), Gateway.send

    def click_again(*given: Any, **more: Any) -> Any:
        with monkeypatch.context() as patch:
            patch.setattr(Gateway, "send", send)
            told.append(alice.get(text_me(alice, key=key).headers["Location"]).text)
        return send(*given, **more)

    monkeypatch.setattr(Gateway, "send", click_again)
    text_me(alice, key=key)
    assert "It is on its way to Twilio." in told[0]
    assert f'data-live="/settings/twilio/receipt/{key}"' in told[0]
    assert len(texts()) == 1


def test_a_text_whose_process_ended_in_the_call_is_put_before_a_person(
    network: Simulator, alice: FlaskClient, home: cast.Cast, time: Clock
) -> None:
    key = new_token()
    first_text.begin(key, home.alice.id, home.organisation.id)
    time.forward(seconds=90)
    assert "Look whether the text arrived" in text_me(alice, key=key, follow_redirects=True).text
    assert texts() == []


def test_a_form_without_its_key_sends_nothing(network: Simulator, alice: FlaskClient) -> None:
    for key in ("", "x" * 23, "ä" * 22):
        answer = alice.post("/settings/twilio/try", data={"to": ME, "request_key": key}, follow_redirects=True)
        assert "Reload it and try once more." in answer.text
    assert texts() == []


def test_a_wrong_number_does_not_use_the_form_up(network: Simulator, alice: FlaskClient) -> None:
    key = new_token()
    text_me(alice, "12", key)
    text_me(alice, ME, key)
    assert len(texts()) == 1


def test_another_organisations_text_has_no_receipt_here(
    network: Simulator, alice: FlaskClient, home: cast.Cast
) -> None:
    key = key_of(text_me(alice))
    with writing() as session:
        other = Organisation(name="Other", phone="+1", time_zone="UTC", country="US", created_at=clock.now())
        session.add(other)
        session.flush()
        session.get_one(FirstText, key).organisation_id = other.id
    assert alice.get(f"/settings/twilio/receipt/{key}").status_code == 404
