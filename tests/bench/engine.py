"""Texts through the whole engine: real workers, a practice phone that is a process of its own, no rate limit. From the
first text's attempt to the last text's answer written down; each with a video and its link."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import requests
import sqlalchemy as sa

from tests.bench import crowd, houses
from tests.bench.report import Row
from tests.contract.sms.processes import SimulatorProcess
from tests.server import wait_for
from vidmsg import clock
from vidmsg.database import reading, writing
from vidmsg.messages import states
from vidmsg.messages.models import Attempt, Message

TEXTS, PATIENCE_S = 600, 180.0
FAR = dt.timedelta(days=2)
LATENCY_S = 0.1
SLOWLY = {"chances": {"send": {"slow": 1.0}}, "slow_s": LATENCY_S}


def run(_folder: Path, work: Path) -> list[Row]:
    """One worker on each database; with a slow network one and two, on Postgres."""
    rows = []
    for kind in houses.KINDS:
        server = houses.installation(kind, work / f"engine-{kind}")
        later = ("--pace", "3600")  # receipts come when nobody measures any more
        with SimulatorProcess(work / f"phone-{kind}.db", *later, clock=server.data / "clock") as phone:
            server.environment["VIDMSG_SIMULATOR_URL"] = phone.url
            with houses.at_home(server) as app, app.app_context():
                with writing() as session:
                    everybody = crowd.put_in(session, TEXTS)
                speed = {}
                for mark, count, plan in (("quick", 1, {}), ("one", 1, SLOWLY), ("two", 2, SLOWLY)):
                    if count == 1 or kind == houses.POSTGRES:
                        with writing() as session:
                            crowd.texts(session, everybody, mark, TEXTS, clock.now() + FAR)
                        requests.post(f"{phone.url}/faults", json=plan, timeout=10).raise_for_status()
                        with houses.workers(server, count):
                            speed[mark] = _a_second(mark)
        rows += _rows(kind, speed)
    return rows


def _rows(kind: str, speed: dict[str, float]) -> list[Row]:
    slow = f"answers after {LATENCY_S * 1000:.0f} ms"
    rows = [
        Row(f"texts a second, {kind}, 1 worker", speed["quick"], "/s", 60, at_least=True),
        Row(f"texts a second, {kind}, 1 worker, {slow}", speed["one"], "/s"),
    ]
    if "two" in speed:
        note = f"{speed['two']:.0f}/s against {speed['one']:.0f}/s"
        ratio = speed["two"] / speed["one"]
        rows.append(Row(f"2 workers against 1, {kind}, {slow}", ratio, "×", 1.6, note, at_least=True))
    return rows


def _a_second(mark: str) -> float:
    """Let the texts of this mark be due, and wait until every one of them has left."""
    ours = Message.id.startswith(f"{mark}-")
    with writing() as session:
        session.execute(sa.update(Message).where(ours).values(due_at=clock.now()))
    left = sa.select(sa.func.count()).where(ours, Message.state == states.ACCEPTED)
    wait_for(lambda: _count(left) == TEXTS, f"{TEXTS} texts to leave", PATIENCE_S)
    span = sa.select(sa.func.min(Attempt.created_at), sa.func.max(Attempt.settled_at))
    with reading() as session:
        first, last = session.execute(span.where(Attempt.message_id.startswith(f"{mark}-"))).one()
    return float(TEXTS / (last - first).total_seconds())


def _count(query: sa.Select[int]) -> int:
    with reading() as session:
        return session.execute(query).scalar_one()
