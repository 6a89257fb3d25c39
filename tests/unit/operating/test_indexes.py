"""A house with a million old texts does not wait for a scan at each look."""

from __future__ import annotations

from flask import Flask

from tests.plans import no_table_is_read_whole
from vidmsg.database import reading
from vidmsg.messages import states
from vidmsg.messages.models import Message
from vidmsg.operating import queues, troubles
from vidmsg.videos.models import Video


def test_what_the_page_asks_is_found_by_indexes(app: Flask) -> None:
    with app.app_context(), no_table_is_read_whole() as asked, reading() as session:
        walls = {"messages": Message.organisation_id == 1, "videos": Video.organisation_id == 1}
        troubles.counts(session, **walls)
        troubles.page(session, states.HELD, 1, walls["messages"])
        troubles.page(session, troubles.LATE, 1, walls["messages"])
        troubles.videos(session, 1, walls["videos"])
        queues.look(session, app.extensions["jobs"])
    assert len(asked) > 8
