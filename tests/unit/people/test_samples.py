"""The demo team comes with one click and goes with one, and nothing of it stays."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from tests.cast import Cast
from vidmsg import clock
from vidmsg.accounts.models import Team, User
from vidmsg.database import Base, reading, writing
from vidmsg.people import consent, samples
from vidmsg.people.models import Person

BOTH = pytest.mark.parametrize("database_url", ["sqlite", "postgres"], indirect=True)


def rows(app: Flask) -> dict[str, int]:
    """How many rows every table has."""
    with app.app_context(), reading() as session:
        tables = [table for table in Base.metadata.sorted_tables if table.name != "audit"]
        return {
            table.name: session.execute(sa.select(sa.func.count()).select_from(table)).scalar_one() for table in tables
        }


def put(session: Any, name: str, **values: Any) -> None:
    session.execute(Base.metadata.tables[name].insert().values(**values))


def live_a_little(session: Any, person: Person, owner: User, mark: str, key: str) -> None:
    """A video was recorded for the person and sent; she watched it and wrote back."""
    now, inside = clock.now(), {"organisation_id": person.organisation_id, "team_id": person.team_id}
    job = {"job_state": "done", "job_tries": 0}
    put(
        session,
        "video",
        id=f"v{mark}",
        owner_id=owner.id,
        person_id=person.id,
        kind="take",
        state="ready",
        truncated=False,
        created_at=now,
        **inside,
        **job,
    )
    put(
        session,
        "upload",
        id=f"u{mark}",
        video_id=f"v{mark}",
        user_id=owner.id,
        client_id=mark,
        capability_digest="0",
        kind="take",
        content_type="",
        offset=0,
        state="closed",
        created_at=now,
        moved_at=now,
        **job,
    )
    put(session, "chunk", upload_id=f"u{mark}", offset=0, length=1, sha256="0" * 64, key=f"{key}/chunk")
    put(
        session,
        "message",
        id=f"m{mark}",
        person_id=person.id,
        sender_id=owner.id,
        video_id=f"v{mark}",
        request_key=mark,
        phone=person.phone,
        body="Hi",
        words="",
        state="delivered",
        version=1,
        tries=1,
        created_at=now,
        changed_at=now,
        **inside,
    )
    put(
        session,
        "rendition",
        video_id=f"v{mark}",
        kind="quick",
        number=1,
        key=f"{key}/quick.mp4",
        content_type="video/mp4",
        bytes=1,
        message_id=f"m{mark}",
        created_at=now,
    )
    put(
        session,
        "attempt",
        id=f"a{mark}",
        message_id=f"m{mark}",
        number=1,
        sender_number="+12065550100",
        phone=person.phone,
        body="Hi",
        segments=1,
        empty_listings=0,
        created_at=now,
    )
    put(session, "status_event", message_id=f"m{mark}", attempt_id=f"a{mark}", to_state="sent", mover="test", at=now)
    link = Base.metadata.tables["link"]
    number = session.execute(
        link.insert()
        .values(token=f"t{mark}", message_id=f"m{mark}", video_id=f"v{mark}", created_at=now)
        .returning(link.c.id)
    ).scalar_one()
    put(session, "visit", link_id=number, page_id="p", crawler=False, fetched_at=now, intervals=[], percent=0)
    put(
        session,
        "inbound",
        sid=f"SM{mark}",
        organisation_id=person.organisation_id,
        person_id=person.id,
        message_id=f"m{mark}",
        from_number=person.phone,
        to_number="+12065550100",
        body="Thank you",
        kind="text",
        at=now,
    )


def occur(session: Any, person: Person, owner: User) -> None:
    """One of the person's days is coming."""
    milestone = Base.metadata.tables["milestone"]
    first = session.execute(
        sa.select(sa.func.min(milestone.c.id)).where(milestone.c.person_id == person.id)
    ).scalar_one()
    put(
        session,
        "occurrence",
        milestone_id=first,
        organisation_id=person.organisation_id,
        team_id=person.team_id,
        person_id=person.id,
        kind="birthday",
        cycle="2026",
        natural_on=dt.date(2026, 11, 19),
        planned_on=dt.date(2026, 11, 19),
        assignee_id=owner.id,
        created_at=clock.now(),
    )


@BOTH
def test_everything_that_hangs_on_sample_people_goes_and_nothing_else(
    app: Flask, alice: FlaskClient, cast: Cast
) -> None:
    storage = app.extensions["storage"]
    with app.app_context(), writing() as session:
        owner = session.get_one(User, cast.alice.id)
        live_a_little(session, session.get_one(Person, cast.maria.id), owner, "real", "videos/real")
    before = rows(app)
    alice.post("/people/sample")
    with app.app_context(), writing() as session:
        owner = session.get_one(User, cast.alice.id)
        team = samples.team_of(session, cast.organisation.id)
        assert team is not None
        someone = session.execute(
            sa.select(Person).where(Person.team_id == team.id).order_by(Person.id).limit(1)
        ).scalar_one()
        live_a_little(session, someone, owner, "sample", "videos/sample")
        occur(session, someone, owner)
    for key in ("videos/real/quick.mp4", "videos/real/chunk", "videos/sample/quick.mp4", "videos/sample/chunk"):
        storage.put_bytes(b"x", key, "video/mp4")
    assert rows(app) != before
    assert alice.post("/people/sample/remove").status_code == 302
    assert rows(app) == before
    assert sorted(storage.keys("videos/")) == ["videos/real/chunk", "videos/real/quick.mp4"]


def test_numbers_of_sample_people_are_kept_free_for_fiction(app: Flask, alice: FlaskClient) -> None:
    alice.post("/people/sample")
    with app.app_context(), reading() as session:
        query = sa.select(Person.phone).join(Team, Person.team_id == Team.id).where(Team.sample)
        phones = session.execute(query).scalars().all()
    assert len(phones) == 6
    assert all(phone is not None and phone.startswith("+120655501") for phone in phones)


def test_pressing_twice_brings_one_team(app: Flask, alice: FlaskClient) -> None:
    alice.post("/people/sample")
    alice.post("/people/sample")
    with app.app_context(), reading() as session:
        assert session.execute(sa.select(sa.func.count(Team.id)).where(Team.sample)).scalar_one() == 1


def test_a_rep_can_neither_bring_nor_remove_them(alice: FlaskClient, bob: FlaskClient) -> None:
    assert bob.post("/people/sample").status_code == 403
    alice.post("/people/sample")
    assert bob.post("/people/sample/remove").status_code == 403


def test_a_real_team_is_never_removed_like_this(app: Flask, alice: FlaskClient, cast: Cast) -> None:
    with app.app_context(), pytest.raises(ValueError, match="sample team"), writing() as session:
        samples.remove(session, session.get_one(Team, cast.team.id))
    assert alice.post("/people/sample/remove").status_code == 404


def test_a_person_with_a_sample_s_number_keeps_her_consent(app: Flask, alice: FlaskClient, cast: Cast) -> None:
    alice.post("/people/sample")  # one of them has Maria's number
    alice.post("/people/sample/remove")
    assert "Maria said yes on" in alice.get(f"/people/{cast.maria.id}").text


@BOTH
def test_a_stop_from_a_sample_s_number_outlives_the_samples(app: Flask, alice: FlaskClient, cast: Cast) -> None:
    alice.post("/people/sample")
    with app.app_context(), reading() as session:
        team = samples.team_of(session, cast.organisation.id)
        assert team is not None
        phones = session.execute(sa.select(Person.phone).where(Person.team_id == team.id)).scalars().all()
    number = next(phone for phone in phones if phone and phone != cast.maria.phone)
    for stopped in (number, cast.maria.phone or ""):
        with app.app_context(), writing() as session:
            said = {"phone": stopped, "words": "STOP", "source": consent.BY_TEXT}
            consent.revoke(session, organisation_id=cast.organisation.id, **said)
    for path in ("/people/sample/remove", "/people/sample", "/people/sample/remove"):
        alice.post(path)
    with app.app_context(), reading() as session:
        assert consent.asked_to_stop(session, cast.organisation.id, number)
        assert consent.asked_to_stop(session, cast.organisation.id, cast.maria.phone or "")


def test_a_video_that_somebody_real_was_sent_stays(app: Flask, alice: FlaskClient, cast: Cast) -> None:
    alice.post("/people/sample")
    with app.app_context(), writing() as session:
        owner = session.get_one(User, cast.alice.id)
        team = samples.team_of(session, cast.organisation.id)
        assert team is not None
        live_a_little(session, session.get_one(Person, cast.maria.id), owner, "real", "videos/real")
        video = Base.metadata.tables["video"]
        session.execute(sa.update(video).values(team_id=team.id))
    alice.post("/people/sample/remove")
    with app.app_context(), reading() as session:
        assert session.execute(sa.select(video.c.team_id)).scalars().all() == [cast.team.id]
