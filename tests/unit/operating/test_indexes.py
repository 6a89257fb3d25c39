"""A house with a million old texts does not wait for a scan at each look: what the page asks is found by its indexes.
Asked of SQLite alone, whose planner decides by the statement; Postgres rightly reads an empty table from end to end."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from flask import Flask

from vidmsg.database import db, reading
from vidmsg.messages import states
from vidmsg.messages.models import Message
from vidmsg.operating import queues, troubles
from vidmsg.videos.models import Video


def test_what_the_page_asks_is_found_by_indexes(app: Flask) -> None:
    asked: list[tuple[str, Any]] = []
    with app.app_context(), reading() as session:
        sa.event.listen(
            db.engine, "before_cursor_execute", lambda _c, _k, text, values, *_: asked.append((text, values))
        )
        walls = {"messages": Message.organisation_id == 1, "videos": Video.organisation_id == 1}
        troubles.counts(session, **walls)
        troubles.page(session, states.HELD, 1, walls["messages"])
        troubles.page(session, troubles.LATE, 1, walls["messages"])
        troubles.videos(session, 1, walls["videos"])
        queues.look(session, app.extensions["jobs"])
        connection = session.connection()
        for text, values in [one for one in asked if one[0].startswith("SELECT")]:
            rows = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {text}", values)
            plan = [str(row[-1]) for row in rows]
            scans = [
                step for step in plan if step.startswith("SCAN") and "INDEX" not in step and "subquery" not in step
            ]
            assert not scans, (text, plan)
    assert len(asked) > 8
