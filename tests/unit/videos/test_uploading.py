"""Who may upload, the address of an upload, and how uploads end that are never finished."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient

from tests.cast import Cast
from tests.postgres import both_databases
from tests.unit.videos.sending import TUS, Sending, Tus, writing_then_lost
from vidmsg import clock
from vidmsg.database import reading, writing
from vidmsg.jobs import DUE, IDLE
from vidmsg.messages.models import Message
from vidmsg.videos import closing, receiving, workplace
from vidmsg.videos.models import Upload, Video


@pytest.fixture
def later(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[dt.timedelta], None]:
    """Moves the clock."""
    offset = tmp_path / "clock"
    monkeypatch.setenv("VIDMSG_CLOCK_FILE", str(offset))
    return lambda ahead: offset.write_text(str(ahead.total_seconds()))  # type: ignore[return-value]


def tick(tus: Tus) -> None:
    with tus.app.app_context():
        closing.tick(tus.app.extensions["storage"])


def test_nobody_uploads_without_signing_in(tus: Tus) -> None:
    answer = tus.app.test_client().post("/uploads/", headers={**TUS, "Upload-Length": "3"})
    assert answer.status_code == 401


def test_a_forged_creation_is_refused(tus: Tus) -> None:
    tus.app.config["WTF_CSRF_ENABLED"] = True
    assert tus.create(3).status_code == 403


def test_a_piece_needs_no_cookie_and_no_form_token(tus: Tus) -> None:
    sending = tus.begin(3)
    tus.app.config["WTF_CSRF_ENABLED"] = True
    assert sending.patch(0, b"abc").status_code == 204


def test_a_video_for_somebody_of_another_team_is_refused(
    tus: Tus, cast: Cast, sign_in: Callable[[Any], FlaskClient]
) -> None:
    assert tus.create(3, person=cast.maria.id).status_code == 201
    assert Tus(tus.app, sign_in(cast.charlie)).create(3, person=cast.maria.id).status_code == 404
    assert Tus(tus.app, sign_in(cast.alice)).create(3, person=cast.maria.id).status_code == 201
    assert tus.create(3, person="Maria").status_code == 400


def test_a_wrong_capability_opens_nothing(tus: Tus) -> None:
    sending = tus.begin(3)
    wrong = Sending(tus.app, sending.location[:-4] + "AAAA", sending.upload, sending.video)
    assert wrong.head().status_code == wrong.patch(0, b"abc").status_code == wrong.delete().status_code == 403
    assert "Upload-Offset" not in wrong.head().headers
    assert sending.bytes() == b""
    unknown = Sending(tus.app, "/uploads/AAAAAAAAAAAAAAAAAAAAAA/AAAAAAAAAAAAAAAAAAAAAA", "", "")
    assert unknown.head().status_code == unknown.patch(0, b"abc").status_code == 404


def test_the_capability_itself_is_not_kept(tus: Tus) -> None:
    sending = tus.begin(3)
    secret = sending.location.rsplit("/", 1)[1]
    assert secret not in {str(value) for value in vars(sending.row()).values()}


def test_renewing_gives_a_new_address_and_ends_the_old_one(tus: Tus) -> None:
    sending = tus.begin(6)
    sending.patch(0, b"abc")
    answer = tus.browser.post(f"/uploads/{sending.upload}/renew")
    fresh = Sending(tus.app, answer.json["location"], sending.upload, sending.video)
    assert sending.patch(3, b"def").status_code == 403
    assert fresh.patch(3, b"def").status_code == 204
    assert fresh.bytes() == b"abcdef"


def test_only_the_owner_renews(tus: Tus, cast: Cast, sign_in: Callable[[Any], FlaskClient]) -> None:
    sending = tus.begin(6)
    assert sign_in(cast.alice).post(f"/uploads/{sending.upload}/renew").status_code == 404
    script = {"Accept": "application/json"}
    assert tus.app.test_client().post(f"/uploads/{sending.upload}/renew", headers=script).status_code == 401
    assert sending.head().status_code == 200


@both_databases
def test_creating_a_take_twice_gives_the_same_upload(tus: Tus) -> None:
    first = tus.begin(kind="take", take="a1b2")
    first.patch(0, b"abc")
    again = tus.begin(kind="take", take="a1b2")
    assert (again.upload, again.video) == (first.upload, first.video)
    assert again.head().headers["Upload-Offset"] == "3"
    assert tus.begin(kind="take", take="other").upload != first.upload


def test_two_users_may_have_the_same_take_id(tus: Tus, cast: Cast, sign_in: Callable[[Any], FlaskClient]) -> None:
    theirs = Tus(tus.app, sign_in(cast.charlie)).begin(kind="take", take="a1b2")
    assert tus.begin(kind="take", take="a1b2").upload != theirs.upload


def test_a_file_over_500_mb_is_refused_with_a_sentence(tus: Tus) -> None:
    answer = tus.create(500 * 1024 * 1024 + 1, kind="file")
    assert answer.status_code == 413
    assert "500 MB" in answer.json["message"]
    growing = tus.begin(kind="file")
    assert growing.patch(0, b"", Upload_Length=str(600 * 1024 * 1024)).status_code == 413


def test_a_take_is_never_too_large(tus: Tus) -> None:
    assert tus.create(900 * 1024 * 1024, kind="take").status_code == 201


def test_the_first_piece_of_a_take_sets_a_worker_going(tus: Tus) -> None:
    take, file = tus.begin(kind="take"), tus.begin(6, kind="file")
    assert take.row().job_state == IDLE
    take.patch(0, b"abc")
    file.patch(0, b"abc")
    assert (take.row().job_state, file.row().job_state) == (DUE, IDLE)


def test_a_finished_file_is_due_for_preparing(tus: Tus) -> None:
    file = tus.begin(3, kind="file")
    file.patch(0, b"abc")
    video = file.video_row()
    assert (video.state, video.job_state) == ("preparing", DUE)


def test_a_silent_take_is_closed_where_it_stands(tus: Tus, later: Callable[[dt.timedelta], None]) -> None:
    take = tus.begin(kind="take")
    take.patch(0, b"abcde")
    later(dt.timedelta(minutes=29))
    tick(tus)
    assert take.row().state == "open"
    later(dt.timedelta(minutes=31))
    tick(tus)
    row = take.row()
    assert (row.state, row.length, row.job_state) == ("closed", 5, DUE)
    assert take.video_row().state == "preparing"
    assert take.bytes() == b"abcde"
    assert take.head().headers["Upload-Length"] == "5"
    assert take.patch(5, b"more").status_code == 409


def test_a_take_without_a_byte_goes_after_a_day(tus: Tus, later: Callable[[dt.timedelta], None]) -> None:
    take = tus.begin(kind="take")
    later(dt.timedelta(hours=23))
    tick(tus)
    assert take.head().status_code == 200
    later(dt.timedelta(hours=25))
    tick(tus)
    assert take.head().status_code == 404


@both_databases
def test_an_unfinished_file_expires_after_a_day_without_news(tus: Tus, later: Callable[[dt.timedelta], None]) -> None:
    file = tus.begin(6, kind="file")
    assert "Upload-Expires" in file.head().headers
    later(dt.timedelta(hours=20))
    assert "Upload-Expires" in file.patch(0, b"abc").headers
    later(dt.timedelta(hours=43))
    tick(tus)
    assert file.bytes() == b"abc"
    later(dt.timedelta(hours=45))
    tick(tus)
    assert file.head().status_code == 404
    assert file.keys() == []
    with tus.app.app_context(), reading() as session:
        assert session.execute(sa.select(sa.func.count()).select_from(Upload)).scalar() == 0
        assert session.execute(sa.select(sa.func.count()).select_from(Video)).scalar() == 0


def test_a_piece_whose_commit_went_unheard_keeps_its_bytes(tus: Tus, monkeypatch: pytest.MonkeyPatch) -> None:
    take = tus.begin(kind="take")
    with monkeypatch.context() as line:
        line.setattr(receiving, "writing", writing_then_lost)
        with pytest.raises(sa.exc.OperationalError):
            take.patch(0, b"abc")
    assert take.head().headers["Upload-Offset"] == "3"
    assert take.bytes() == b"abc"


def carry(tus: Tus, cast: Cast, sending: Sending) -> None:
    """A message to Maria carries this video."""
    with tus.app.app_context(), writing() as session:
        session.add(Message(
            organisation_id=cast.maria.organisation_id, team_id=cast.maria.team_id, person_id=cast.maria.id,
            sender_id=cast.bob.id, video_id=sending.video, request_key="k", phone=cast.maria.phone or "", body="Hi",
            state="sent", created_at=clock.now(), changed_at=clock.now(),
        ))  # fmt: skip


@both_databases
def test_what_is_kept_or_carried_is_never_removed_and_stops_nothing(
    tus: Tus, cast: Cast, later: Callable[[dt.timedelta], None]
) -> None:
    kept, carried, empty, other = (tus.begin(6, kind="file", person=cast.maria.id) for _ in range(4))
    take = tus.begin(kind="take", person=cast.maria.id)
    kept.patch(0, b"abc")
    for sending in (kept, take):
        assert tus.browser.post(f"/videos/{sending.video}/keep").status_code == 200
    carry(tus, cast, carried)
    later(dt.timedelta(days=2))
    tick(tus)
    assert [sending.head().status_code for sending in (kept, carried, take)] == [200, 200, 200]
    assert kept.bytes() == b"abc"
    assert [sending.head().status_code for sending in (empty, other)] == [404, 404]
    assert take.patch(0, b"late").status_code == 204


def test_an_upload_that_cannot_be_removed_does_not_stop_the_others(
    tus: Tus, later: Callable[[dt.timedelta], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    stubborn, other = tus.begin(6, kind="file"), tus.begin(6, kind="file")
    remove = closing.remove

    def refuse(storage: Any, upload: Upload) -> bool:
        if upload.id == stubborn.upload:
            raise sa.exc.IntegrityError("DELETE", {}, Exception("FOREIGN KEY constraint failed"))
        return remove(storage, upload)

    monkeypatch.setattr(closing, "remove", refuse)
    later(dt.timedelta(days=2))
    tick(tus)
    assert (stubborn.head().status_code, other.head().status_code) == (200, 404)


def test_a_client_cannot_terminate_what_is_kept_or_carried(tus: Tus, cast: Cast) -> None:
    kept, carried = tus.begin(6, kind="file", person=cast.maria.id), tus.begin(kind="take", person=cast.maria.id)
    tus.browser.post(f"/videos/{kept.video}/keep")
    carry(tus, cast, carried)
    for sending in (kept, carried):
        answer = sending.delete()
        assert answer.status_code == 403
        assert "stays" in answer.json["message"]
        assert sending.head().status_code == 200


@pytest.mark.parametrize("kind", ["take", "file"])
def test_a_nearly_full_disk_takes_no_more_until_there_is_room(
    tus: Tus, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    sending = tus.begin(6, kind=kind)
    sending.patch(0, b"abc")
    with monkeypatch.context() as full:
        full.setattr(workplace.shutil, "disk_usage", lambda _path: SimpleNamespace(free=500 * 1024 * 1024))
        answer = sending.patch(3, b"def")
        assert answer.status_code == 507
        assert "It is safe where it is" in answer.json["message"]
    assert len(sending.keys()) == 1
    assert sending.patch(3, b"def").status_code == 204
    assert sending.bytes() == b"abcdef"


def test_a_full_disk_does_not_stop_the_end_of_a_take_that_is_all_here(
    tus: Tus, monkeypatch: pytest.MonkeyPatch
) -> None:
    take = tus.begin(kind="take")
    take.patch(0, b"abc")
    monkeypatch.setattr(workplace.shutil, "disk_usage", lambda _path: SimpleNamespace(free=0))
    assert take.patch(3, b"", Upload_Length="3").status_code == 204
    assert take.row().state == "complete"


def test_a_recorded_take_does_not_expire(tus: Tus, later: Callable[[dt.timedelta], None]) -> None:
    take = tus.begin(kind="take")
    assert "Upload-Expires" not in take.patch(0, b"abc").headers
    later(dt.timedelta(days=40))
    tick(tus)
    assert take.bytes() == b"abc"


@both_databases
def test_a_picked_file_that_was_kept_before_it_was_whole_is_looked_at_as_far_as_it_came(
    tus: Tus, cast: Cast, later: Callable[[dt.timedelta], None]
) -> None:
    kept = tus.begin(6, kind="file", person=cast.maria.id)
    kept.patch(0, b"abc")
    tus.browser.post(f"/videos/{kept.video}/keep")
    later(dt.timedelta(days=2))
    tick(tus)
    assert (kept.row().state, kept.video_row().state) == ("closed", "preparing")
    assert kept.bytes() == b"abc"


def test_the_storages_own_disk_counts_too(tus: Tus, monkeypatch: pytest.MonkeyPatch) -> None:
    sending = tus.begin(kind="take")
    media = tus.app.extensions["storage"].root
    full = lambda path: SimpleNamespace(free=0 if path == media else 10**12)  # noqa: E731
    monkeypatch.setattr(workplace.shutil, "disk_usage", full)
    assert sending.patch(0, b"abc").status_code == 507
