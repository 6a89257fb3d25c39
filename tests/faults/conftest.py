"""A simulated Twilio as a process with rows of its own, one for a test process, whose log is the judge; and an
installation beside it, on SQLite and on Postgres, whose processes may be killed."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import requests

from tests import postgres
from tests.contract.sms.processes import SimulatorProcess
from tests.faults.children import Child, Mother, Place

NUMBERS = itertools.count(1000)


@dataclass
class Twilio:
    """The judge, and who orders what goes wrong."""

    url: str

    def goes_wrong(self, *following: dict[str, str], **plan: Any) -> None:
        """From now on this goes wrong, and nothing of before."""
        answer = requests.post(f"{self.url}/faults", json={"next": following, **plan}, timeout=10)
        assert answer.status_code == 200, answer.text

    def texts(self, phone: str) -> list[str]:
        """Every text to this number that Twilio ever accepted."""
        told = requests.get(f"{self.url}/log", params={"to": phone}, timeout=10).json()
        return [one["body"] for one in told["texts"]]


@dataclass
class House:
    """An installation at work, and one number after the other to text to."""

    mother: Mother
    twilio: Twilio

    def number(self) -> str:
        """A number that nothing was sent to before, from here or elsewhere."""
        return f"+1206555{next(NUMBERS)}"

    def start(self, job: str, point: str | None = None, **arguments: Any) -> Child:
        """A process that does this job, perhaps up to a point only."""
        return self.mother.bear(job, point, **arguments)

    def do(self, job: str, **arguments: Any) -> Any:
        """Have it done by a process of its own."""
        return self.mother.bear(job, **arguments).result()


@pytest.fixture(scope="session")
def judge_clock(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("clock") / "clock"
    path.write_text("0")
    return path


@pytest.fixture(scope="session")
def twilio(tmp_path_factory: pytest.TempPathFactory, judge_clock: Path) -> Iterator[Twilio]:
    file = tmp_path_factory.mktemp("twilio") / "own.db"
    with SimulatorProcess(file, "--pace", "0", clock=judge_clock) as running:
        yield Twilio(running.url)


@pytest.fixture(scope="session")
def houses(twilio: Twilio) -> Iterator[dict[str, House]]:
    """One for each database, made when it is first asked for."""
    made: dict[str, House] = {}
    yield made
    for house in made.values():
        house.mother.end()


@pytest.fixture(params=["sqlite", "postgres"])
def house(
    request: pytest.FixtureRequest,
    houses: dict[str, House],
    tmp_path_factory: pytest.TempPathFactory,
    twilio: Twilio,
    judge_clock: Path,
) -> House:
    """An installation on each database. Every test has numbers of its own, so they share it; nothing goes wrong yet."""
    kind = request.param
    if kind not in houses:
        folder = tmp_path_factory.mktemp(kind)
        if kind == "sqlite":
            template: Path = request.getfixturevalue("migrated_file")
            (folder / "vidmsg.db").write_bytes(template.read_bytes())
        url = postgres.fresh_database() if kind == "postgres" else f"sqlite:///{folder / 'vidmsg.db'}"
        houses[kind] = House(Mother(Place(url, str(folder), str(judge_clock), twilio.url)), twilio)
    twilio.goes_wrong()
    return houses[kind]
