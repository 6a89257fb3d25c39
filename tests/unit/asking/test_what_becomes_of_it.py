"""What becomes of a take that a rep keeps behind the link: it goes with the day's text, unless somebody else has chosen
a video for that already."""

from __future__ import annotations

import pytest
from flask.testing import FlaskClient

from tests.postgres import both_databases
from tests.unit.asking.conftest import World
from tests.unit.calendar import asking as make
from vidmsg import clock
from vidmsg.database import reading, writing
from vidmsg.messages.models import Message
from vidmsg.milestones.models import Occurrence
from vidmsg.people.models import Person
from vidmsg.videos.models import READY, Video

pytestmark = both_databases


@pytest.mark.parametrize(("chose", "stays"), [(None, False), ("bob", False), ("alice", True)])
def test_a_kept_take_goes_with_the_text_unless_somebody_else_chose_its_video(
    world: World, client: FlaskClient, chose: str | None, stays: bool
) -> None:
    world.run()
    with writing() as session:
        day = session.get_one(Occurrence, world.day().id)
        before = make.take(session, day, getattr(world.people, chose), kept_at=clock.now()).id if chose else None
        values = {"occurrence_id": day.id, "video_id": before, "send_on": day.planned_on, "no_video": "ask"}
        state = "scheduled" if chose else "planned"
        text = make.message(session, session.get_one(Person, day.person_id), world.people.bob, state, **values).id
    take = world.take(offset=9)
    world.change(Video, take.video_id, state=READY)
    path = f"/r/{world.token()}"
    assert client.post(f"{path}/videos/{take.video_id}/keep", headers={"Origin": "http://localhost"}).status_code == 200
    with reading() as session:
        assert session.get_one(Message, text).video_id == (before if stays else take.video_id)
        assert session.get_one(Video, take.video_id).kept_at is not None
    told = "Another video goes out for this day, so yours waits under your takes." in client.get(f"{path}/kept").text
    assert told is stays
