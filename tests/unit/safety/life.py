"""The life of one date, played: its person, the rep who looks after it, and what may happen to it in the years. For
tests that ask what came of it all."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from dataclasses import dataclass, replace
from typing import Any

import sqlalchemy as sa

from tests.unit.messages.conftest import NOON, FakeGateway
from tests.unit.safety.scenarios import World
from vidmsg import clock, tokens
from vidmsg.accounts.models import Organisation, User
from vidmsg.calendar import moving, planning, putting_off
from vidmsg.calendar.moving import CannotMove
from vidmsg.calendar.putting_off import CannotPutOff
from vidmsg.database import reading, writing
from vidmsg.messages import changing, compose, deciding, leaving
from vidmsg.messages.compose import Plan
from vidmsg.messages.models import Attempt, Message, StatusEvent
from vidmsg.milestones import keeping, marking, rules
from vidmsg.milestones.keeping import Details
from vidmsg.milestones.models import Milestone, Occurrence
from vidmsg.people import keeping as people
from vidmsg.people.models import Person
from vidmsg.sms.gateway import Accepted, Listed

DAY = dt.timedelta(days=1)
BEGINS, YEAR = NOON, 365 * DAY
AROUND = 75 * DAY  # before and after her day; in the other months nothing of it happens
LOOKS = 25 * DAY  # so often, at least, the night plans and the rep looks
NEAR = 40 * DAY  # so long before a day the rep writes
WORDS = "Hi Maria, it's Bob from Harbor Spa. Another year, thank you! Reply STOP to opt out."


class Network(FakeGateway):
    """Takes every text, and it arrives."""

    def send(self, to: str, body: str, status_callback: str, validity_seconds: int) -> Accepted:
        self.sent.append({"message": status_callback.split("/")[-2]})
        return Accepted("SM" + tokens.new_token().encode().hex()[:32], "queued", 1)

    def fetch(self, sid: str) -> Listed:
        return Listed(sid, "delivered", None, "", "outbound-api", None)


@dataclass
class Life:
    """Maria, her one date, and the rep who looks after it."""

    world: World
    network: Network
    milestone_id: int = 0
    born: dt.date = dt.date(2024, 1, 1)

    def begins(self, born: dt.date) -> dt.datetime:
        """Anew, with nothing of before. The noon of her first day, by the clock of Seattle."""
        self.network.sent.clear()
        self.born = born
        year = BEGINS.year + (born.replace(year=2028) < BEGINS.date().replace(year=2028))
        first = dt.datetime(year, born.month, min(born.day, 28), 20, tzinfo=dt.UTC)
        self.world.time.at(max(BEGINS, first - AROUND))
        with writing() as session:
            for table in (StatusEvent, Attempt, Message, Occurrence, Milestone):
                session.execute(sa.delete(table))
            home = session.get_one(Organisation, self.world.home.organisation.id)
            home.weekend, home.holidays, home.leap, home.person_daily_cap = rules.ON_THE_DAY, "US", rules.FEB_28, 99
            session.execute(sa.update(Person).values(time_zone="America/Los_Angeles"))
            maria = session.get_one(Person, self.world.home.maria.id)
            details = Details("birthday", month=born.month, day=born.day)
            self.milestone_id = keeping.add(session, maria, details, None).id
        return first

    def sleeps(self, until: dt.datetime) -> None:
        """Months in which there is nothing to do."""
        self.world.time.at(max(until, clock.now()))

    def passes(self, until: dt.datetime, *, at_work: bool = True) -> None:
        """Nights plan, the rep writes, workers send; or nobody does, and then everybody comes back."""
        while at_work and clock.now() < until:
            self.night()
            self.world.walk(min(until, clock.now() + LOOKS), LOOKS)
        self.world.time.at(max(until, clock.now()))
        self.night()
        self.world.work()

    def night(self) -> None:
        planning.run()
        with reading() as session:
            zone = session.get_one(Person, self.world.home.maria.id).time_zone
            near = clock.local(clock.now(), zone).date() + NEAR
            without = ~sa.exists().where(Message.occurrence_id == Occurrence.id)
            query = sa.select(Occurrence).where(without, Occurrence.skipped_at.is_(None), Occurrence.planned_on <= near)
            days = list(session.scalars(query))
        for day in days:
            self.write_for(day)
        with writing() as session:  # whatever asks a person gets a yes
            for message in session.scalars(sa.select(Message)):
                if leaving.is_late(message, clock.now()):
                    changing.reschedule(session, message, by=message.sender, due_at=clock.now())
                elif message.state in deciding.RELEASABLE:
                    deciding.release(session, message)

    def write_for(self, day: Occurrence, no_video: str | None = "text") -> None:
        with writing() as session:
            maria = session.get_one(Person, self.world.home.maria.id)
            compose.compose(
                session,
                sender=session.get_one(User, self.world.home.bob.id),
                person=maria,
                video=None,
                body=WORDS,
                words="",
                request_key=tokens.new_token(),
                due_at=max(rules.moment(day.planned_on, dt.time(9, 10), maria.time_zone), clock.now()),
                plan=Plan(send_on=day.planned_on, occurrence_id=day.id, no_video=no_video),
            )

    def change(self, **own: Any) -> None:
        """Other details of the date."""
        with writing() as session:
            milestone = session.get_one(Milestone, self.milestone_id)
            keeping.change(session, milestone, replace(keeping.details_of(milestone), **own), None)

    def days(self) -> list[Occurrence]:
        with reading() as session:
            return list(session.scalars(sa.select(Occurrence).order_by(Occurrence.natural_on)))

    def texts(self) -> Counter[str]:
        """How many texts each cycle had, as the network saw them."""
        with reading() as session:
            query = sa.select(Message.id, Occurrence.cycle).join(Occurrence, Occurrence.id == Message.occurrence_id)
            cycle_of = {row.id: row.cycle for row in session.execute(query)}
        return Counter(cycle_of[one["message"]] for one in self.network.sent)


@dataclass(frozen=True)
class Move:
    """The newest planned day is put elsewhere, however often."""

    away: int

    def happens(self, life: Life) -> None:
        for day in life.days()[-1:]:
            with writing() as session:
                there = session.get_one(Occurrence, day.id)
                target = there.natural_on + self.away * DAY
                try:
                    moving.move(session, there, target, there.planned_on, life.world.home.bob.id)
                except CannotMove:
                    session.rollback()


@dataclass(frozen=True)
class Correct:
    """It was another day of the year, after all; and perhaps the year is known now."""

    away: int
    year: int | None

    def happens(self, life: Life) -> None:
        leap_year = 2024
        first, last = dt.date(leap_year, 1, 1), dt.date(leap_year, 12, 31)
        day = min(max(life.born + self.away * DAY, first), last)
        life.change(month=day.month, day=day.day, year=self.year)


@dataclass(frozen=True)
class Rule:
    """Rules of its own; None follows the organisation."""

    leap: str | None
    weekend: str | None
    send_at: dt.time | None
    send_zone: str | None

    def happens(self, life: Life) -> None:
        life.change(leap=self.leap, weekend=self.weekend, send_at=self.send_at, send_zone=self.send_zone)


@dataclass(frozen=True)
class Rules:
    """The organisation's rules."""

    leap: str
    weekend: str
    holidays: str

    def happens(self, life: Life) -> None:
        with writing() as session:
            home = session.get_one(Organisation, life.world.home.organisation.id)
            home.leap, home.weekend, home.holidays = self.leap, self.weekend, self.holidays
        marking.rules_changed(life.world.home.organisation.id)


@dataclass(frozen=True)
class Zone:
    """She lives elsewhere now."""

    zone: str

    def happens(self, life: Life) -> None:
        with writing() as session:
            maria = session.get_one(Person, life.world.home.maria.id)
            details = people.Details(maria.first_name, maria.last_name, maria.phone, self.zone)
            people.change(session, maria, details, life.world.home.bob.id)


@dataclass(frozen=True)
class PlanAgain:
    """The night runs once more over what is planned already."""

    def happens(self, life: Life) -> None:
        with writing() as session:
            session.execute(sa.update(Milestone).values(next_on=clock.now().date()))
        planning.run()


@dataclass(frozen=True)
class Snooze:
    """Not today."""

    days: int

    def happens(self, life: Life) -> None:
        for day in life.days()[-1:]:
            with writing() as session:
                until, there = clock.now().date() + self.days * DAY, session.get_one(Occurrence, day.id)
                try:
                    putting_off.put_off(session, there, life.world.home.bob.id, until, late_is_fine=True)
                except CannotPutOff:
                    session.rollback()


@dataclass(frozen=True)
class Again:
    """Somebody writes for a day that has its text already, sent or not."""

    def happens(self, life: Life) -> None:
        for day in life.days()[-1:]:
            if day.skipped_at is None:
                life.write_for(day, None)


@dataclass(frozen=True)
class Outage:
    """Nobody works for so many days."""

    days: int

    def happens(self, life: Life) -> None:
        life.passes(clock.now() + self.days * DAY, at_work=False)
