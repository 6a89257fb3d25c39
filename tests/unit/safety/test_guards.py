"""Each guard of the sending engine is taken away once: what holds with it breaks without it. So none of them stands
there for nothing, and one that is lost from the code is missed here."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
import sqlalchemy as sa
from alembic.migration import MigrationContext
from alembic.operations import Operations
from flask import Flask
from sqlalchemy.orm import Session

from tests import cast
from tests.postgres import both_databases
from tests.unit.messages.conftest import Written
from tests.unit.safety import scenarios as played
from tests.unit.safety.conftest import Standing
from tests.unit.safety.scenarios import World
from vidmsg.calendar import planning
from vidmsg.database import db
from vidmsg.messages import frozen, leaving, move, obstacles, reconcile, sending, states
from vidmsg.messages.models import Message
from vidmsg.milestones.models import Occurrence

pytestmark = both_databases

Patch = pytest.MonkeyPatch


def without_compare_and_set(patch: Patch) -> None:
    def write(session: Session, message: Message, values: dict[str, Any]) -> bool:
        mine = sa.update(Message).where(Message.id == message.id)
        session.execute(mine.values(**values).execution_options(synchronize_session=False))
        return True

    patch.setattr(move, "_compare_and_set", write)


def without_compare_and_set_of_many(patch: Patch) -> None:
    def write(session: Session, ids: list[str], _before: str, to: str, *, mover: str, **values: Any) -> list[str]:
        session.execute(sa.update(Message).where(Message.id.in_(ids)).values(state=to, **values))
        return ids

    patch.setattr(sending, "move_all", write)


def without_unique(constraint: str) -> Callable[[Patch], None]:
    """The test's own database loses this constraint."""
    table = constraint.split("_")[1]

    def drop(_patch: Patch) -> None:
        db.session.close()
        engine = sa.create_engine(db.engine.url)  # without our pragmas: a table is written anew under its references
        with engine.begin() as connection:
            operations = Operations(MigrationContext.configure(connection))
            with operations.batch_alter_table(table) as batch:
                batch.drop_constraint(constraint, type_="unique")
        engine.dispose()

    return drop


def without_unique_cycles(patch: Patch) -> None:
    without_unique("uq_occurrence_milestone_id_cycle")(patch)
    patch.setattr(planning, "_insert", lambda _session: sa.insert(Occurrence.__table__))


def without_settle_time(patch: Patch) -> None:
    patch.setattr(reconcile, "SETTLED", dt.timedelta())


def without_the_second_list(patch: Patch) -> None:
    patch.setattr(reconcile, "EMPTY_ENOUGH", 1)


def without_rank(patch: Patch) -> None:
    anywhere = {(before, after): frozenset({states.RECEIPTS}) for before in states.RANK for after in states.RANK}
    patch.setattr(states, "TABLE", {**anywhere, **states.TABLE})


def without_lease(patch: Patch) -> None:
    patch.setattr(sending, "CALL_ROOM", -dt.timedelta(days=1))


def without_freeze(patch: Patch) -> None:
    patch.setattr(frozen, "reason", lambda _session: None)


def without_hours(patch: Patch) -> None:
    patch.setattr(leaving, "moment", lambda _message, now: now)


def without_the_last_question(patch: Patch) -> None:
    patch.setattr(obstacles, "find", lambda _session, _message: None)


@dataclass(frozen=True)
class Guard:
    """A guard, the scenario that it stands against, and what comes of that with it and without it. `only`: the
    database on which it is needed, where the other has a second guard of its own."""

    name: str
    scenario: Callable[[World], int | str]
    take_away: Callable[[Patch], None]
    holds: int | str = 1
    breaks: int | str = 2
    only: str = ""


GUARDS = (
    # On SQLite one writer at a time holds the whole file from its first read on.
    Guard("compare-and-set", played.a_receipt_comes_while_we_give_up, without_compare_and_set, only="postgresql"),
    Guard("compare-and-set of many", played.two_workers_saw_the_same_message, without_compare_and_set_of_many),
    Guard("unique request key", played.a_double_click, without_unique("uq_message_request_key")),
    Guard(
        "unique occurrence and recipient",
        played.two_people_write_for_one_day,
        without_unique("uq_message_occurrence_id_person_id"),
    ),
    Guard("unique milestone and cycle", played.two_planners_see_an_empty_night, without_unique_cycles),
    Guard("settle time", played.twilio_lists_late, without_settle_time),
    Guard("second list", played.one_list_is_stale, without_the_second_list),
    Guard("rank", played.an_old_receipt_is_replayed, without_rank, states.DELIVERED, states.SENT),
    Guard("lease", played.a_worker_sleeps_before_its_call, without_lease),
    Guard("freeze", played.a_copy_has_sent_it, without_freeze),
    Guard("hours in the last moment", played.evening_comes_between_claim_and_call, without_hours, 0, 1),
    Guard(
        "consent at the moment of sending", played.stop_comes_between_claim_and_call, without_the_last_question, 0, 1
    ),
)
each_guard = pytest.mark.parametrize("guard", GUARDS, ids=lambda guard: guard.name)


@pytest.fixture
def world(app: Flask, home: cast.Cast, written: Written, time: Standing, guard: Guard) -> World:
    if guard.only not in {"", db.engine.dialect.name}:
        pytest.skip("this database has a second guard of its own")
    return World(app, home, written, time)


@each_guard
def test_with_its_guard_it_holds(world: World, guard: Guard) -> None:
    assert guard.scenario(world) == guard.holds


@pytest.mark.filterwarnings("ignore:Skipped unsupported reflection")
@each_guard
def test_without_its_guard_it_breaks(world: World, guard: Guard, monkeypatch: Patch) -> None:
    guard.take_away(monkeypatch)
    assert guard.scenario(world) == guard.breaks
