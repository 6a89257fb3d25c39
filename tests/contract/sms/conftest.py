"""The simulated Twilio, once called in this process and once as a process behind a socket; and the published contract
that every request and every answer is held to."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
from openapi_core import OpenAPI
from openapi_core.contrib.requests import RequestsOpenAPIRequest, RequestsOpenAPIResponse
from requests.adapters import BaseAdapter

from tests.conftest import SHARED
from tests.contract.sms.processes import SimulatorProcess
from vidmsg.database import make_engine
from vidmsg.sms.gateway import Gateway
from vidmsg.sms.simulator import Simulator
from vidmsg.sms.simulator_behaviour import PRACTICE_NUMBER
from vidmsg.sms.simulator_store import Store
from vidmsg.sms.transports import Elsewhere, InProcess

ACCOUNT, TOKEN = "AC" + "0123456789abcdef" * 2, "a token for tests only"
MARIA = "+12025550123"


class Watched(BaseAdapter):
    """Passes requests on and keeps each with its answer."""

    def __init__(self, inner: BaseAdapter) -> None:
        super().__init__()
        self.inner = inner
        self.exchanges: list[tuple[requests.PreparedRequest, requests.Response]] = []

    def send(self, request: requests.PreparedRequest, *args: Any, **more: Any) -> requests.Response:
        asked = request.copy()  # another address may be put into the one that is passed on
        response = self.inner.send(request, *args, **more)
        response.content  # noqa: B018  (read now, so that both may read it)
        self.exchanges.append((asked, response))
        return response

    def close(self) -> None:
        self.inner.close()


@pytest.fixture
def simulator(tmp_path: Path) -> Iterator[Simulator]:
    engine = make_engine(f"sqlite:///{tmp_path / 'twilio.db'}")
    yield Simulator(Store.on(engine), ACCOUNT, TOKEN, pace=dt.timedelta())
    engine.dispose()


@pytest.fixture(scope="session")
def process(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SimulatorProcess]:
    """One for all tests: they look at their own texts only."""
    with SimulatorProcess(tmp_path_factory.mktemp("twilio") / "own.db") as running:
        yield running


@pytest.fixture(params=["in this process", "as a process"])
def network(request: pytest.FixtureRequest) -> Watched:
    """A way to a simulated Twilio, each of both."""
    if request.param == "in this process":
        made: Simulator = request.getfixturevalue("simulator")
        return Watched(InProcess(made.wsgi))
    running: SimulatorProcess = request.getfixturevalue("process")
    return Watched(Elsewhere(running.url))


@pytest.fixture
def gateway(network: Watched) -> Gateway:
    return Gateway(ACCOUNT, TOKEN, "", "", PRACTICE_NUMBER, network)


@pytest.fixture(scope="session")
def fits() -> Callable[[requests.PreparedRequest, requests.Response], None]:
    """Raises when a request or its answer is not what Twilio publishes."""
    path = SHARED / "contracts" / "twilio_api_v2010.json"
    if not path.is_file():
        pytest.skip("the folder ../shared/contracts is not beside the project")
    openapi = OpenAPI.from_dict(_slice(json.loads(path.read_text())))

    def check(asked: requests.PreparedRequest, response: requests.Response) -> None:
        plain = requests.Request(asked.method, asked.url, dict(asked.headers))
        prepared = plain.prepare()
        prepared.body = asked.body
        openapi.validate_request(RequestsOpenAPIRequest(prepared))
        openapi.validate_response(RequestsOpenAPIRequest(prepared), RequestsOpenAPIResponse(response))

    return check


def _slice(contract: dict[str, Any]) -> dict[str, Any]:
    """The paths that we use; the whole takes seconds to read."""
    base = "/2010-04-01/Accounts/"
    used = (
        base + "{Sid}.json",
        base + "{AccountSid}/Messages.json",
        base + "{AccountSid}/Messages/{Sid}.json",
        base + "{AccountSid}/IncomingPhoneNumbers.json",
        base + "{AccountSid}/IncomingPhoneNumbers/{Sid}.json",
    )
    return {**contract, "paths": {path: contract["paths"][path] for path in used}}
