"""Videos that speak to anybody: chosen by the one who recorded them, offered to her team alone."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from flask.testing import FlaskClient

from tests.cast import Cast
from tests.unit.videos.sending import Tus
from vidmsg.database import reading, writing
from vidmsg.videos import library
from vidmsg.videos.models import READY, Video

SignIn = Callable[[Any], FlaskClient]


@pytest.fixture
def take(tus: Tus, cast: Cast) -> str:
    """A take of Bob's for Maria that plays and is kept."""
    sending = tus.begin(4, kind="take", person=cast.maria.id)
    sending.patch(0, b"film")
    tus.browser.post(f"/videos/{sending.video}/keep")
    with tus.app.app_context(), writing() as session:
        session.get_one(Video, sending.video).state = READY
    return sending.video


def offered(tus: Tus, team_id: int) -> list[str]:
    with tus.app.app_context(), reading() as session:
        return [video.id for video in library.of_team(session, team_id)]


def test_a_take_for_somebody_is_in_no_library_until_she_says_so(tus: Tus, take: str, cast: Cast) -> None:
    assert offered(tus, cast.team.id) == []
    assert f"/videos/{take}/library" in tus.browser.get("/takes").text
    tus.browser.post(f"/videos/{take}/library")
    assert offered(tus, cast.team.id) == [take]
    assert offered(tus, cast.other_team.id) == []
    assert "For anybody, in the library" in tus.browser.get("/takes").text


def test_only_who_recorded_it_may_say_so(tus: Tus, take: str, cast: Cast, sign_in: SignIn) -> None:
    for user in (cast.charlie, cast.alice):
        assert sign_in(user).post(f"/videos/{take}/library").status_code == 404
    assert offered(tus, cast.team.id) == []


def test_what_is_not_kept_is_in_no_library(tus: Tus, take: str, cast: Cast) -> None:
    with tus.app.app_context(), writing() as session:
        session.get_one(Video, take).kept_at = None
    assert tus.browser.post(f"/videos/{take}/library").status_code == 409
    assert offered(tus, cast.team.id) == []
