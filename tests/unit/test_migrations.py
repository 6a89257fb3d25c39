"""Older installations come to this version with all they have."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest
import sqlalchemy as sa
import sqlalchemy.orm
from alembic import command

from tests import postgres
from vidmsg import migrations
from vidmsg.database import make_engine
from vidmsg.messages.models import Message
from vidmsg.milestones.models import Milestone
from vidmsg.people.models import Company, Consent, Person

OLD_ROWS = (
    "INSERT INTO organisation (id, name, phone, time_zone, country, accent, created_at)"
    " VALUES (1, 'Spa', '+12065550100', 'America/Los_Angeles', 'US', '#b4420f', '2026-11-01 10:00:00')",
    "INSERT INTO team (id, organisation_id, name, sample) VALUES (1, 1, 'Team', false)",
    'INSERT INTO "user" (id, organisation_id, team_id, name, email, active, fs_uniquifier)'
    " VALUES (1, 1, 1, 'Bob', 'bob@example.com', true, 'x')",
    "INSERT INTO person (id, organisation_id, team_id, owner_id, kind, first_name, last_name, phone, time_zone,"
    " created_at) VALUES (1, 1, 1, 1, 'customer', 'Maria', '', '+12065550142', 'America/New_York',"
    " '2026-11-01 10:00:00')",
    "INSERT INTO person (id, organisation_id, team_id, kind, first_name, last_name, time_zone, created_at)"
    " VALUES (2, 1, 1, 'customer', 'Åsa', 'ÖBERG', 'America/New_York', '2026-11-01 10:00:00')",
    "INSERT INTO company (id, organisation_id, team_id, name) VALUES (1, 1, 1, 'Öberg & Co'), (2, 1, 1, 'ÖBERG & CO')",
    "INSERT INTO message (id, organisation_id, team_id, person_id, sender_id, request_key, phone, body, words, state,"
    " version, tries, created_at, changed_at) VALUES ('m', 1, 1, 1, 1, 'k', '+12065550142', 'Hi', '', 'sent', 3, 1,"
    " '2026-11-01 10:00:00', '2026-11-01 10:00:00')",
    "INSERT INTO milestone (id, person_id, kind, title, month, day, year, active, created_at)"
    " VALUES (1, 1, 'anniversary', 'With us', 5, 17, 2021, true, '2026-11-01 10:00:00')",
    "INSERT INTO consent (organisation_id, phone, person_id, action, words, source, purpose, at)"
    " VALUES (1, '+12065550142', 1, 'granted', 'Yes', 'phone', 'p', '2026-11-01 10:00:00')",
)


@pytest.mark.parametrize("kind", ["sqlite", "postgres"])
def test_an_installation_of_the_first_version_keeps_all_its_rows(tmp_path: Path, kind: str) -> None:
    url = f"sqlite:///{tmp_path / 'old.db'}" if kind == "sqlite" else postgres.empty_database()
    command.upgrade(migrations.config(url), "0001")
    engine = make_engine(url)
    with engine.begin() as connection:
        for statement in OLD_ROWS:
            connection.execute(sa.text(statement))
    engine.dispose()
    migrations.upgrade(url)
    engine = make_engine(url)
    with sa.orm.Session(engine) as session:
        message = session.get_one(Message, "m")
        assert (message.state, message.version, message.purpose) == ("sent", 3, "greeting")
        assert (message.person.first_name, message.sender.text_to_record) == ("Maria", False)
        organisation = message.sender.organisation
        assert organisation is not None
        assert (organisation.leap, organisation.send_at.isoformat(), organisation.opens) == ("feb28", "09:10:00", 9)
        assert session.execute(sa.select(sa.func.count()).select_from(Consent)).scalar() == 1
        assert session.get_one(Person, 2).folded == "åsa öberg"
        assert [session.get_one(Company, at).folded for at in (1, 2)] == ["öberg & co", "öberg & co 2"]
        day = session.get_one(Milestone, 1)
        assert (day.kind, day.organisation_id, day.team_id, day.series) == ("customer_since", 1, 1, 1)
        assert day.year == 2021
        assert day.next_on == dt.date(2026, 11, 22)
    engine.dispose()
