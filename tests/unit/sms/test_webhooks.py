"""What the application makes of its settings, and how the worker makes the simulator's webhooks."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import pytest
import sqlalchemy as sa
from flask import Flask
from werkzeug import Request, Response

from vidmsg import clock, jobs
from vidmsg.config import Settings
from vidmsg.database import writing
from vidmsg.sms import current_gateway, current_simulator, init_app
from vidmsg.sms.models import SimulatedCall
from vidmsg.sms.simulator import Simulator

MARIA = "+12025550123"
CREDENTIALS = ("AC" + "0" * 32, "a token for tests only")
HOOK = "https://hi.example.com/hooks/status/m/a?x=1#rc=2"


class Hooks:
    """Stands before the application and keeps what is posted to /hooks/status."""

    def __init__(self, app: Flask) -> None:
        self.inner, self.status, self.heard = app.wsgi_app, 204, []  # type: ignore[var-annotated]

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Any:
        if not environ["PATH_INFO"].startswith("/hooks/status"):
            return self.inner(environ, start_response)
        request = Request(environ)
        self.heard.append((request.url, request.form.to_dict(), request.headers.get("X-Twilio-Signature")))
        return Response(status=self.status)(environ, start_response)


@pytest.fixture
def hooks(app: Flask) -> Iterator[Hooks]:
    app.wsgi_app = Hooks(app)  # type: ignore[method-assign, assignment]
    with app.app_context():
        yield app.wsgi_app  # type: ignore[misc]


def calls(state: str | None = None) -> list[SimulatedCall]:
    with writing() as session:
        query = sa.select(SimulatedCall).order_by(SimulatedCall.id)
        return list(session.scalars(query.where(SimulatedCall.job_state == state) if state else query))


def make_due() -> None:
    with writing() as session:
        session.execute(sa.update(SimulatedCall).values(job_due_at=clock.now()))


def work() -> None:
    while jobs.jobs().run_one("sms"):
        pass


def test_statuses_reach_our_own_hook_signed_for_the_public_address(app: Flask, hooks: Hooks) -> None:
    sid = current_gateway().send(MARIA, "Hello", HOOK, 60).sid
    make_due()
    work()
    assert [form["MessageStatus"] for _, form, _ in hooks.heard] == ["sent", "delivered"]
    for url, form, signature in hooks.heard:
        assert url == HOOK.split("#")[0]
        assert current_gateway().signed(HOOK, form, signature)
    assert current_gateway().fetch(sid).status == "delivered"
    assert {call.job_state for call in calls()} == {jobs.DONE}


def test_nothing_is_told_before_it_is_due(hooks: Hooks) -> None:
    current_gateway().send(MARIA, "Hello", HOOK, 60)
    with writing() as session:
        session.execute(sa.update(SimulatedCall).values(job_due_at=clock.now() + dt.timedelta(days=1)))
    work()
    assert hooks.heard == []


def test_a_hook_that_fails_is_called_again_and_one_that_refuses_is_not(hooks: Hooks) -> None:
    current_gateway().send(MARIA, "Hello", HOOK, 60)
    hooks.status = 500
    make_due()
    work()
    assert len(calls(jobs.DUE)) == 2
    hooks.status = 403
    make_due()
    work()
    assert len(calls(jobs.FAILED)) == 2
    assert len(hooks.heard) == 4


def test_a_reply_is_told_to_the_inbound_hook(hooks: Hooks) -> None:
    simulator = current_simulator()
    assert simulator is not None
    simulator.reply(MARIA, "Thank you!", "https://hi.example.com/hooks/status/inbound")
    work()
    assert hooks.heard[0][1]["Body"] == "Thank you!"


def test_a_text_without_a_hook_is_delivered_all_the_same(hooks: Hooks) -> None:
    sid = current_gateway().send(MARIA, "Hello", "", 60).sid
    make_due()
    work()
    assert hooks.heard == []
    assert current_gateway().fetch(sid).status == "delivered"


def application(settings: Settings) -> Flask:
    made = Flask(__name__)
    made.config["SETTINGS"] = settings
    jobs.Jobs(settings.database, settings.queue_url).init_app(made)
    init_app(made, lambda: CREDENTIALS)
    return made


REAL = {
    "twilio_account_sid": "AC" + "1" * 32,
    "twilio_auth_token": "real",
    "twilio_from": "+12065550100",
    "public_url": "https://hi.example.com",
}


def test_a_real_account_has_no_simulator_and_goes_out_to_twilio(settings: Settings) -> None:
    with application(Settings(_env_file=None, **{**settings.model_dump(), **REAL})).app_context():
        assert current_simulator() is None
        door = current_gateway()
        assert (door.account_sid, door.sender) == (REAL["twilio_account_sid"], REAL["twilio_from"])
        session = door._client.http_client.session
        assert type(session.get_adapter("https://api.twilio.com/")).__module__ == "requests.adapters"


def test_a_simulator_of_its_own_is_reached_over_a_socket(settings: Settings) -> None:
    given = Settings(_env_file=None, **{**settings.model_dump(), "simulator_url": "http://127.0.0.1:9"})
    with application(given).app_context():
        assert current_simulator() is None
        session = current_gateway()._client.http_client.session
        adapter = session.get_adapter("https://api.twilio.com/")
        assert urlsplit(adapter._address).port == 9


def test_edge_and_region_of_the_environment_cannot_let_a_practice_text_out(
    app: Flask,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("TWILIO_EDGE", "dublin")
    monkeypatch.setenv("TWILIO_REGION", "ie1")
    with app.app_context():
        current_gateway().send(MARIA, "Hello", HOOK, 60)
        simulator = current_simulator()
        assert isinstance(simulator, Simulator)
        assert len(simulator.thread(MARIA)) == 1
