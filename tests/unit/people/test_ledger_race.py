"""The ledger of consent while two want to write it at one moment."""

from __future__ import annotations

import threading

import sqlalchemy as sa
from flask import Flask
from sqlalchemy.orm import Session

from tests import cast
from tests.postgres import both_databases
from tests.server import wait_for
from vidmsg.database import reading, writing
from vidmsg.people import consent
from vidmsg.people.models import Person


def somebody_waits(session: Session) -> bool:
    """Whether another transaction waits for a lock. SQLite lets nobody else begin to write."""
    if session.get_bind().dialect.name == "sqlite":
        return True
    waiting = "SELECT count(*) FROM pg_locks WHERE NOT granted"  # pg_stat_activity is one snapshot a transaction
    return bool(session.execute(sa.text(waiting)).scalar())


@both_databases
def test_a_yes_that_is_noted_while_a_stop_comes_in_waits_and_loses(app: Flask) -> None:
    with app.app_context():
        with writing() as session:
            home = cast.put_in(session)
        told: list[str] = []

        def note_a_yes() -> None:
            with app.app_context(), writing() as session:
                maria = session.get_one(Person, home.maria.id)
                try:
                    consent.grant(session, maria, number=maria.phone, words="Yes", source="phone", user_id=None)
                except consent.Stopped:
                    told.append("stopped")

        rep = threading.Thread(target=note_a_yes)
        with writing() as session:
            consent.revoke(
                session,
                organisation_id=home.organisation.id,
                phone=cast.MARIA_PHONE,
                words="STOP",
                source=consent.BY_TEXT,
            )
            rep.start()
            wait_for(lambda: somebody_waits(session), "the other transaction to wait for the ledger")
        rep.join()
        assert told == ["stopped"]
        with reading() as session:
            assert not consent.is_granted(session, home.organisation.id, cast.MARIA_PHONE)
