"""The demo team: six invented people to look around with, and the way to be rid of them again with everything that
hangs on them. This feature may not know the features above it, so their rows are found by table name; what hangs on
what is said in one list, the last leaf first."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from vidmsg import clock
from vidmsg.accounts import audit
from vidmsg.accounts.models import Organisation, Team, User
from vidmsg.database import Base
from vidmsg.people import consent
from vidmsg.people.models import GRANTED, REVOKED, Company, Consent, Note, Person
from vidmsg.people.sample_cast import CAST, SampleDay, SamplePerson

TEAM_NAME = "Sample people"


def team_of(session: Session, organisation_id: int) -> Team | None:
    """The organisation's demo team, if it has one now."""
    query = sa.select(Team).where(Team.organisation_id == organisation_id, Team.sample.is_(True)).order_by(Team.id)
    return session.execute(query.limit(1)).scalar_one_or_none()


def add(session: Session, user: User) -> Team:
    """Make the demo team; `user` looks after its people."""
    organisation = session.get_one(Organisation, user.organisation_id)
    team = Team(organisation_id=organisation.id, name=TEAM_NAME, sample=True)
    session.add(team)
    session.flush()
    for sample in CAST:
        _add_person(session, sample, team, user, organisation)
    audit.record(session, user.id, organisation.id, "sample.add", f"team:{team.id}")
    return team


def remove(session: Session, team: Team) -> list[str]:
    """Delete the demo team and all that hangs on it. Returns the keys of stored objects that the caller deletes from
    storage after the commit: losing one costs disk, losing a row too early would cost a video."""
    if not team.sample:
        raise ValueError("only a sample team can be removed like this")
    things = _Things(session, team)
    keys = things.stored_keys()
    things.delete_all()
    audit.record(session, None, team.organisation_id, "sample.remove", f"team:{team.id}")
    session.execute(sa.delete(Team).where(Team.id == team.id))
    return keys


def _add_person(session: Session, sample: SamplePerson, team: Team, user: User, organisation: Organisation) -> None:
    now = clock.now()
    here_since = now - dt.timedelta(days=sample.days_here)
    person = Person(
        organisation_id=team.organisation_id,
        team_id=team.id,
        owner_id=user.id,
        first_name=sample.first_name,
        last_name=sample.last_name,
        phone=sample.phone,
        time_zone=sample.time_zone,
        created_at=here_since,
    )
    session.add(person)
    session.flush()
    session.add_all(
        Note(
            person_id=person.id,
            author_id=user.id,
            topic=note.topic or None,
            text=note.text,
            at=now - dt.timedelta(days=note.days_ago),
        )
        for note in sample.notes
    )
    if sample.agreed and not consent.asked_to_stop(session, team.organisation_id, sample.phone):
        session.add(
            Consent(
                organisation_id=team.organisation_id,
                phone=sample.phone,
                person_id=person.id,
                action=GRANTED,
                words=consent.sentence(organisation.name),
                source=sample.agreed,
                recorded_by=user.id,
                at=here_since,
            )
        )
    milestone = _table("milestone")
    inside = {"organisation_id": team.organisation_id, "team_id": team.id, "person_id": person.id}
    for day in sample.days:
        session.execute(
            milestone.insert().values(**inside, active=True, created_at=here_since, **_date(day, sample.time_zone))
        )


def _date(day: SampleDay, zone: str) -> dict[str, Any]:
    """The columns of a milestone; `next_on` of today makes planning look at it."""
    today = clock.local(clock.now(), zone).date()
    date = today + dt.timedelta(days=day.in_days)
    values: dict[str, Any] = {"kind": day.kind, "title": day.title, "next_on": today}
    if day.kind == "once":
        return {**values, "on_date": date}
    if day.kind == "check_in":
        return {**values, "on_date": date, "step": 6, "unit": "weeks"}
    return {**values, "month": date.month, "day": date.day, "year": date.year - day.years if day.years else None}


def _table(name: str) -> sa.Table:
    return Base.metadata.tables[name]


class _Things:
    """Everything that hangs on a team's people: ids first, then rows, leaves before branches."""

    def __init__(self, session: Session, team: Team) -> None:
        self.session = session
        self.team = team
        people = session.execute(sa.select(Person.id, Person.phone).where(Person.team_id == team.id)).all()
        self.people = [row.id for row in people]
        self.phones = [row.phone for row in people if row.phone]
        message = _table("message")
        self.messages = self._ids(message, sa.or_(message.c.team_id == team.id, message.c.person_id.in_(self.people)))
        link = _table("link")
        self.links = self._ids(link, link.c.message_id.in_(self.messages))
        self.videos = self._videos()
        upload = _table("upload")
        self.uploads = self._ids(upload, sa.or_(upload.c.video_id.in_(self.videos), upload.c.link_id.in_(self.links)))
        milestone = _table("milestone")
        self.milestones = self._ids(milestone, milestone.c.person_id.in_(self.people))

    def stored_keys(self) -> list[str]:
        """Keys of every object that only these videos need."""
        rendition, chunk = _table("rendition"), _table("chunk")
        keys = [
            *self.session.execute(sa.select(rendition.c.key).where(rendition.c.video_id.in_(self.videos))).scalars(),
            *self.session.execute(sa.select(chunk.c.key).where(chunk.c.upload_id.in_(self.uploads))).scalars(),
        ]
        return sorted(set(keys))

    def delete_all(self) -> None:
        """Delete the rows, each table before those that it points to. A no to texts stays: it belongs to the number."""
        self.session.execute(sa.delete(Consent).where(Consent.person_id.in_(self.people), Consent.action != REVOKED))
        for name, column, ids in self._leaves_first():
            table = _table(name)
            self.session.execute(sa.delete(table).where(table.c[column].in_(ids)))
        self._forget_texts()
        self.session.execute(sa.delete(Company).where(Company.team_id == self.team.id))
        self.session.expire_all()

    def _leaves_first(self) -> Iterator[tuple[str, str, list[Any]]]:
        yield "visit", "link_id", self.links
        yield "inbound", "message_id", self.messages
        yield "inbound", "person_id", self.people
        yield "chunk", "upload_id", self.uploads
        yield "upload", "id", self.uploads
        yield "rendition", "video_id", self.videos
        yield "rendition", "message_id", self.messages
        yield "link", "id", self.links
        yield "status_event", "message_id", self.messages
        yield "attempt", "message_id", self.messages
        yield "message", "id", self.messages
        yield "video", "id", self.videos
        yield "occurrence", "milestone_id", self.milestones
        yield "milestone", "id", self.milestones
        yield "note", "person_id", self.people
        yield "person", "id", self.people

    def _videos(self) -> list[Any]:
        """Videos of the team or its people that no message elsewhere shows. One that is shown elsewhere stays, in its
        recorder's own team."""
        video, message, link = _table("video"), _table("message"), _table("link")
        ours = self._ids(video, sa.or_(video.c.team_id == self.team.id, video.c.person_id.in_(self.people)))
        elsewhere = {
            *self.session.execute(
                sa.select(message.c.video_id).where(message.c.video_id.in_(ours), message.c.id.not_in(self.messages))
            ).scalars(),
            *self.session.execute(
                sa.select(link.c.video_id).where(link.c.video_id.in_(ours), link.c.id.not_in(self.links))
            ).scalars(),
        }
        owners_team = sa.select(User.team_id).where(User.id == video.c.owner_id).scalar_subquery()
        self.session.execute(sa.update(video).where(video.c.id.in_(elsewhere)).values(team_id=owners_team))
        return [one for one in ours if one not in elsewhere]

    def _forget_texts(self) -> None:
        """What the practice phone keeps for these numbers, unless somebody real has one of them too."""
        taken = set(self.session.execute(sa.select(Person.phone).where(Person.phone.in_(self.phones))).scalars())
        free = [number for number in self.phones if number not in taken]
        text, call = _table("simulated_message"), _table("simulated_call")
        sids = sa.select(text.c.sid).where(text.c.customer.in_(free))
        self.session.execute(sa.delete(call).where(call.c.sid.in_(sids)))
        for name in ("simulated_message", "simulated_opt_out"):
            self.session.execute(sa.delete(_table(name)).where(_table(name).c.customer.in_(free)))
        ours = (Consent.organisation_id == self.team.organisation_id, Consent.phone.in_(free))
        self.session.execute(sa.delete(Consent).where(*ours, Consent.action != REVOKED))

    def _ids(self, table: sa.Table, condition: sa.ColumnElement[bool]) -> list[Any]:
        return list(self.session.execute(sa.select(table.c.id).where(condition)).scalars())
