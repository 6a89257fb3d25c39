"""How SQLite finds what is due. Postgres plans by its statistics, so it is not asked here."""

from __future__ import annotations

from tests import cast
from vidmsg.database import reading

DUE = "EXPLAIN QUERY PLAN SELECT id FROM message WHERE state = 'scheduled' AND due_at <= '2026'"


def test_due_messages_are_found_by_their_index(home: cast.Cast) -> None:
    with reading() as session:
        assert "ix_message_due" in str(session.connection().exec_driver_sql(DUE).all())
