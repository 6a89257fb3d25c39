"""A take that is recorded for somebody's day knows that day from the recorder's page to the text, and only if it is
that person's and her own team's."""

from __future__ import annotations

import datetime as dt
import json
import re
from collections.abc import Callable
from typing import Any

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient

from tests import cast
from tests.cast import Cast
from tests.unit.videos.sending import Tus
from vidmsg import clock
from vidmsg.calendar import planning
from vidmsg.database import reading, writing
from vidmsg.milestones import keeping
from vidmsg.milestones.keeping import Details
from vidmsg.milestones.models import Occurrence
from vidmsg.people.models import Person
from vidmsg.videos.models import Upload

SignIn = Callable[[Any], FlaskClient]


def day_of(tus: Tus, person: Person, year: int | None = None) -> int:
    """The next birthday of this person, a week from now."""
    soon = clock.local(clock.now(), person.time_zone).date() + dt.timedelta(days=7)
    with tus.app.app_context():
        with writing() as session:
            details = Details("birthday", month=soon.month, day=28 if (soon.month, soon.day) == (2, 29) else soon.day,
                              year=soon.year - year if year else None)  # fmt: skip
            keeping.add(session, session.get_one(Person, person.id), details, None)
        planning.run()
        with reading() as session:
            return session.scalars(sa.select(Occurrence.id).where(Occurrence.person_id == person.id)).one()


@pytest.fixture
def day(tus: Tus, cast: Cast) -> int:
    return day_of(tus, cast.maria, 40)


@pytest.fixture
def neighbour(tus: Tus, cast: Cast) -> Person:
    """Another customer of Bob's."""
    with tus.app.app_context(), writing() as session:
        return _another(session, cast)


def _another(session: Any, people: Cast) -> Person:
    return cast.customer(session, people.bob, "Nora", "Quist", "+12065550177")


def recorder(answer: Any) -> Any:
    found = re.search(r'id="recorder-config"[^>]*>(.*?)</script>', answer.text, re.DOTALL)
    assert found
    return json.loads(found.group(1))


def kept_for(tus: Tus, upload: str) -> int | None:
    with tus.app.app_context(), reading() as session:
        return session.get_one(Upload, upload).occurrence_id


def test_the_recorder_says_the_day_and_hands_it_to_its_script(tus: Tus, cast: Cast, day: int) -> None:
    answer = tus.browser.get(f"/record/{cast.maria.id}?occurrence={day}")
    assert "Maria, 40th birthday" in answer.text
    assert f'href="/calendar/{day}"' in answer.text
    assert recorder(answer)["occurrenceId"] == day
    assert recorder(tus.browser.get(f"/record/{cast.maria.id}"))["occurrenceId"] is None


def test_a_take_for_a_day_leads_to_a_text_for_that_day(tus: Tus, cast: Cast, day: int) -> None:
    sending = tus.begin(4, kind="take", person=cast.maria.id, occurrence=day)
    sending.patch(0, b"film")
    assert kept_for(tus, sending.upload) == day
    following = tus.browser.post(f"/videos/{sending.video}/keep", headers={"Accept": "application/json"}).json["next"]
    assert following == f"/people/{cast.maria.id}/write?video={sending.video}&occurrence={day}"


def test_a_take_for_nobodys_day_stays_without_one(tus: Tus, cast: Cast) -> None:
    sending = tus.begin(4, kind="take", person=cast.maria.id)
    assert kept_for(tus, sending.upload) is None
    following = tus.browser.post(f"/videos/{sending.video}/keep", headers={"Accept": "application/json"}).json["next"]
    assert following == f"/people/{cast.maria.id}/write?video={sending.video}"


def test_the_page_of_another_persons_day_is_not_there(tus: Tus, cast: Cast, day: int, neighbour: Person) -> None:
    for given in (str(day_of(tus, neighbour)), "999999", "9" * 30, "-1", "x", "²"):
        assert tus.browser.get(f"/record/{cast.maria.id}?occurrence={given}").status_code == 404
    assert tus.browser.get(f"/record/{cast.maria.id}?occurrence={day}").status_code == 200


def test_what_a_client_says_of_the_day_is_not_trusted(
    tus: Tus, cast: Cast, day: int, neighbour: Person, sign_in: SignIn
) -> None:
    """And no take is refused for it."""
    hers = day_of(tus, neighbour)
    for person, given in ((cast.maria.id, hers), (cast.maria.id, "x"), (cast.maria.id, 999999), (neighbour.id, day)):
        assert kept_for(tus, tus.begin(4, kind="take", person=person, occurrence=given).upload) is None
    assert kept_for(tus, tus.begin(4, kind="take", occurrence=day).upload) is None
    foreign = Tus(tus.app, sign_in(cast.charlie)).create(4, kind="take", person=cast.maria.id, occurrence=day)
    assert foreign.status_code == 404


def test_a_kept_take_that_waits_for_its_text_still_knows_its_day(tus: Tus, cast: Cast, day: int) -> None:
    sending = tus.begin(4, kind="take", person=cast.maria.id, occurrence=day)
    sending.patch(0, b"film")
    tus.browser.post(f"/videos/{sending.video}/keep")
    address = f"/people/{cast.maria.id}/write?video={sending.video}&amp;occurrence={day}"
    assert address in tus.browser.get("/takes").text
