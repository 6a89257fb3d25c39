"""Looking at a take, keeping it, letting it go; who may; and the pages around it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient

from tests.cast import Cast
from tests.unit.videos.sending import Tus
from vidmsg import clock
from vidmsg.database import writing
from vidmsg.people.models import Note
from vidmsg.videos import renditions
from vidmsg.videos.models import QUICK, Chunk, Rendition, Video

SignIn = Callable[[Any], FlaskClient]


@pytest.fixture
def take(tus: Tus, cast: Cast) -> str:
    """A playable take of Bob's for Maria; its bytes are "film"."""
    sending = tus.begin(4, kind="take", person=cast.maria.id)
    sending.patch(0, b"film")
    with tus.app.app_context(), writing() as session:
        tus.app.extensions["storage"].put_bytes(b"film", "video/x/quick.mp4", "video/mp4")
        session.execute(sa.update(Video).values(state="playable", duration_s=24.4, has_audio=True))
        renditions.add(
            session,
            Rendition(video_id=sending.video, kind=QUICK, key="video/x/quick.mp4", content_type="video/mp4", bytes=4),
        )
    return sending.video


def test_the_state_tells_what_plays_and_304_when_nothing_changed(tus: Tus, take: str) -> None:
    answer = tus.browser.get(f"/videos/{take}/state")
    assert answer.json == {
        "state": "playable", "duration_s": 24.4, "poster_url": None, "play_url": f"/videos/{take}/play/quick",
        "problems": [], "bytes": 4, "kept": False,
    }  # fmt: skip
    again = tus.browser.get(f"/videos/{take}/state", headers={"If-None-Match": answer.headers["ETag"]})
    assert again.status_code == 304


def test_a_rep_plays_her_take_byte_for_byte(tus: Tus, take: str) -> None:
    for kind in ("quick", "standard", "best"):
        answer = tus.browser.get(f"/videos/{take}/play/{kind}")
        assert answer.status_code == 302
        assert tus.app.test_client().get(answer.headers["Location"]).data == b"film"
    assert tus.browser.get(f"/videos/{take}/play/poster").status_code == 404
    assert tus.browser.get(f"/videos/{take}/play/raw").status_code == 404


def test_another_team_sees_nothing(tus: Tus, take: str, cast: Cast, sign_in: SignIn) -> None:
    charlie = sign_in(cast.charlie)
    assert charlie.get(f"/videos/{take}/state").status_code == 404
    assert charlie.get(f"/videos/{take}/play/quick").status_code == 404
    assert charlie.post(f"/videos/{take}/keep").status_code == 404
    assert charlie.post(f"/videos/{take}/discard").status_code == 404
    assert charlie.get(f"/record/{cast.maria.id}").status_code == 404


def test_only_its_owner_decides_about_a_take(tus: Tus, take: str, cast: Cast, sign_in: SignIn) -> None:
    alice = sign_in(cast.alice)
    assert alice.get(f"/videos/{take}/play/quick").status_code == 302
    assert alice.post(f"/videos/{take}/discard").status_code == 404
    assert alice.post(f"/videos/{take}/keep").status_code == 404


def test_keeping_leads_to_the_text(tus: Tus, take: str, cast: Cast) -> None:
    answer = tus.browser.post(f"/videos/{take}/keep", headers={"Accept": "application/json"})
    assert answer.json == {"next": f"/people/{cast.maria.id}/write?video={take}"}
    assert tus.browser.get(f"/videos/{take}/state").json["kept"] is True
    from_page = tus.browser.post(f"/videos/{take}/keep", headers={"Accept": "text/html"})
    assert from_page.headers["Location"] == answer.json["next"]


def test_letting_go_and_keeping_after_all(tus: Tus, take: str) -> None:
    for _again in range(2):
        assert tus.browser.post(f"/videos/{take}/discard").status_code == 204
    assert tus.browser.post(f"/videos/{take}/keep").status_code == 200
    answer = tus.browser.post(f"/videos/{take}/discard")
    assert answer.status_code == 409
    assert "kept" in answer.json["message"]


def test_a_refused_file_cannot_be_kept(tus: Tus, take: str) -> None:
    with tus.app.app_context(), writing() as session:
        session.execute(sa.update(Video).values(state="refused", problem_code="photo", problem="This is a photo."))
    assert tus.browser.post(f"/videos/{take}/keep").status_code == 409
    assert tus.browser.get(f"/videos/{take}/state").json["problems"][0]["code"] == "photo"


def test_a_forged_choice_is_refused(tus: Tus, take: str) -> None:
    tus.app.config["WTF_CSRF_ENABLED"] = True
    assert tus.browser.post(f"/videos/{take}/discard", headers={"Accept": "application/json"}).status_code == 403
    assert tus.browser.post(f"/videos/{take}/discard", headers={"Accept": "text/html"}).status_code == 400


def test_takes_that_wait_are_offered(tus: Tus, take: str) -> None:
    page = tus.browser.get("/takes").text
    assert "0:24" in page
    assert "For Maria" in page
    assert f'action="/videos/{take}/keep"' in page
    tus.browser.post(f"/videos/{take}/keep")
    page = tus.browser.get("/takes").text
    assert "Kept, not sent yet" in page
    assert f"write?video={take}" in page


def test_a_take_that_was_let_go_is_not_offered(tus: Tus, take: str, cast: Cast, sign_in: SignIn) -> None:
    assert "0:24" not in sign_in(cast.alice).get("/takes").text
    tus.browser.post(f"/videos/{take}/discard")
    assert "Nothing waits for you" in tus.browser.get("/takes").text


def test_a_failed_take_is_tried_again_by_its_owner_alone(tus: Tus, cast: Cast, sign_in: SignIn) -> None:
    sending = tus.begin(4, kind="take", person=cast.maria.id)
    sending.patch(0, b"film")
    again = f"/videos/{sending.video}/again"
    assert tus.browser.post(again).status_code == 409
    with tus.app.app_context(), writing() as session:
        session.execute(sa.update(Video).values(state="failed", job_state="failed", job_tries=4, problem_code="p"))
    assert f'action="{again}"' in tus.browser.get("/takes").text
    assert sign_in(cast.charlie).post(again).status_code == sign_in(cast.alice).post(again).status_code == 404
    assert tus.browser.post(again, headers={"Accept": "text/html"}).headers["Location"] == "/takes"
    video = sending.video_row()
    assert (video.state, video.job_state, video.job_tries, video.problem_code) == ("preparing", "due", 0, None)
    assert again not in tus.browser.get("/takes").text


def test_a_kept_take_that_failed_offers_to_try_again_while_its_bytes_are_here(tus: Tus, take: str) -> None:
    tus.browser.post(f"/videos/{take}/keep")
    with tus.app.app_context(), writing() as session:
        session.execute(sa.update(Video).values(state="failed"))
    assert f"/videos/{take}/again" in tus.browser.get("/takes").text
    with tus.app.app_context(), writing() as session:
        session.execute(sa.delete(Chunk))
    assert f"/videos/{take}/again" not in tus.browser.get("/takes").text
    assert tus.browser.post(f"/videos/{take}/again").status_code == 409


def test_the_recorder_shows_what_is_known_and_may_use_the_camera(tus: Tus, cast: Cast) -> None:
    with tus.app.app_context(), writing() as session:
        session.add(Note(person_id=cast.maria.id, topic="family", text="Lucia started college", at=clock.now()))
    answer = tus.browser.get(f"/record/{cast.maria.id}")
    assert answer.status_code == 200
    assert "Lucia started college" in answer.text
    assert "camera=(self), microphone=(self)" in answer.headers["Permissions-Policy"]
    assert "camera=()" in tus.browser.get("/takes").headers["Permissions-Policy"]
