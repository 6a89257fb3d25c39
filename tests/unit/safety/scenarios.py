"""What goes wrong in the world, as plain functions that play it and return what came of it: as a rule, how many texts
Maria's phone got. Each is made so that one guard of the application stands between her and a mistake; test_guards
plays it with the guard and without."""

from __future__ import annotations

import datetime as dt
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy.orm import Session

from tests import cast
from tests.unit.messages.conftest import FIRST, NOON, Written
from tests.unit.safety.conftest import Standing
from vidmsg import clock, tokens
from vidmsg.accounts.models import User
from vidmsg.calendar import planning, replanning
from vidmsg.database import reading, writing
from vidmsg.messages import compose, due, frozen, links, receipts, reconcile, sending, states, thawing
from vidmsg.messages.compose import Plan as Wish
from vidmsg.messages.models import Attempt, Message
from vidmsg.milestones import keeping
from vidmsg.milestones.models import Milestone, Occurrence
from vidmsg.people import consent
from vidmsg.people.models import Person
from vidmsg.sms import simulator_store
from vidmsg.sms.models import SimulatedMessage
from vidmsg.sms.simulator_faults import Faults, Plan

STEP = dt.timedelta(hours=6)


@dataclass
class World:
    """The application on its database, the practice phone as its network, a clock, and faults to order."""

    app: Flask
    home: cast.Cast
    written: Written
    time: Standing
    faults: Faults = field(default_factory=Faults)

    def __post_init__(self) -> None:
        self.app.extensions["simulator"].rules.append(self.faults.rule)

    def phone(self) -> int:
        """How many texts of ours Maria's phone got."""
        return len(self.arrived())

    def arrived(self) -> list[dt.datetime]:
        """When each of them left, in order."""
        thread: list[SimulatedMessage] = self.app.extensions["simulator"].thread(cast.MARIA_PHONE)
        return [one.created_at for one in thread if one.direction == simulator_store.OUTBOUND]

    def work(self, minutes: int = 0) -> None:
        """What living workers do, now and for so many minutes."""
        for minute in range(minutes + 1):
            self.time.forward(minutes=min(minute, 1))
            while (_any(due.to_look_at) and reconcile.look()) or (
                _any(due.claimable) and sending.send_due(threading.Event())
            ):
                pass

    def walk(self, until: dt.datetime, step: dt.timedelta = STEP) -> None:
        """Time goes on with workers at work: from one moment at which there is something to do to the next, and after
        each `step` in which there was nothing."""
        while clock.now() < until:
            with reading() as session:
                moments = [
                    session.scalar(sa.select(sa.func.min(column)).where(column > clock.now(), *more))
                    for column, *more in ((Message.due_at, due.IS_SCHEDULED), (Message.look_at,))
                ]
            self.time.at(min([moment for moment in moments if moment] + [until, clock.now() + step]))
            self.work()

    def state(self, message: Message) -> str:
        return self.written.look(message).state

    def birthday(self) -> list[Occurrence]:
        """Maria's birthday is today, and the night planned it."""
        with writing() as session:
            maria = session.get_one(Person, self.home.maria.id)
            today = NOON.date()
            keeping.add(session, maria, keeping.Details("birthday", month=today.month, day=today.day), None)
        planning.run()
        return self.occurrences()

    def occurrences(self) -> list[Occurrence]:
        with reading() as session:
            return list(session.scalars(sa.select(Occurrence).order_by(Occurrence.id)))

    def write_for(self, occurrence: Occurrence, key: str = "") -> Message:
        with writing() as session:
            return compose.compose(
                session,
                sender=session.get_one(User, self.home.bob.id),
                person=session.get_one(Person, self.home.maria.id),
                video=None,
                body=FIRST,
                words="",
                request_key=key or tokens.new_token(),
                due_at=clock.now(),
                plan=Wish(send_on=occurrence.planned_on, occurrence_id=occurrence.id),
            )


def _any(query: Callable[[dt.datetime], sa.Select[Any]]) -> bool:
    """Whether there is something to do, as a worker asks before it takes a row."""
    with reading() as session:
        return session.execute(query(clock.now()).limit(1)).first() is not None


def begun(message: Message, worker: str = "a worker") -> sending.Submission:
    """A worker is in the middle of the call."""
    assert sending.claim(worker) == [message.id]
    found = sending.submit(message.id, worker)
    assert found is not None
    return found


def hand_over(world: World, text: sending.Submission) -> None:
    """Twilio takes it, and its answer is never read."""
    world.app.extensions["gateway"].send(text.to, text.body, status_callback="", validity_seconds=60)


def a_receipt_comes_while_we_give_up(world: World) -> int:
    """Two lists were empty, and in the moment between reading the row and moving it a late callback says that the text
    arrived."""
    message = world.written.make()
    text = begun(message)
    hand_over(world, text)
    world.faults.order(Plan(chances={"list": {"stale": 1.0}}, stale_s=7200))
    count = reconcile._of_unknown_fate

    def meanwhile(session: Session, message_id: str) -> int:
        with writing() as other:
            attempt = other.get_one(Attempt, text.attempt_id)
            if not attempt.sid and clock.now() - attempt.created_at >= dt.timedelta(minutes=15):
                sid = world.app.extensions["simulator"].thread(cast.MARIA_PHONE)[0].sid
                receipts.apply(other, attempt, sid=sid, status="delivered", error_code=None)
        return count(session, message_id)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(reconcile, "_of_unknown_fate", meanwhile)
        world.work(minutes=25)
    return world.phone()


def two_workers_saw_the_same_message(world: World) -> int:
    """The second read that it is due before the first had claimed it, and claims it while the first is calling."""
    message = world.written.make()
    text = begun(message, "the first")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(due, "claimable", lambda _now: sa.select(Message.id).where(Message.id == message.id))
        for message_id in sending.claim("the second"):
            second = sending.submit(message_id, "the second")
            if second:
                sending.call(second)
    sending.call(text)
    return world.phone()


def a_double_click(world: World) -> int:
    """Two requests of one form; the second looked for the first one's message before that was committed."""
    world.written.make(key="one form")
    made, looked = compose._made, list[None]()

    def too_early(*about: Any) -> Message | None:
        looked.append(None)
        return made(*about) if len(looked) > 1 else None

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(compose, "_made", too_early)
        world.written.make(key="one form")
    world.work()
    return world.phone()


def two_people_write_for_one_day(world: World) -> int:
    """The rep and her manager both have the day open, and both press."""
    (day,) = world.birthday()
    world.write_for(day)
    world.write_for(day)
    world.work()
    return world.phone()


def two_planners_see_an_empty_night(world: World) -> int:
    """The second looked for planned days before the first had committed; each day that there is gets its text."""
    world.birthday()
    with writing() as session:
        session.execute(sa.update(Milestone).values(next_on=NOON.date()))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(replanning, "existing", lambda *_about: {})
        planning.run()
    for day in world.occurrences():
        world.write_for(day)
    world.work()
    return world.phone()


def twilio_lists_late(world: World) -> int:
    """The worker died with the answer unread, and Twilio's list shows the text after ten minutes only."""
    message = world.written.make()
    hand_over(world, begun(message))
    world.faults.order(Plan(chances={"list": {"stale": 1.0}}, stale_s=600))
    world.work(minutes=60)
    assert world.state(message) not in {states.UNKNOWN, states.UNCONFIRMED}
    return world.phone()


def one_list_is_stale(world: World) -> int:
    """The same, but nobody worked for twenty minutes, and then one list is older than it says."""
    message = world.written.make()
    hand_over(world, begun(message))
    world.time.forward(minutes=20)
    world.faults.order(Plan(next=({"on": "list", "fault": "stale"},), stale_s=7200))
    world.work(minutes=20)
    return world.phone()


def an_old_receipt_is_replayed(world: World) -> str:
    """After "delivered" come the receipts of before once more; the state in the end."""
    message = world.written.make()
    world.work()
    for status in ("sent", "delivered", "failed", "sent"):
        with writing() as session:
            attempt = session.query(Attempt).one()
            receipts.apply(session, attempt, sid=attempt.sid or "", status=status, error_code=None)
    return world.state(message)


def a_worker_sleeps_before_its_call(world: World) -> int:
    """Its laptop was closed with the call not yet begun; meanwhile the text was looked for twice and sent by another,
    and then it wakes."""
    text = begun(world.written.make())
    world.work(minutes=30)
    sending.call(text)
    return world.phone()


def a_copy_has_sent_it(world: World) -> int:
    """A backup from before noon is restored; what it thinks is due, the real one sent long ago."""
    message = world.written.make()
    with reading() as session:
        body = links.full_body("http://localhost", message, links.current(session, message.id))
    world.app.extensions["gateway"].send(message.phone, body, status_callback="", validity_seconds=60)
    with writing() as session:
        frozen.begin(session, "Restored from a backup.")
    world.work(minutes=16)
    while thawing.look():
        pass
    with writing() as session:
        frozen.lift(session, session.get_one(User, world.home.alice.id))
    world.work(minutes=5)
    return world.phone()


def evening_comes_between_claim_and_call(world: World) -> int:
    """Claimed half a minute before eight in the evening, taken up half a minute after; texts at night."""
    message = world.written.make()
    world.time.at(NOON + dt.timedelta(hours=8, seconds=-30))
    sending.claim("a worker")
    world.time.forward(minutes=1)
    text = sending.submit(message.id, "a worker")
    if text:
        sending.call(text)
    return world.phone()


def stop_comes_between_claim_and_call(world: World) -> int:
    """She asks us to stop when a worker has the message in its hands already; texts after her word."""
    message = world.written.make()
    sending.claim("a worker")
    with writing() as session:
        home = world.home.organisation.id
        consent.revoke(session, organisation_id=home, phone=cast.MARIA_PHONE, words="STOP", source="text")
    text = sending.submit(message.id, "a worker")
    if text:
        sending.call(text)
    return world.phone()
