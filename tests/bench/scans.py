"""Looking for due messages while a million are scheduled, beside ten thousand; and claiming five hundred at once of
that million. By the worker's own functions, in this process."""

from __future__ import annotations

import datetime as dt
import time
from contextlib import ExitStack
from pathlib import Path

import sqlalchemy as sa
from flask import Flask

from tests.bench import crowd, houses
from tests.bench.report import Row, median
from vidmsg import clock
from vidmsg.config import Settings
from vidmsg.database import writing
from vidmsg.jobs import jobs
from vidmsg.messages import sending
from vidmsg.messages.models import Message

MANY, FEW, AT_ONCE = 1_000_000, 10_000, 500
LOOKS, CLAIMS = 200, 7
LIMITED = 100_000.0  # texts a second: a limit that grants each batch whole


def run(_folder: Path, work: Path) -> list[Row]:
    """On both databases."""
    rows = []
    for kind in houses.KINDS:
        with ExitStack() as stack:
            few = stack.enter_context(houses.at_home(houses.installation(kind, work / f"few-{kind}")))
            _fill(few, FEW)
            many = stack.enter_context(houses.at_home(houses.installation(kind, work / f"many-{kind}")))
            _fill(many, MANY)
            rows += _looks(kind, few, many)
            with many.app_context():
                rows += _claims(kind, many)
    return rows


def _fill(app: Flask, count: int) -> None:
    """Messages for the next hundred days."""
    with app.app_context():
        with writing() as session:
            everybody = crowd.put_in(session, 1)
        for day in range(1, 101):
            with writing() as session:
                due_at = clock.now() + dt.timedelta(days=day)
                crowd.messages(session, everybody, f"day-{day}", count // 100, due_at)
        houses.settle()


def _looks(kind: str, few: Flask, many: Flask) -> list[Row]:
    """One look a turn at each, so that whatever else this machine does meets both."""
    took: dict[Flask, list[float]] = {few: [], many: []}
    for _ in range(LOOKS):
        for app, times in took.items():
            with app.app_context():
                times.append(_look())
    small, large = median(took[few]), median(took[many])
    note = f"{large:.2f} ms against {small:.2f} ms"
    return [
        Row(f"due scan, {kind}, nothing due of 1 000 000, against 10 000", large / small, "×", 1.5, note),
        Row(f"due scan, {kind}, nothing due of 1 000 000", large, "ms", 5),
    ]


def _look() -> float:
    """Milliseconds of what the clock asks each second."""
    (is_due,) = [drain.due for drain in jobs().drains["sms"] if drain.work.__name__ == "send"]
    started = time.perf_counter()
    due = is_due()
    took = (time.perf_counter() - started) * 1000
    assert not due, "something was due"
    return took


def _claims(kind: str, app: Flask) -> list[Row]:
    rows = []
    for what, a_second in (("", 0.0), (", rate limit on", LIMITED)):
        settings: Settings = app.config["SETTINGS"]
        app.config["SETTINGS"] = settings.model_copy(update={"sms_per_second": a_second})
        took = []
        for _ in range(CLAIMS):
            _make_due(AT_ONCE)
            started = time.perf_counter()
            claimed = sending.claim("bench", limit=AT_ONCE)
            took.append((time.perf_counter() - started) * 1000)
            assert len(claimed) == AT_ONCE, f"{len(claimed)} claimed"
        rows.append(Row(f"claim of {AT_ONCE}, {kind}{what}", median(took), "ms", 50, f"slowest {max(took):.0f} ms"))
    return rows


def _make_due(count: int) -> None:
    """The next so many are due now."""
    with writing() as session:
        ids = session.scalars(
            sa.select(Message.id)
            .where(Message.state == "scheduled", Message.due_at > clock.now())
            .order_by(Message.due_at, Message.id)
            .limit(count)
        ).all()
        session.execute(sa.update(Message).where(Message.id.in_(ids)).values(due_at=clock.now()))
