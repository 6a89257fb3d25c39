"""Transactions and moments, alike on SQLite and on Postgres."""

from __future__ import annotations

import datetime as dt
import threading

import pytest
import sqlalchemy as sa
from flask import Flask, g
from sqlalchemy import exc

from tests.postgres import both_databases
from vidmsg import clock, logs, migrations
from vidmsg.accounts.models import Audit, Invitation, User
from vidmsg.database import Base, db, make_engine, reading, writing

pytestmark = both_databases


def test_a_moment_comes_back_aware_in_utc_whatever_its_zone_was(app: Flask) -> None:
    east = dt.datetime(2026, 11, 22, 9, 0, tzinfo=dt.timezone(dt.timedelta(hours=-5)))
    with app.app_context():
        with writing() as session:
            session.add(Audit(at=east, action="x"))
        with reading() as session:
            kept = session.execute(sa.select(Audit.at)).scalar_one()
    assert kept == east
    assert kept.utcoffset() == dt.timedelta(0)


def test_a_moment_without_a_zone_is_refused(app: Flask) -> None:
    with app.app_context(), pytest.raises(exc.StatementError, match="without a zone"), writing() as session:
        session.add(Audit(at=dt.datetime(2026, 11, 22, 9, 0), action="x"))


def test_a_reading_transaction_cannot_write(app: Flask) -> None:
    with app.app_context(), reading() as session:
        session.add(Audit(at=clock.now(), action="x"))
        with pytest.raises(exc.DBAPIError):
            session.flush()


def test_a_reading_transaction_is_one_connection_and_sees_one_moment(app: Flask) -> None:
    count = sa.select(sa.func.count(Audit.id))
    with app.app_context(), reading() as session:
        assert session.execute(count).scalar_one() == 0
        for _ in range(3):
            session.execute(count)
        assert db.engine.pool.checkedout() == 1  # type: ignore[attr-defined]


def test_a_page_that_is_only_looked_at_cannot_write(app: Flask) -> None:
    with app.test_request_context(method="GET"):
        g.reading = True
        db.session.add(Audit(at=clock.now(), action="x"))
        with pytest.raises(exc.DBAPIError):
            db.session.flush()
        db.session.rollback()


def test_a_connection_that_was_read_from_can_write_later(app: Flask) -> None:
    with app.app_context():
        for _ in range(30):
            with reading() as session:
                session.execute(sa.select(Audit.id)).all()
            with writing() as session:
                session.add(Audit(at=clock.now(), action="x"))


def test_a_reader_does_not_wait_for_a_writer(app: Flask) -> None:
    with app.app_context(), writing() as writer:
        writer.add(Audit(at=clock.now(), action="x"))
        writer.flush()
        with reading() as reader:  # would time out, not answer, if it had to wait
            assert reader.execute(sa.select(sa.func.count()).select_from(Audit)).scalar_one() == 0


def test_writers_that_read_first_never_fail_as_locked(app: Flask) -> None:
    failed: list[BaseException] = []

    def count_up() -> None:
        with app.app_context():
            for _ in range(25):
                try:
                    with writing() as session:
                        session.execute(sa.select(sa.func.count()).select_from(Audit)).scalar_one()
                        session.add(Audit(at=clock.now(), action="x"))
                except exc.SQLAlchemyError as error:
                    failed.append(error)

    threads = [threading.Thread(target=count_up) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failed
    with app.app_context(), reading() as session:
        assert session.execute(sa.select(sa.func.count()).select_from(Audit)).scalar_one() == 100


def test_threads_wait_for_their_turn_to_write_on_sqlite_and_not_at_its_lock(app: Flask) -> None:
    asked: list[str] = []

    def note(*_: object) -> None:
        asked.append(threading.current_thread().name)

    def write() -> None:
        with app.app_context(), writing() as session:
            session.execute(sa.select(1))

    second = threading.Thread(target=write, name="second")
    with app.app_context():
        alone = db.engine.dialect.name == "sqlite"
        sa.event.listen(db.engine, "before_cursor_execute", note)
        with writing() as session:
            session.execute(sa.select(1))
            second.start()
            second.join(0.3 if alone else 30)
            assert ("second" in asked) is not alone
    second.join()
    assert "second" in asked


def test_two_spellings_of_an_address_are_one_person(app: Flask) -> None:
    with app.app_context():
        with writing() as session:
            session.add(User(email="rep@example.com", fs_uniquifier="a"))
        with pytest.raises(exc.IntegrityError), writing() as session:
            session.add(User(email="REP@example.com", fs_uniquifier="b"))


def test_the_migrations_make_exactly_the_tables_of_the_models(database_url: str) -> None:
    migrations.metadata()
    engine = make_engine(database_url)
    inspector = sa.inspect(engine)
    found = set(inspector.get_table_names()) - {"alembic_version"}
    assert found == set(Base.metadata.tables)
    for name, table in Base.metadata.tables.items():
        columns = {column["name"]: column["nullable"] for column in inspector.get_columns(name)}
        assert columns == {column.name: bool(column.nullable) for column in table.columns}, name
        indexes = {index["name"] for index in inspector.get_indexes(name)}
        assert {index.name for index in table.indexes if index.name != "uq_user_email_lower"} <= indexes, name
    engine.dispose()


def test_migrating_twice_changes_nothing(database_url: str) -> None:
    migrations.at_start(database_url)
    present, newest = migrations.versions(database_url)
    assert present == newest


def test_an_error_does_not_repeat_names_and_numbers(app: Flask) -> None:
    with app.app_context(), pytest.raises(exc.IntegrityError) as refused, writing() as session:
        session.add(Invitation(organisation_id=1, team_id=1, email="maria@example.com", invited_by=1))
    logged = logs.scrub(None, "error", {"event": "job failed", "exception": str(refused.value)})
    assert "maria@example.com" not in str(logged)
