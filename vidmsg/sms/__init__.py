"""Texts, out and in: the door to Twilio (gateway.py), the simulated Twilio behind it where no account is configured
(simulator*.py), and how a text is counted (segments.py). This module chooses between the two and hands the choice to
the application; the rest asks `current_gateway()` and `current_simulator()`. It may not know who is texted or why."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from threading import Lock
from typing import TYPE_CHECKING, TypeVar
from urllib.parse import urlsplit

from flask import Flask, current_app
from werkzeug.local import LocalProxy
from werkzeug.test import Client

from vidmsg.config import Settings
from vidmsg.jobs import GiveUp, Held, Kind
from vidmsg.sms.models import SimulatedCall

if TYPE_CHECKING:
    from requests.adapters import BaseAdapter

    from vidmsg.sms.gateway import Gateway
    from vidmsg.sms.simulator import Simulator

Credentials = Callable[[], tuple[str, str]]
"""Gives the SID and the token of the simulated account; asked once, when the first text needs them."""

DELIVERIES = 4
T = TypeVar("T")


def init_app(app: Flask, credentials: Credentials) -> None:
    """Give the application its gateway, and with no real account a simulator and its webhooks for the worker to make.
    Both are proxies, made at first use: the database with the simulator's credentials may not stand yet, and a start
    should not wait for the SDK. Without a simulator in this process the extension is None."""
    settings: Settings = app.config["SETTINGS"]
    simulated = settings.practice and not settings.simulator_url
    simulator = _once(lambda: _simulator(credentials)) if simulated else None
    gateway = _once(lambda: _gateway(settings, credentials, simulator() if simulator else None))
    app.extensions["gateway"] = LocalProxy(gateway)
    app.extensions["simulator"] = LocalProxy(simulator) if simulator else None
    if simulated:
        app.extensions["jobs"].register(Kind("sms", SimulatedCall, _deliver, max_tries=DELIVERIES))


def real_gateway(settings: Settings, transport: BaseAdapter | None = None) -> Gateway:
    """The door to the account of the settings."""
    from vidmsg.sms.gateway import Gateway
    from vidmsg.sms.transports import Elsewhere

    if settings.simulator_url and not transport:
        transport = Elsewhere(settings.simulator_url)
    return Gateway(
        settings.twilio_account_sid,
        settings.twilio_auth_token,
        settings.twilio_api_key,
        settings.twilio_api_secret,
        settings.twilio_from,
        transport,
    )


def current_gateway() -> Gateway:
    """The one way out for texts of the current application."""
    found: Gateway = current_app.extensions["gateway"]
    return found


def current_simulator() -> Simulator | None:
    """The simulator of the current application; None with a real account, or where it is a process of its own."""
    found: Simulator | None = current_app.extensions["simulator"]
    return found


def _once(make: Callable[[], T]) -> Callable[[], T]:
    """`make`, called by the first who asks; others wait for it, whichever thread they are on. A failure is not kept."""
    lock, made = Lock(), list[T]()

    def get() -> T:
        with lock:
            if not made:
                made.append(make())
        return made[0]

    return get


def _simulator(credentials: Credentials) -> Simulator:
    from vidmsg.sms.simulator import Simulator
    from vidmsg.sms.simulator_store import Store

    return Simulator(Store.of_application(), *credentials())


def _gateway(settings: Settings, credentials: Credentials, simulator: Simulator | None) -> Gateway:
    from vidmsg.sms.gateway import Gateway
    from vidmsg.sms.simulator_behaviour import PRACTICE_NUMBER
    from vidmsg.sms.transports import Elsewhere, InProcess

    if not settings.practice:
        return real_gateway(settings)
    account_sid, auth_token = credentials()
    transport = InProcess(simulator.wsgi) if simulator else Elsewhere(settings.simulator_url)
    return Gateway(account_sid, auth_token, "", "", PRACTICE_NUMBER, transport)


def _deliver(held: Held) -> None:
    """Make one webhook of the simulated Twilio. A server's failure is tried again; a refusal is final."""
    simulator: Simulator = current_app.extensions["simulator"]
    with simulator.store.reading() as session:
        call = session.get(SimulatedCall, held.id)
    if call is None:
        return
    status = simulator.deliver(call, _post_to_ourselves)
    if status is not None and status >= 500:
        raise RuntimeError(f"the hook answered {status}")
    if status is not None and status >= 400:
        raise GiveUp(f"the hook answered {status}")


def _post_to_ourselves(url: str, form: Mapping[str, str], headers: Mapping[str, str]) -> int:
    """Call our own application as a server would, in this thread: never over HTTP, where a full web server would wait
    for itself."""
    parts = urlsplit(url)
    client = Client(current_app.wsgi_app, use_cookies=False)
    response = client.post(
        parts.path,
        query_string=parts.query,
        base_url=f"{parts.scheme}://{parts.netloc}/",
        data=dict(form),
        headers=dict(headers),
    )
    status = response.status_code
    response.close()
    return status
