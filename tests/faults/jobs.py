"""What the children of tests.faults.children do, each in a process of its own: set an installation up, plan, write,
work as a worker does, play the web process that Twilio calls, say what the rows hold."""

from __future__ import annotations

import datetime as dt
import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from flask import current_app
from twilio.request_validator import RequestValidator

from tests import cast
from tests.faults.breaking import BREAKS
from tests.faults.crowd import labour, serve, write_many
from vidmsg import backup, clock, jobs
from vidmsg.accounts.models import Installation, User
from vidmsg.calendar import planning
from vidmsg.database import reading, writing
from vidmsg.messages import compose, frozen, states
from vidmsg.messages.compose import NO_PLAN, Plan
from vidmsg.messages.models import Attempt, Message, StatusEvent
from vidmsg.milestones import keeping
from vidmsg.milestones.models import Occurrence
from vidmsg.people.models import Person
from vidmsg.videos.models import READY, Video

NOON = dt.datetime(2026, 3, 4, 20, 0, tzinfo=dt.UTC)  # Wednesday noon in Seattle
ACCOUNT, TOKEN = "AC" + "f" * 32, "a token for tests only"
BODY = "Hi Maria, it's Bob from Harbor Spa. I made you a short video. Reply STOP to opt out."
FIRST = "+12065550999"
LEFT = {states.ACCEPTED, states.SENT, states.DELIVERED}


def at(**after_noon: float) -> None:
    """It is so long after noon, for every process that shares our clock."""
    set_clock(Path(os.environ[clock.OFFSET_FILE]), NOON + dt.timedelta(**after_noon))


def set_clock(path: Path, moment: dt.datetime) -> None:
    """It is `moment`, for every process whose clock is in this file."""
    new = path.with_suffix(f".{os.getpid()}")  # never half of it, for whoever reads just now
    new.write_text(str((moment - dt.datetime.now(dt.UTC)).total_seconds()))
    new.replace(path)


def warm_up() -> None:
    """The cast, in an empty database, Twilio's account ours and texts not counted; and one text, sent and received."""
    at()
    with writing() as session:
        home = cast.put_in(session)
        home.organisation.daily_cap = 1_000_000
        session.add(_video(home.bob))
        session.execute(sa.update(Installation).values(simulator_sid=ACCOUNT, simulator_token=TOKEN))
    go_on(FIRST, [0, 17, 75], new=True, birthday=True, hear=True)


def write(phone: str, birthday: bool = False, due_in: float = 0) -> None:
    """A person with that number, and a text to her; with `birthday` only the date, which is today."""
    with writing() as session:
        bob = session.scalars(sa.select(User).where(User.name == "Bob Baker")).one()
        person = cast.customer(session, bob, "Maria", "Alvarez", phone)
        if birthday:
            keeping.add(session, person, keeping.Details("birthday", month=NOON.month, day=NOON.day), bob.id)
        else:
            _compose(session, bob, person, due_in=due_in)


def write_each(due_in: dict[str, float]) -> None:
    """A text to each of these numbers, due in so many seconds."""
    for phone, seconds in due_in.items():
        write(phone, due_in=seconds)


def go_on(
    phone: str,
    minutes: Sequence[float],
    *,
    new: bool = False,
    birthday: bool = False,
    hear: bool = False,
    breaks: str = "",
) -> dict[str, Any]:
    """Work as a worker does at each of these minutes after noon, until nothing is due; what the rows say then. `new`:
    write it first. `birthday`: plan, and write for the day that came of it. `hear`: Twilio calls back at the end.
    `breaks`: what is broken for this process."""
    if breaks:
        BREAKS[breaks]()
    if new:
        at()
        write(phone, birthday=birthday)
    for minute in minutes:
        at(minutes=minute, seconds=1)
        if birthday:
            _plan(phone)
        while jobs.jobs().run_one("sms"):
            pass
    if hear:
        assert call_back(phone, "delivered") == 204
    return rows(phone)


def call_back(phone: str, status: str) -> int:
    """Twilio's callback for the newest attempt, as the web process gets it."""
    with reading() as session:
        attempt = session.scalars(
            sa.select(Attempt).where(Attempt.phone == phone).order_by(Attempt.created_at.desc()).limit(1)
        ).one()
    address = current_app.config["SETTINGS"].address
    path = f"/hooks/twilio/status/{attempt.message_id}/{attempt.id}"
    form = {"MessageSid": attempt.sid or "", "MessageStatus": status, "To": phone}
    return _post(address, path, form)


def stop_texting(phone: str) -> None:
    """Her STOP comes in, as the web process gets it."""
    settings = current_app.config["SETTINGS"]
    form = {"MessageSid": f"SM{phone[1:]:0>32}", "From": phone, "To": "+12065550199", "Body": "STOP"}
    assert _post(settings.address, "/hooks/twilio/inbound", form) == 200


def back_up(archive: str) -> None:
    """`python -m vidmsg backup`."""
    app: Any = current_app
    backup.write(app, app.config["SETTINGS"], Path(archive))


def restore(archive: str) -> None:
    """`python -m vidmsg restore`, in an empty place."""
    backup.read(current_app.config["SETTINGS"], Path(archive))


def lift() -> bool:
    """Alice lets texts leave again; whether she could."""
    try:
        with writing() as session:
            frozen.lift(session, session.scalars(sa.select(User).where(User.name == "Alice Archer")).one())
    except frozen.NotYet:
        return False
    return True


def rows(phone: str) -> dict[str, Any]:
    """What our rows say of this number: the message's state, its attempts, the way it came, its occurrences."""
    with reading() as session:
        message = session.scalars(sa.select(Message).where(Message.phone == phone)).one()
        events = session.scalars(sa.select(StatusEvent).where(StatusEvent.message_id == message.id))
        days = sa.select(sa.func.count()).select_from(Occurrence).where(Occurrence.person_id == message.person_id)
        return {
            "id": message.id,
            "state": message.state,
            "reason": message.reason,
            "token": message.link.token if message.link else message.body,
            "attempts": [(one.number, one.outcome, one.sid) for one in message.attempts],
            "way": [(one.from_state, one.to_state) for one in sorted(events, key=lambda one: one.id)],
            "days": session.execute(days).scalar_one(),
        }


def rows_of(phones: list[str]) -> list[dict[str, Any]]:
    """What they say of each of these numbers."""
    return [rows(phone) for phone in phones]


def _post(address: str, path: str, form: dict[str, str]) -> int:
    signature = RequestValidator(TOKEN).compute_signature(address + path, form)
    client = current_app.test_client()
    answer = client.post(path, base_url=address, data=form, headers={"X-Twilio-Signature": signature})
    return answer.status_code


def _plan(phone: str) -> None:
    planning.run()
    with writing() as session:
        person = session.scalars(sa.select(Person).where(Person.phone == phone)).one()
        for day in session.scalars(sa.select(Occurrence).where(Occurrence.person_id == person.id)):
            plan = Plan(send_on=day.planned_on, occurrence_id=day.id)
            _compose(session, session.get_one(User, person.owner_id), person, plan)


def _compose(session: Any, bob: User, person: Person, plan: Plan = NO_PLAN, due_in: float = 0) -> Message:
    return compose.compose(
        session,
        sender=bob,
        person=person,
        video=session.scalars(sa.select(Video).limit(1)).one(),
        body=BODY,
        words="",
        request_key=f"{person.phone} {plan.occurrence_id}",
        due_at=clock.now() + dt.timedelta(seconds=due_in),
        plan=plan,
    )


def _video(bob: User) -> Video:
    now = clock.now()
    owner = {"organisation_id": bob.organisation.id, "team_id": bob.team_id, "owner_id": bob.id}
    return Video(state=READY, duration_s=31.0, has_audio=True, silent=False, created_at=now, kept_at=now, **owner)


_OF_ONE = (warm_up, write, go_on, call_back, stop_texting, rows)
_OF_MANY = (write_each, rows_of, write_many, labour, serve, back_up, restore, lift)
_ALL: tuple[Callable[..., Any], ...] = (*_OF_ONE, *_OF_MANY)
JOBS = {job.__name__: job for job in _ALL}
