"""How late a text leaves when nothing else is to be done: real workers that idle, texts due at moments of their own.
From the moment it was due to the moment Twilio's answer was written down."""

from __future__ import annotations

import datetime as dt
from contextlib import ExitStack
from pathlib import Path

import sqlalchemy as sa
from flask import Flask

from tests.bench import crowd, houses
from tests.bench.report import Row, percentile
from tests.contract.sms.processes import SimulatorProcess
from tests.server import decent_hour, wait_for
from vidmsg import clock
from vidmsg.database import reading, writing
from vidmsg.messages.models import Attempt, Message

TEXTS, SOON, APART = 120, dt.timedelta(seconds=5), dt.timedelta(milliseconds=290)
PATIENCE_S = 120.0


def run(_folder: Path, work: Path) -> list[Row]:
    """Both databases at once: their workers idle, so neither is in the other's way."""
    with ExitStack() as stack:
        file = work / "idle-clock"  # one for all, so that a moment is the same everywhere
        file.write_text(str((decent_hour() - dt.datetime.now(dt.UTC)).total_seconds()))
        phone = stack.enter_context(SimulatorProcess(work / "idle-phone.db", "--pace", "3600", clock=file))
        apps = {}
        for kind in houses.KINDS:
            here = {"VIDMSG_SIMULATOR_URL": phone.url, clock.OFFSET_FILE: str(file)}
            server = houses.installation(kind, work / f"idle-{kind}", here)
            apps[kind] = stack.enter_context(houses.at_home(server))
            with apps[kind].app_context(), writing() as session:
                everybody = crowd.put_in(session, TEXTS)
                crowd.texts(session, everybody, "idle", TEXTS, clock.now() + dt.timedelta(days=2))
            stack.enter_context(houses.workers(server, 1))
        for app in apps.values():
            _spread(app)
        return [row for kind, app in apps.items() for row in _rows(kind, app)]


def _spread(app: Flask) -> None:
    """Each at a moment of its own from now on."""
    with app.app_context(), writing() as session:
        begin = clock.now() + SOON
        for number, message in enumerate(session.scalars(sa.select(Message).order_by(Message.id))):
            message.due_at = begin + APART * number


def _rows(kind: str, app: Flask) -> list[Row]:
    done = sa.select(sa.func.count()).select_from(Attempt).where(Attempt.settled_at.is_not(None))
    late = sa.select(Message.due_at, Attempt.settled_at).join(Attempt, Attempt.message_id == Message.id)
    with app.app_context():
        wait_for(lambda: _count(done) == TEXTS, f"{TEXTS} texts to leave", PATIENCE_S)
        with reading() as session:
            found = session.execute(late.order_by(Message.due_at)).all()
    answered = [(row.settled_at - row.due_at).total_seconds() for row in found]
    first = answered[0]  # brings Twilio's SDK in, as a worker's first text does
    note = f"middle {percentile(answered, 0.5):.2f} s, slowest {max(answered):.2f} s, the first {first:.2f} s"
    return [Row(f"lateness of a due text, {kind}, idle workers, p99", percentile(answered, 0.99), "s", 2, note)]


def _count(query: sa.Select[int]) -> int:
    with reading() as session:
        return session.execute(query).scalar_one()
