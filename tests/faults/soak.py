"""`make soak`: very many texts through two workers and a web process that are killed at random, with a Twilio that goes
wrong for every fifth request, while the clock runs ahead. Afterwards Twilio's own log is held against our rows: how
many texts were lost, how many doubled, of how many one of the two knows nothing. Prints one line; ends with 1 if it is
not as it should be."""

from __future__ import annotations

import argparse
import datetime as dt
import random
import sys
import tempfile
import time
from collections import Counter
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import requests
import sqlalchemy as sa

from tests import postgres
from tests.contract.sms.processes import SimulatorProcess
from tests.faults.children import Mother, Place
from tests.faults.jobs import BODY, LEFT, NOON
from tests.server import free_port
from vidmsg import migrations
from vidmsg.database import make_engine
from vidmsg.messages import states
from vidmsg.messages.models import Attempt, Link, Message

WORKERS = 2
OF_THE_WEB = 0.1  # so many of the deaths are the web process's
EACH_TAKES = dt.timedelta(seconds=0.5)  # so far the clock goes on with each text: it hurries no slow machine
TICK_S = 0.06
PATIENT_TICKS = 30  # where somebody holds a text: by then she is surely dead
IDLE_TICKS = 3  # so long nothing is to be done before the clock jumps to when there is
FAR = dt.timedelta(minutes=1)  # at least: what comes soon afterwards is done together
MOST_UNCONFIRMED = 0.001
KILLED_BY = 0.9  # all deaths fall into the time until so many have left
UNDER_WAY = (states.SCHEDULED, states.CLAIMED, states.SUBMITTING, states.UNKNOWN)
OF_SENDING = {  # a fifth
    "busy": 0.06,
    "broken_after": 0.035,
    "half": 0.03,
    "garbled": 0.025,
    "slow": 0.02,
    "late": 0.015,
    "wrong_sid": 0.01,
    "broken_before": 0.005,
}
PLAN = {
    "chances": {
        "send": OF_SENDING,
        "list": {"stale": 0.1, "broken": 0.1},
        "fetch": {"broken": 0.2},
        "callback": {"lost": 0.07, "doubled": 0.07, "reordered": 0.06},
    },
    "slow_s": 0.2,
    "late_s": 240,  # both together stay within the fifteen minutes after which Twilio's list is believed
    "stale_s": 420,
}


@dataclass
class Verdict:
    """What came of it, by Twilio's log."""

    messages: int
    kills: int
    lost: int = 0
    doubled: int = 0
    unaccounted: int = 0
    unconfirmed: int = 0
    faults: int = 0
    seed: int = 0
    seconds: float = 0.0
    states: dict[str, int] = field(default_factory=dict)

    @property
    def good(self) -> bool:
        """Whether every text went out once, and hardly anybody has to be asked."""
        bad = self.lost + self.doubled + self.unaccounted
        return bad == 0 and self.unconfirmed <= max(1, self.messages * MOST_UNCONFIRMED)

    def __str__(self) -> str:
        share = 100 * self.unconfirmed / self.messages
        return (
            f"{self.messages} messages, {WORKERS} workers, {self.kills} kills, {self.faults} faults, seed {self.seed}, "
            f"{self.seconds:.0f} s: "
            f"{self.lost} lost, {self.doubled} doubled, {self.unaccounted} unaccounted, "
            f"{self.unconfirmed} unconfirmed ({share:.2f} %); {self.states}"
        )


class Clock:
    """Runs with the real one, and jumps."""

    def __init__(self, path: Path) -> None:
        self._path, self._now, self._ticked = path, NOON, time.monotonic()
        self.tick()

    def tick(self) -> dt.datetime:
        """Let it run on; what it shows."""
        return self.jump(self._now + dt.timedelta(seconds=time.monotonic() - self._ticked))

    def jump(self, to: dt.datetime) -> dt.datetime:
        """On to this moment, and never back."""
        self._now, self._ticked = max(self._now, to), time.monotonic()
        new = self._path.with_suffix(".new")  # never half of it, for whoever reads just now
        new.write_text(str((self._now - dt.datetime.now(dt.UTC)).total_seconds()))
        new.replace(self._path)
        return self._now


class Crew:
    """The processes that are killed, and others in their place."""

    def __init__(self, mother: Mother, port: int) -> None:
        self._mother, self._port = mother, port
        self._workers = [mother.bear("labour") for _ in range(WORKERS)]
        self._web = mother.bear("serve", port=port)

    def kill_one(self, chance: random.Random) -> None:
        """A worker mostly; now and then the web process."""
        if chance.random() < OF_THE_WEB:
            self._web.kill()
            self._web = self._mother.bear("serve", port=self._port)
            return
        place = chance.randrange(WORKERS)
        self._workers[place].kill()
        self._workers[place] = self._mother.bear("labour")

    def end(self) -> None:
        """Kill them all."""
        for child in (*self._workers, self._web):
            child.kill()


def run(messages: int, kills: int, seed: int, kind: str) -> Verdict:
    """The whole of it on a new installation, `kind` sqlite or postgres."""
    began = time.monotonic()
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="vidmsg-soak-")))
        ahead, port = Clock(folder / "clock"), free_port()
        twilio = stack.enter_context(SimulatorProcess(folder / "twilio.db", clock=folder / "clock"))
        url = postgres.fresh_database() if kind == "postgres" else f"sqlite:///{folder / 'vidmsg.db'}"
        migrations.upgrade(url)
        place = Place(url, str(folder), str(folder / "clock"), twilio.url, f"http://127.0.0.1:{port}")
        mother = Mother(place)
        stack.callback(mother.end)
        mother.bear("write_many", count=messages, body=BODY).result()
        requests.post(f"{twilio.url}/faults", json={**PLAN, "seed": str(seed)}, timeout=10).raise_for_status()
        engine = make_engine(url)
        stack.callback(engine.dispose)
        crew = Crew(mother, port)
        stack.callback(crew.end)
        _until_all_is_said(engine, ahead, crew, Verdict(messages, kills), random.Random(seed))
        for hours in (0, 1, 12):  # should anything still come, it comes now
            ahead.jump(ahead.tick() + dt.timedelta(hours=hours))
            log = _when_all_is_told(engine, ahead, twilio.url)
        verdict = judge(engine, log, Verdict(messages, kills, seed=seed))
    verdict.seconds = time.monotonic() - began
    return verdict


def _until_all_is_said(engine: sa.Engine, ahead: Clock, crew: Crew, wanted: Verdict, chance: random.Random) -> None:
    """Kill evenly over the whole of the work, and let time run until nothing is under way any more."""
    killed = idle = 0
    waiting = wanted.messages
    while True:
        now = ahead.tick()
        under_way, at_work, due, following = _look(engine, now)
        ahead.jump(now + EACH_TAKES * (waiting - under_way))
        waiting = under_way
        if not under_way and killed == wanted.kills:
            return
        done = (wanted.messages - under_way) / wanted.messages
        if killed < wanted.kills * min(1.0, done / KILLED_BY):
            crew.kill_one(chance)
            killed += 1
        idle = 0 if due else idle + 1
        if idle >= (PATIENT_TICKS if at_work else IDLE_TICKS) and following:
            ahead.jump(max(following, now + FAR))
        time.sleep(chance.uniform(0, 2 * TICK_S))


def _when_all_is_told(engine: sa.Engine, ahead: Clock, twilio: str) -> dict[str, Any]:
    """Wait until nothing is due here and no callback is owed any more; Twilio's log then."""
    while True:
        time.sleep(TICK_S * IDLE_TICKS)
        _, _, due, _ = _look(engine, ahead.tick())
        if not due:
            log: dict[str, Any] = requests.get(f"{twilio}/log", timeout=60).json()
            if not log["owed"]:
                return log


def _look(engine: sa.Engine, now: dt.datetime) -> tuple[int, int, int, dt.datetime | None]:
    """How many messages are under way, how many are in a worker's hands, how many want something now, and when the
    next one will."""
    waits = sa.case((Message.state == states.SCHEDULED, Message.due_at), else_=Message.look_at)
    columns = (
        sa.func.count().filter(Message.state.in_(UNDER_WAY)),
        sa.func.count().filter(Message.state.in_((states.CLAIMED, states.SUBMITTING))),
        sa.func.count().filter(waits <= now),
        sa.func.min(waits),
    )
    with engine.connect() as connection:
        found = connection.execute(sa.select(*columns)).one()
    return found[0], found[1], found[2], found[3]


def judge(engine: sa.Engine, log: dict[str, Any], verdict: Verdict) -> Verdict:
    """Hold Twilio's log against our rows."""
    texts = Counter(one["body"].rsplit("/", 1)[1] for one in log["texts"])
    verdict.faults = sum(log["met"].values())
    with engine.connect() as connection:
        rows = connection.execute(sa.select(Message.state, Link.token).join(Link, Link.message_id == Message.id)).all()
        noted = set(connection.execute(sa.select(Attempt.sid).where(Attempt.sid.is_not(None))).scalars())
    verdict.states = dict(Counter(row.state for row in rows))
    verdict.unconfirmed = verdict.states.get(states.UNCONFIRMED, 0)
    for row in rows:
        sent = texts.pop(row.token, 0)
        asked = row.state == states.UNCONFIRMED
        verdict.doubled += sent > 1
        verdict.lost += sent == 0 and not asked
        verdict.unaccounted += sent > 0 and row.state not in LEFT and not asked
    wrong = log["met"].get("send wrong_sid", 0)  # their SIDs are no text's
    unknown = sum(one["sid"] not in noted for one in log["texts"]) - wrong - verdict.unconfirmed
    verdict.unaccounted += sum(texts.values()) + max(0, unknown)
    return verdict


def main() -> int:
    """`python -m tests.faults.soak`"""
    reader = argparse.ArgumentParser(description=__doc__)
    reader.add_argument("--messages", type=int, default=10_000)
    reader.add_argument("--kills", type=int, default=500)
    reader.add_argument("--seed", type=int, default=random.SystemRandom().randrange(10**6))
    reader.add_argument("--database", choices=["sqlite", "postgres"], default="postgres")
    told = reader.parse_args()
    print(f"soak on {told.database}, seed {told.seed}", flush=True)
    verdict = run(told.messages, told.kills, told.seed, told.database)
    print(verdict)
    return 0 if verdict.good else 1


if __name__ == "__main__":
    sys.exit(main())
