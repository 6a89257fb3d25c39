"""A simulated Twilio on a database of its own, and a gateway to it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from pathlib import Path

import pytest

from vidmsg.database import make_engine
from vidmsg.sms.gateway import Gateway
from vidmsg.sms.simulator import Simulator
from vidmsg.sms.simulator_store import Store
from vidmsg.sms.transports import InProcess

ACCOUNT, TOKEN = "AC" + "0" * 32, "a token for tests only"


@pytest.fixture
def simulator(tmp_path: Path) -> Iterator[Simulator]:
    engine = make_engine(f"sqlite:///{tmp_path / 'twilio.db'}")
    yield Simulator(Store.on(engine), ACCOUNT, TOKEN, pace=dt.timedelta())
    engine.dispose()


@pytest.fixture
def gateway(simulator: Simulator) -> Gateway:
    return Gateway(ACCOUNT, TOKEN, "", "", simulator.number, InProcess(simulator.wsgi))
