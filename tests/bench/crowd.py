"""A crowd in the database, for benches: many people, dates and messages by a few statements that make rows from rows,
so that a million take seconds, on SQLite and on Postgres alike."""

from __future__ import annotations

import datetime as dt
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from tests import cast
from tests.cast import Cast
from vidmsg import clock
from vidmsg.accounts.models import Team, User
from vidmsg.database import UTCDateTime
from vidmsg.messages import states
from vidmsg.messages.models import Link, Message
from vidmsg.milestones.models import Milestone
from vidmsg.people.models import CUSTOMER, GRANTED, Consent, Person
from vidmsg.videos.models import READY, Video

FIRST_NUMBER = 12_062_000_000  # with a plus before it, a number in Seattle
ZONE = "America/Los_Angeles"
NO_CAP = 1_000_000
BODY = "Hi, it's Bob from Harbor Spa. I made you a short video. Reply STOP to opt out."


def put_in(session: Session, people: int, reps: int = 1) -> Cast:
    """The cast, so many people who agreed to texts, and so many reps with Bob who look after them in turn."""
    everybody = cast.put_in(session)
    everybody.organisation.daily_cap = everybody.organisation.person_daily_cap = NO_CAP
    first = everybody.bob if reps == 1 else _reps(session, everybody.team, reps)
    _people(session, first, people, reps)
    return everybody


def dates(session: Session, kind: str, *, month: Any, day: Any, next_on: dt.date) -> None:
    """A yearly date of each person; `month` and `day` are made of Person.id."""
    rows = {
        "organisation_id": Person.organisation_id,
        "team_id": Person.team_id,
        "person_id": Person.id,
        "kind": _text(kind),
        "month": month,
        "day": day,
        "year": 1950 + Person.id % 50,
        "next_on": sa.literal(next_on, sa.Date),
        "created_at": _moment(clock.now()),
    }
    _fill(session, Milestone, rows, sa.select(*rows.values()).where(Person.kind == CUSTOMER))


def messages(session: Session, of: Cast, mark: str, count: int, due_at: dt.datetime) -> None:
    """So many scheduled messages to Maria, for benches that count rows. `mark` keeps them apart."""
    numbers = _numbers(count)
    key = _text(f"{mark}-") + sa.cast(numbers.c.i, sa.String)
    to = {"person_id": sa.literal(of.maria.id), "phone": _text(cast.MARIA_PHONE), "sender_id": sa.literal(of.bob.id)}
    rows = _of_message(key, of.bob, due_at) | to
    _fill(session, Message, rows, sa.select(*rows.values()).select_from(numbers))


def texts(session: Session, of: Cast, mark: str, count: int, due_at: dt.datetime) -> None:
    """A scheduled message with its video and link for each of the first `count` people, from who looks after her."""
    video = Video(state=READY, duration_s=31.0, has_audio=True, silent=False, created_at=clock.now(), **_walls(of.bob))
    video.kept_at = video.playable_at = video.created_at
    session.add(video)
    session.flush()
    key = _text(f"{mark}-") + sa.cast(Person.id, sa.String)
    to = {"person_id": Person.id, "phone": Person.phone, "sender_id": Person.owner_id, "video_id": _text(video.id)}
    rows = _of_message(key, of.bob, due_at) | to
    some = sa.select(*rows.values()).where(Person.kind == CUSTOMER).order_by(Person.id).limit(count)
    _fill(session, Message, rows, some)
    link = {
        "token": Message.id,
        "message_id": Message.id,
        "video_id": Message.video_id,
        "created_at": Message.created_at,
    }
    _fill(session, Link, link, sa.select(*link.values()).where(Message.video_id == video.id))


def _reps(session: Session, team: Team, count: int) -> User:
    """So many reps with numbers in a row; the first of them."""
    made = [cast.user(session, team, f"Rep{number} Baker") for number in range(count)]
    return made[0]


def _people(session: Session, first: User, count: int, reps: int) -> None:
    numbers = _numbers(count)
    rows = {
        "organisation_id": sa.literal(first.organisation_id),
        "team_id": sa.literal(first.team_id),
        "owner_id": first.id + numbers.c.i % reps,
        "kind": _text(CUSTOMER),
        "first_name": _text("Guest"),
        "last_name": sa.cast(numbers.c.i, sa.String),
        "phone": _text("+") + sa.cast(FIRST_NUMBER + sa.cast(numbers.c.i, sa.BigInteger), sa.String),
        "time_zone": _text(ZONE),
        "created_at": _moment(clock.now()),
    }
    _fill(session, Person, rows, sa.select(*rows.values()).select_from(numbers))
    yes = {
        "organisation_id": Person.organisation_id,
        "phone": Person.phone,
        "person_id": Person.id,
        "action": _text(GRANTED),
        "words": _text("May Harbor Spa text you? Yes."),
        "source": _text("in person"),
        "at": _moment(clock.now()),
    }
    _fill(session, Consent, yes, sa.select(*yes.values()).where(Person.phone != cast.MARIA_PHONE))


def _of_message(key: Any, by: User, due_at: dt.datetime) -> dict[str, Any]:
    now = _moment(clock.now())
    return {
        "id": key,
        "organisation_id": sa.literal(by.organisation_id),
        "team_id": sa.literal(by.team_id),
        "request_key": key,
        "body": _text(BODY),
        "state": _text(states.SCHEDULED),
        "due_at": _moment(due_at),
        "created_at": now,
        "changed_at": now,
    }


def _walls(rep: User) -> dict[str, Any]:
    return {"organisation_id": rep.organisation_id, "team_id": rep.team_id, "owner_id": rep.id}


def _fill(session: Session, model: type[Any], rows: dict[str, Any], made_from: sa.Select[Any]) -> None:
    session.execute(sa.insert(model).from_select(list(rows), made_from).execution_options(synchronize_session=False))


def _numbers(count: int) -> sa.CTE:
    """The numbers from 1 to `count`, in column `i`."""
    numbers = sa.select(sa.literal(1).label("i")).cte("numbers", recursive=True)
    return numbers.union_all(sa.select(numbers.c.i + 1).where(numbers.c.i < count))


def _text(words: str) -> sa.ColumnElement[str]:
    return sa.literal(words, sa.String)


def _moment(at: dt.datetime) -> sa.ColumnElement[dt.datetime]:
    return sa.literal(at, UTCDateTime)
