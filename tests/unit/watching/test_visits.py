from __future__ import annotations

import json
from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.postgres import both_databases
from tests.watched import Sent
from vidmsg.messages.progress import NOTHING, Progress
from vidmsg.watching import visits as verbs
from vidmsg.watching.models import Visit

Open = Callable[..., str]
Tell = Callable[..., int]
Known = Callable[[], Progress]
Rows = Callable[[], list[Visit]]
PAGE = "p" * 22
ROBOTS = [
    "",
    "TwilioProxy/1.1",
    "facebookexternalhit/1.1 Facebot Twitterbot/1.0",
    "WhatsApp/2.23.20.0",
    "Slackbot-LinkExpanding 1.0",
]


def test_a_fetch_alone_is_noted_and_never_told(open_page: Open, known: Known, visits: Rows) -> None:
    page = open_page()
    assert [visit.page_id for visit in visits()] == [page]
    assert known() == NOTHING


def test_asking_for_the_head_notes_nothing(phone: FlaskClient, sent: Sent, visits: Rows) -> None:
    with phone.head(sent.path):
        pass
    assert visits() == []


def test_a_page_that_was_visible_is_opened_but_not_watched(open_page: Open, tell: Tell, known: Known) -> None:
    assert tell(open_page(), "opened") == 204
    assert known()["opened_at"]
    assert known()["played_at"] is None


def test_a_tap_is_played_and_parts_become_percent(open_page: Open, tell: Tell, known: Known) -> None:
    page = open_page()
    tell(page, "played")
    assert known()["played_at"]
    tell(page, "progress", intervals=[[0, 1]])
    assert known()["percent"] == 25
    tell(page, "progress", intervals=[[0, 1], [2, 4]])
    assert (known()["percent"], known()["plays"]) == (75, 1)


@both_databases
def test_beacons_may_come_late_twice_and_in_any_order(open_page: Open, tell: Tell, known: Known) -> None:
    page = open_page()
    tell(page, "progress", intervals=[[0, 4]])
    first = known()
    for event in ("opened", "played", "progress"):
        tell(page, event, intervals=[[0, 1]])
    assert known() == first
    assert (first["percent"], first["plays"]) == (100, 1)


@both_databases
def test_two_looks_of_one_phone_add_up_and_two_phones_do_not(open_page: Open, tell: Tell, known: Known) -> None:
    for parts, visitor in (([[0, 1]], "a" * 22), ([[1, 2]], "a" * 22), ([[2, 3]], "b" * 22), ([[3, 4]], None)):
        tell(open_page(), "progress", intervals=parts, visitor=visitor)
    assert (known()["percent"], known()["plays"]) == (50, 4)


@pytest.mark.parametrize("agent", ROBOTS)
def test_robots_never_open_play_or_feel(
    app: Flask, sent: Sent, open_page: Open, tell: Tell, known: Known, agent: str
) -> None:
    robot = app.test_client()
    robot.environ_base["HTTP_USER_AGENT"] = agent
    page = open_page(robot)
    for event in ("opened", "played", "progress"):
        tell(page, event, client=robot, intervals=[[0, 4]])
    robot.post(f"{sent.path}/felt", data={"page": page, "felt": "loved"})
    tell(page, "played")  # a page that a robot fetched stays a robot's
    assert known() == NOTHING


def test_a_visit_whose_fetch_could_not_be_noted_still_counts(tell: Tell, known: Known) -> None:
    tell(PAGE, "played", intervals=[[0, 2]])
    assert (known()["plays"], known()["percent"]) == (1, 50)


def test_the_page_answers_even_when_the_visit_cannot_be_written(
    app: Flask, phone: FlaskClient, sent: Sent, monkeypatch: pytest.MonkeyPatch
) -> None:
    from sqlalchemy.exc import OperationalError

    def broken(*_: object) -> None:
        raise OperationalError("insert", {}, Exception("database is locked"))

    monkeypatch.setattr(verbs, "fetched", broken)
    with phone.get(sent.path) as answer:
        assert answer.status_code == 200


BAD = [
    b"",
    b"nonsense",
    b"[]",
    b"null",
    b"[" * 2000,
    json.dumps({"page": PAGE, "event": "bought", "intervals": []}).encode(),
    json.dumps({"page": "short", "event": "played", "intervals": []}).encode(),
    json.dumps({"page": PAGE, "event": "played", "intervals": [[0, 1]] * 61}).encode(),
    json.dumps({"page": PAGE, "event": "played", "intervals": [[0, "1"]]}).encode(),
    json.dumps({"page": PAGE, "event": "played", "intervals": [[0, True]]}).encode(),
    json.dumps({"page": PAGE, "event": "played", "intervals": [[0, float("nan")]]}).encode(),
    json.dumps({"page": PAGE, "event": "played", "intervals": [[0, float("inf")]]}).encode(),
    json.dumps({"page": PAGE, "event": "played", "intervals": {"0": 1}}).encode(),
    json.dumps({"page": PAGE, "event": "played", "intervals": [[0, 10**400]]}).encode(),
]


@pytest.mark.parametrize("body", BAD, ids=range(len(BAD)))
def test_a_forged_beacon_is_refused_and_changes_nothing(
    phone: FlaskClient, sent: Sent, visits: Rows, body: bytes
) -> None:
    assert phone.post(f"{sent.path}/seen", data=body).status_code == 400
    assert visits() == []


def test_an_oversized_beacon_is_refused(phone: FlaskClient, sent: Sent, visits: Rows) -> None:
    body = json.dumps({"page": PAGE, "event": "played", "intervals": [], "more": "x" * 4096})
    assert phone.post(f"{sent.path}/seen", data=body).status_code == 413
    assert visits() == []


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Origin": "http://localhost"}, 204),
        ({"Origin": "https://elsewhere.example"}, 400),
        ({"Origin": "http://localhost.elsewhere.example"}, 400),
        ({"Origin": "null", "Sec-Fetch-Site": "same-origin"}, 204),
        ({"Origin": "null", "Sec-Fetch-Site": "cross-site"}, 400),
        ({"Sec-Fetch-Site": "cross-site"}, 400),
        ({}, 204),
    ],
)
def test_only_our_own_page_may_report(phone: FlaskClient, sent: Sent, headers: dict[str, str], status: int) -> None:
    said = {"page": PAGE, "event": "played", "intervals": []}
    assert phone.post(f"{sent.path}/seen", json=said, headers=headers).status_code == status
    form = {"page": PAGE, "felt": "loved"}
    felt = phone.post(f"{sent.path}/felt", data=form, headers={**headers, "X-Requested-With": "fetch"})
    assert felt.status_code == status


def test_a_link_takes_only_so_many_visits(
    sent: Sent, tell: Tell, visits: Rows, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(verbs, "MOST_VISITS", 3)
    for number in range(5):
        assert tell(f"{number}" * 22, "played") == 204
    assert len(visits()) == 3


def test_a_face_is_kept_and_thanked_for_without_a_script(
    phone: FlaskClient, sent: Sent, open_page: Open, known: Known
) -> None:
    page = open_page()
    answer = phone.post(f"{sent.path}/felt", data={"page": page, "felt": "touched"}, follow_redirects=True)
    assert "Thank you. Bob will see it." in answer.text
    assert known()["felt"] == "touched"


@both_databases
def test_the_last_face_counts(phone: FlaskClient, sent: Sent, open_page: Open, known: Known) -> None:
    for feeling in ("smiled", "loved"):
        phone.post(f"{sent.path}/felt", data={"page": open_page(), "felt": feeling})
    assert known()["felt"] == "loved"


@pytest.mark.parametrize(
    "form", [{}, {"felt": "loved"}, {"felt": "furious", "page": PAGE}, {"felt": "loved", "page": "x"}]
)
def test_a_made_up_face_is_refused(phone: FlaskClient, sent: Sent, visits: Rows, form: dict[str, str]) -> None:
    assert phone.post(f"{sent.path}/felt", data=form).status_code == 400
    assert visits() == []


@both_databases
def test_two_reports_that_meet_at_the_first_row_are_both_kept(app: Flask, sent: Sent, tell: Tell, known: Known) -> None:
    """Postgres lets two transactions insert at once; the later one finds the row on its second try."""
    real, calls = verbs._visit, []

    def late(session: object, link: object, page: str) -> object:
        calls.append(page)
        if len(calls) == 1:
            session.add(verbs._new(sent.link_id, page, False, 4.0))  # type: ignore[attr-defined]
            session.add(verbs._new(sent.link_id, page, False, 4.0))  # type: ignore[attr-defined]
            session.flush()  # type: ignore[attr-defined]
        return real(session, link, page)  # type: ignore[arg-type]

    verbs._visit = late  # type: ignore[assignment]
    try:
        assert tell(PAGE, "played") == 204
    finally:
        verbs._visit = real
    assert known()["plays"] == 1


def test_too_many_beacons_are_slowed_down(app: Flask, sent: Sent, phone: FlaskClient) -> None:
    from vidmsg.web.limits import limiter

    limiter.enabled = True
    try:
        answers = [phone.post(f"{sent.path}/felt", data={}) for _ in range(21)]
    finally:
        limiter.enabled = False
    assert answers[-1].status_code == 429
    assert "Set-Cookie" not in answers[-1].headers
