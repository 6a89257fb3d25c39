"""What every storage promises to a browser that holds one of its addresses or tickets."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from datetime import timedelta

import pytest
import time_machine

from tests.contract.storage.conftest import DAY, Place
from vidmsg.storage import Storage, Ticket
from vidmsg.storage.directory import Directory

MP4 = "video/mp4"
WEBM = "video/webm;codecs=vp8,opus"
FILM = bytes(range(256)) * 400
KEY = "video/1/1.mp4"


def an_hour_ago() -> time_machine.travel:
    return time_machine.travel(dt.datetime.now(dt.UTC) - timedelta(hours=1))


def forged(url: str) -> str:
    return url[:-8] + "".join("0" if letter != "0" else "1" for letter in url[-8:])


@pytest.fixture
def film(place: Place) -> str:
    place.storage.put_bytes(FILM, KEY, "application/octet-stream")
    return place.storage.url(KEY, DAY, MP4)


def test_an_address_gives_the_whole_object_as_the_type_that_was_asked_for(place: Place, film: str) -> None:
    answer = place.get(film)
    assert (answer.status_code, answer.headers["Content-Type"], answer.content) == (200, MP4, FILM)
    assert answer.headers["Content-Length"] == str(len(FILM))
    assert answer.headers["Accept-Ranges"] == "bytes"
    assert answer.headers["Cache-Control"] == "private, max-age=31536000, immutable"
    assert "Content-Disposition" not in answer.headers


@pytest.mark.parametrize(
    ("asked", "given", "body"),
    [
        ("bytes=0-", "bytes 0-102399/102400", FILM),
        ("bytes=0-0", "bytes 0-0/102400", FILM[:1]),
        ("bytes=1000-1999", "bytes 1000-1999/102400", FILM[1000:2000]),
        ("bytes=102000-999999", "bytes 102000-102399/102400", FILM[102000:]),
        ("bytes=-100", "bytes 102300-102399/102400", FILM[-100:]),
    ],
)
def test_a_player_gets_just_the_part_it_asks_for(place: Place, film: str, asked: str, given: str, body: bytes) -> None:
    answer = place.get(film, Range=asked)
    assert (answer.status_code, answer.headers["Content-Range"], answer.content) == (206, given, body)
    assert answer.headers["Content-Type"] == MP4


def test_a_part_past_the_end_is_refused_with_the_true_size(place: Place, film: str) -> None:
    answer = place.get(film, Range="bytes=102400-")
    assert (answer.status_code, answer.headers["Content-Range"]) == (416, "bytes */102400")


def test_a_browser_that_holds_the_bytes_does_not_get_them_again(place: Place, film: str) -> None:
    etag = place.get(film).headers["ETag"]
    assert place.get(film, If_None_Match=etag).status_code == 304


def test_a_part_of_other_bytes_than_the_player_holds_is_given_whole(place: Place, film: str) -> None:
    etag = place.get(film).headers["ETag"]
    assert place.get(film, Range="bytes=0-9", If_Range=etag).status_code == 206


def test_a_download_is_saved_under_its_name_in_any_script(place: Place, film: str) -> None:
    named = place.storage.url(KEY, DAY, MP4, download='Grüße "für" Maria.mp4')
    disposition = place.get(named).headers["Content-Disposition"]
    assert disposition.startswith("attachment;")
    assert "filename*=UTF-8''Gr%C3%BC%C3%9Fe%20%22f%C3%BCr%22%20Maria.mp4" in disposition


def test_an_address_that_has_run_out_is_refused(place: Place, film: str) -> None:
    with an_hour_ago():
        alive = place.storage.url(KEY, timedelta(minutes=90), MP4)
        dead = place.storage.url(KEY, timedelta(minutes=59), MP4)
    assert place.get(alive).status_code == 200
    assert place.get(dead).status_code == 403
    assert FILM[:100] not in place.get(dead).content


def test_a_forged_address_is_refused(place: Place, film: str) -> None:
    assert place.get(forged(film)).status_code == 403


def test_an_address_of_a_missing_object_says_so(place: Place) -> None:
    assert place.get(place.storage.url("video/1/none.mp4", DAY, MP4)).status_code == 404


def test_leave_to_read_is_not_leave_to_write(place: Place) -> None:
    url = place.storage.url(KEY, DAY, MP4)
    assert place.send(Ticket(url, "PUT", {"Content-Type": MP4}), b"mine now").status_code == 403
    assert place.storage.size(KEY) is None


def test_leave_to_write_is_not_leave_to_read(place: Place, film: str) -> None:
    assert place.get(place.storage.ticket(KEY, MP4, 5).url).status_code == 403


@pytest.mark.parametrize("ttl", [timedelta(0), timedelta(seconds=-1), timedelta(days=8)])
def test_a_link_lives_between_a_second_and_a_week(storage: Storage, ttl: timedelta) -> None:
    with pytest.raises(ValueError, match="between one second and seven days"):
        storage.url(KEY, ttl, MP4)


def test_a_ticket_takes_one_object_past_the_application(place: Place) -> None:
    answer = place.send(place.storage.ticket(KEY, WEBM, len(FILM)), FILM)
    assert answer.status_code == 200
    assert place.storage.get_bytes(KEY) == FILM


def test_a_ticket_takes_no_other_type(place: Place) -> None:
    ticket = place.storage.ticket(KEY, WEBM, 5)
    assert place.send(ticket, b"12345", Content_Type="text/html").status_code == 403
    assert place.storage.size(KEY) is None


@pytest.mark.parametrize("body", [b"", b"1234", b"123456", FILM])
def test_a_ticket_takes_no_other_size(place: Place, body: bytes) -> None:
    assert place.send(place.storage.ticket(KEY, WEBM, 5), body).status_code == 403
    assert place.storage.size(KEY) is None


def test_a_ticket_runs_out(place: Place, make_storage: Callable[..., Storage]) -> None:
    with an_hour_ago():
        alive = make_storage(ticket_life=timedelta(minutes=90)).ticket(KEY, MP4, 5)
        dead = make_storage(ticket_life=timedelta(minutes=59)).ticket(KEY, MP4, 5)
    assert place.send(dead, b"12345").status_code == 403
    assert place.storage.size(KEY) is None
    assert place.send(alive, b"12345").status_code == 200


def test_a_forged_ticket_is_refused(place: Place) -> None:
    ticket = place.storage.ticket(KEY, MP4, 5)
    assert place.send(Ticket(forged(ticket.url), "PUT", ticket.headers), b"12345").status_code == 403
    assert place.storage.size(KEY) is None


def test_a_ticket_used_twice_changes_nothing(place: Place) -> None:
    ticket = place.storage.ticket(KEY, MP4, 5)
    assert place.send(ticket, b"first").status_code == 200
    assert place.send(ticket, b"other").status_code == 412
    assert place.storage.get_bytes(KEY) == b"first"


def test_a_page_learns_from_which_origins_its_media_come(place: Place) -> None:
    url = place.storage.url(KEY, DAY, MP4)
    if isinstance(place.storage, Directory):
        assert place.storage.origins() == ()
        assert url.startswith("/media/")
    else:
        assert [url.startswith(f"{origin}/") for origin in place.storage.origins()] == [True]
