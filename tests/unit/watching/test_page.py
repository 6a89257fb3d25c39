from __future__ import annotations

import datetime as dt
import gzip
import re
from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests import watched
from tests.watched import Sent
from vidmsg import clock
from vidmsg.accounts.models import User
from vidmsg.database import writing
from vidmsg.messages.models import Message
from vidmsg.videos.models import BROKEN, PREVIEW, QUICK, REFUSED, STANDARD, Rendition, Video

PATHS = (
    "",
    "/video",
    "/video?r=standard-1",
    "/poster.jpg",
    "/preview.jpg",
    "/face.jpg",
    "/seen",
    "/felt",
    "/anything/else",
)


def rendition(app: Flask, sent: Sent, kind: str, number: int = 1, data: bytes = b"other bytes") -> None:
    with app.app_context(), writing() as session:
        watched.add(session, app.extensions["storage"], sent.video_id, kind, data, "video/mp4", 180, 320, 4, number)


def retire(app: Flask, kind: str, at: dt.datetime) -> None:
    with app.app_context(), writing() as session:
        session.query(Rendition).filter_by(kind=kind).update({"retired_at": at})


def test_the_page_says_who_it_is_from_for_whom_and_how_to_answer(phone: FlaskClient, sent: Sent) -> None:
    text = phone.get(sent.path).text
    assert "<h1>Maria, this one’s for you</h1>" in text
    for part in (
        "Bob Baker",
        "Harbor Spa",
        'href="tel:+12065550100"',
        "(206) 555-0100",
        "Play · 0:04",
        "Text Bob back",
        'href="sms:+12065550199"',
        "you still bring the good bread",
        "agreed to texts from Harbor Spa in March 2024",
        "reply STOP",
    ):
        assert part in text


def test_a_text_from_a_service_without_a_number_is_answered_to_the_organisation(
    app: Flask, phone: FlaskClient, sent: Sent
) -> None:
    with app.app_context(), writing() as session:
        from vidmsg.messages.models import Attempt

        session.query(Attempt).update({"sender_number": "MG" + "0" * 32})
    assert 'href="sms:+12065550100"' in phone.get(sent.path).text


def test_no_cookie_is_ever_set(phone: FlaskClient, sent: Sent) -> None:
    answers = [phone.get(f"{sent.path}{path}") for path in PATHS]
    answers += [
        phone.post(f"{sent.path}/felt", data={}),
        phone.post(f"{sent.path}/seen", data=b"x"),
        phone.get("/v/unknown"),
    ]
    assert [answer.headers.get("Set-Cookie") for answer in answers] == [None] * len(answers)


def test_what_others_may_learn_is_kept_short(phone: FlaskClient, sent: Sent) -> None:
    headers = phone.get(sent.path).headers
    assert headers["Referrer-Policy"] == "no-referrer"
    assert headers["Cache-Control"] == "no-store"
    assert headers["X-Robots-Tag"] == "noindex"
    assert "unsafe" not in headers["Content-Security-Policy"]


def test_the_page_is_one_request_of_at_most_15_kb(phone: FlaskClient, sent: Sent) -> None:
    packed = phone.get(sent.path, headers={"Accept-Encoding": "gzip, br"})
    assert packed.headers["Content-Encoding"] == "gzip"
    assert len(packed.data) <= 15_000
    text = gzip.decompress(packed.data).decode()
    assert text.endswith("</html>")
    assert not re.search(r"<script[^>]+src=|rel=.stylesheet", text)


def test_a_browser_that_cannot_unpack_gets_the_page_plain(phone: FlaskClient, sent: Sent) -> None:
    plain = phone.get(sent.path, headers={"Accept-Encoding": "identity"})
    assert "Content-Encoding" not in plain.headers
    assert "<h1>" in plain.text


def test_words_of_the_rep_are_text_not_markup(app: Flask, phone: FlaskClient, sent: Sent) -> None:
    with app.app_context(), writing() as session:
        session.get_one(Message, sent.message_id).words = "<script>alert(1)</script>"
    assert "<script>alert" not in phone.get(sent.path).text


def test_the_preview_in_a_chat_names_both_and_nothing_private(phone: FlaskClient, sent: Sent) -> None:
    text = phone.get(sent.path).text
    assert '<meta property="og:title" content="Bob made you a video, Maria">' in text
    assert f'<meta property="og:image" content="http://localhost{sent.path}/preview.jpg">' in text
    assert "og:video" not in text
    assert "bread" not in text.split("</head>")[0]


def test_the_preview_picture_is_the_poster_until_there_is_a_better_one(
    app: Flask, phone: FlaskClient, sent: Sent
) -> None:
    assert phone.get(f"{sent.path}/preview.jpg").data == phone.get(f"{sent.path}/poster.jpg").data
    with app.app_context(), writing() as session:
        watched.add(session, app.extensions["storage"], sent.video_id, PREVIEW, b"a jpeg", "image/jpeg", 1200, 630)
    assert phone.get(f"{sent.path}/preview.jpg").data == b"a jpeg"
    assert '<meta property="og:image:width" content="1200">' in phone.get(sent.path).text


def test_a_sender_with_a_picture_shows_her_face(app: Flask, phone: FlaskClient, sent: Sent) -> None:
    assert phone.get(f"{sent.path}/face.jpg").status_code == 404
    with app.app_context(), writing() as session:
        app.extensions["storage"].put_bytes(b"a face", "faces/bob.jpg", "image/jpeg")
        session.get_one(User, sent.sender_id).face_key = "faces/bob.jpg"
    face = phone.get(f"{sent.path}/face.jpg")
    assert (face.data, face.content_type) == (b"a face", "image/jpeg")
    assert f'src="{sent.path}/face.jpg"' in phone.get(sent.path).text


def test_a_part_of_the_video_can_be_asked_for(phone: FlaskClient, sent: Sent) -> None:
    whole = phone.get(f"{sent.path}/video").data
    part = phone.get(f"{sent.path}/video", headers={"Range": "bytes=100-199"})
    assert (part.status_code, part.data) == (206, whole[100:200])
    assert part.headers["Content-Range"] == f"bytes 100-199/{len(whole)}"


def test_a_new_visit_plays_quick_until_standard_is_there(app: Flask, phone: FlaskClient, sent: Sent) -> None:
    retire(app, STANDARD, clock.now())
    rendition(app, sent, QUICK)
    assert "/video?r=quick-1" in phone.get(sent.path).text
    rendition(app, sent, STANDARD, number=2)
    retire(app, QUICK, clock.now())
    assert "/video?r=standard-2" in phone.get(sent.path).text


def test_an_open_page_keeps_its_bytes_for_a_day(app: Flask, phone: FlaskClient, sent: Sent) -> None:
    rendition(app, sent, QUICK, data=b"quick bytes")
    retire(app, QUICK, clock.now() - dt.timedelta(hours=23))
    assert phone.get(f"{sent.path}/video?r=quick-1").data == b"quick bytes"
    retire(app, QUICK, clock.now() - dt.timedelta(hours=25))
    assert phone.get(f"{sent.path}/video?r=quick-1").status_code == 404


@pytest.mark.parametrize("name", ["poster-1", "standard-0", "standard-99999999", "../x", "standard-1'"])
def test_a_made_up_revision_is_not_there(phone: FlaskClient, sent: Sent, name: str) -> None:
    assert phone.get(f"{sent.path}/video", query_string={"r": name}).status_code == 404


def test_a_video_that_is_not_ready_yet_is_announced_and_looked_for_again(
    app: Flask, phone: FlaskClient, sent: Sent
) -> None:
    retire(app, STANDARD, clock.now())
    answer = phone.get(sent.path)
    assert answer.status_code == 200
    assert "Bob’s video is on its way" in answer.text
    assert "(206) 555-0100" in answer.text
    assert answer.headers["Refresh"] == "3"
    assert "og:title" in answer.text


@pytest.mark.parametrize("state", [BROKEN, REFUSED])
def test_a_video_that_failed_for_good_is_owned_up_to_with_whom_to_call(
    app: Flask, phone: FlaskClient, sent: Sent, state: str
) -> None:
    retire(app, STANDARD, clock.now())
    with app.app_context(), writing() as session:
        session.get_one(Video, sent.video_id).state = state
    answer = phone.get(sent.path)
    assert "on its way" not in answer.text
    assert "Refresh" not in answer.headers
    for part in ("Something went wrong with Bob’s video", "Bob Baker", "(206) 555-0100", 'href="tel:+12065550100"'):
        assert part in answer.text
    assert "Set-Cookie" not in answer.headers


def test_expired_revoked_replaced_and_unknown_links_get_the_same_answer_everywhere(
    phone: FlaskClient, sent: Sent, change_link: Callable[..., None]
) -> None:
    past = clock.now() - dt.timedelta(seconds=1)
    nothing: dict[str, object] = {"expires_at": None, "revoked_at": None, "replaced_at": None}
    for path in PATHS:
        method = "POST" if path in {"/seen", "/felt"} else "GET"
        answers = [phone.open(f"/v/{'x' * 22}{path}", method=method)]
        for column in nothing:
            change_link(**{**nothing, column: past})
            answers.append(phone.open(f"{sent.path}{path}", method=method))
        change_link(**nothing)
        assert {answer.status_code for answer in answers} == {404}, path
        assert len({answer.data for answer in answers}) == 1, path
        assert len({str(answer.headers) for answer in answers}) == 1, path
        assert "This video is no longer here" in answers[0].text


def test_a_link_that_expires_later_still_opens(
    phone: FlaskClient, sent: Sent, change_link: Callable[..., None]
) -> None:
    change_link(expires_at=clock.now() + dt.timedelta(minutes=1))
    assert phone.get(sent.path).status_code == 200


def test_a_discarded_video_is_gone(app: Flask, phone: FlaskClient, sent: Sent) -> None:
    with app.app_context(), writing() as session:
        session.get_one(Video, sent.video_id).discarded_at = clock.now()
    assert phone.get(sent.path).status_code == 404


def test_a_file_that_storage_lost_is_gone_not_broken(app: Flask, phone: FlaskClient, sent: Sent) -> None:
    for key in list(app.extensions["storage"].keys()):
        app.extensions["storage"].delete(key)
    assert phone.get(f"{sent.path}/video").status_code == 404
    assert phone.get(f"{sent.path}/poster.jpg").status_code == 404


def test_an_error_of_ours_is_told_in_words_without_a_cookie(
    app: Flask, phone: FlaskClient, sent: Sent, monkeypatch: pytest.MonkeyPatch
) -> None:
    from vidmsg.watching import letter

    app.config["PROPAGATE_EXCEPTIONS"] = False
    monkeypatch.setattr(letter, "compose", lambda *_: 1 / 0)
    answer = phone.get(sent.path)
    assert answer.status_code == 500
    assert "Something broke on our side" in answer.text
    assert "Set-Cookie" not in answer.headers
