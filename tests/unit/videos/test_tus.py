"""The rules of tus 1.0.0, one by one, as a client without a cookie sees them."""

from __future__ import annotations

import threading

import pytest

from tests.postgres import both_databases
from tests.unit.videos.sending import TUS, Sending, Tus, checksum, metadata
from vidmsg.videos import receiving


def test_options_tells_what_we_can(tus: Tus) -> None:
    answer = tus.app.test_client().options("/uploads/")
    assert answer.status_code == 204
    assert answer.headers["Tus-Version"] == "1.0.0"
    assert {"creation", "creation-defer-length", "checksum", "termination", "expiration"} <= set(
        answer.headers["Tus-Extension"].split(",")
    )
    assert {"sha1", "sha256"} <= set(answer.headers["Tus-Checksum-Algorithm"].split(","))
    assert answer.headers["Tus-Max-Size"] == str(500 * 1024 * 1024)


@pytest.mark.parametrize("version", [None, "0.2.2"])
def test_another_version_of_tus_is_not_processed(tus: Tus, version: str | None) -> None:
    sending = tus.begin(4)
    headers = {"Tus-Resumable": version} if version else {}
    answer = tus.app.test_client().head(sending.location, headers=headers)
    assert answer.status_code == 412
    assert answer.headers["Tus-Version"] == "1.0.0"


@both_databases
def test_an_upload_in_three_pieces_is_whole(tus: Tus) -> None:
    sending = tus.begin(10)
    for offset, piece in ((0, b"abc"), (3, b"defg"), (7, b"hij")):
        answer = sending.patch(offset, piece)
        assert (answer.status_code, answer.headers["Upload-Offset"]) == (204, str(offset + len(piece)))
    assert sending.bytes() == b"abcdefghij"
    assert sending.row().state == "complete"


def test_a_body_larger_than_a_piece_is_joined_right(tus: Tus, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(receiving, "PIECE_BYTES", 1000)
    data = bytes(range(256)) * 20
    sending = tus.begin(len(data))
    assert sending.patch(0, data, Upload_Checksum=checksum(data)).status_code == 204
    assert sending.bytes() == data
    assert len(sending.keys()) == 6


def test_head_tells_offset_length_and_what_the_client_said(tus: Tus) -> None:
    given = metadata(kind="file", filename="Für Maria.mp4", filetype="video/mp4")
    sending = tus.begin(9, kind="file", filename="Für Maria.mp4", filetype="video/mp4")
    sending.patch(0, b"abcd")
    answer = sending.head()
    assert (answer.headers["Upload-Offset"], answer.headers["Upload-Length"]) == ("4", "9")
    assert answer.headers["Upload-Metadata"] == given
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["Tus-Resumable"] == "1.0.0"


def test_a_length_may_come_with_the_last_bytes(tus: Tus) -> None:
    sending = tus.begin(kind="take")
    assert sending.head().headers["Upload-Defer-Length"] == "1"
    sending.patch(0, b"first")
    assert "Upload-Length" not in sending.head().headers
    assert sending.patch(5, b"last", Upload_Length="9").status_code == 204
    assert sending.row().state == "complete"
    assert "Upload-Defer-Length" not in sending.head().headers


def test_a_length_may_come_with_no_bytes_and_twice(tus: Tus) -> None:
    sending = tus.begin(kind="take")
    sending.patch(0, b"all of it")
    for _again in range(2):
        answer = sending.patch(9, b"", Upload_Length="9")
        assert (answer.status_code, answer.headers["Upload-Offset"]) == (204, "9")
    assert sending.row().state == "complete"


@pytest.mark.parametrize("length", ["3", "12"])
def test_a_declared_length_stays(tus: Tus, length: str) -> None:
    sending = tus.begin(10, kind="take")
    sending.patch(0, b"abcde")
    assert sending.patch(5, b"fg", Upload_Length=length).status_code == 409
    assert sending.bytes() == b"abcde"


def test_a_length_below_what_has_come_is_refused(tus: Tus) -> None:
    sending = tus.begin(kind="take")
    sending.patch(0, b"abcde")
    assert sending.patch(5, b"", Upload_Length="4").status_code == 409
    assert sending.row().length is None


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Upload-Length": "-1"},
        {"Upload-Length": "many"},
        {"Upload-Defer-Length": "2"},
        {"Upload-Length": "5", "Upload-Defer-Length": "1"},
        {"Upload-Length": "5", "Upload-Metadata": "kind !!"},
        {"Upload-Length": "5", "Upload-Metadata": metadata(kind="film")},
        {"Upload-Length": "5", "Upload-Metadata": metadata(take="x" * 65)},
    ],
)
def test_a_beginning_that_makes_no_sense_is_refused(tus: Tus, headers: dict[str, str]) -> None:
    answer = tus.browser.post("/uploads/", headers={**TUS, **headers})
    assert answer.status_code == 400
    assert answer.json["message"].endswith(".")


def test_an_upload_of_no_bytes_is_complete_at_once(tus: Tus) -> None:
    sending = tus.begin(0)
    assert sending.row().state == "complete"


def test_the_first_bytes_may_come_with_the_creation(tus: Tus) -> None:
    answer = tus.browser.post(
        "/uploads/",
        data=b"hello",
        headers={**TUS, "Upload-Length": "11", "Content-Type": "application/offset+octet-stream"},
    )
    assert (answer.status_code, answer.headers["Upload-Offset"]) == (201, "5")
    sending = Sending(tus.app, answer.headers["Location"], answer.json["upload"], answer.json["video"])
    sending.patch(5, b" world")
    assert sending.bytes() == b"hello world"


def test_a_wrong_offset_changes_nothing(tus: Tus) -> None:
    sending = tus.begin(10)
    sending.patch(0, b"abc")
    for offset in (0, 2, 4, 10):
        assert sending.patch(offset, b"zzz").status_code == 409
    assert sending.bytes() == b"abc"
    assert len(sending.keys()) == 1


def test_a_piece_needs_its_type_and_its_offset(tus: Tus) -> None:
    sending = tus.begin(10)
    assert sending.patch(0, b"abc", Content_Type="video/mp4").status_code == 415
    bare = tus.app.test_client().patch(
        sending.location, data=b"abc", headers={**TUS, "Content-Type": "application/offset+octet-stream"}
    )
    assert bare.status_code == 400
    assert sending.patch(0, b"abc", Upload_Offset="-3").status_code == 400


def test_more_than_declared_is_refused(tus: Tus) -> None:
    sending = tus.begin(4)
    assert sending.patch(0, b"abcde").status_code == 413
    assert (sending.bytes(), sending.keys()) == (b"", [])


@pytest.mark.parametrize("algorithm", ["sha1", "sha256"])
def test_a_right_checksum_is_taken_and_a_wrong_one_is_not(tus: Tus, algorithm: str) -> None:
    sending = tus.begin(8, kind="take")
    assert sending.patch(0, b"good", Upload_Checksum=checksum(b"good", algorithm)).status_code == 204
    assert sending.patch(4, b"evil", Upload_Checksum=checksum(b"good", algorithm)).status_code == 460
    assert sending.bytes() == b"good"
    assert len(sending.keys()) == 1


@pytest.mark.parametrize("given", ["md5 1B2M2Y8AsgTpgAmY7PhCfg==", "sha1", "sha256 short", "sha1 !"])
def test_a_checksum_we_cannot_check_is_refused(tus: Tus, given: str) -> None:
    sending = tus.begin(4)
    assert sending.patch(0, b"abcd", Upload_Checksum=given).status_code == 400
    assert sending.bytes() == b""


def test_a_client_without_patch_may_say_so_in_a_header(tus: Tus) -> None:
    sending = tus.begin(3)
    answer = tus.app.test_client().post(
        sending.location,
        data=b"abc",
        headers={
            **TUS,
            "X-HTTP-Method-Override": "PATCH",
            "Content-Type": "application/offset+octet-stream",
            "Upload-Offset": "0",
        },
    )
    assert answer.status_code == 204
    assert sending.bytes() == b"abc"
    assert tus.app.test_client().post(sending.location, headers=TUS).status_code == 405


def test_an_unfinished_upload_can_be_terminated(tus: Tus) -> None:
    sending = tus.begin(10)
    sending.patch(0, b"abc")
    assert sending.delete().status_code == 204
    assert sending.head().status_code == 404
    assert sending.patch(3, b"def").status_code == 404
    assert sending.keys() == []


def test_a_finished_upload_cannot_be_terminated_by_its_address(tus: Tus) -> None:
    sending = tus.begin(3)
    sending.patch(0, b"abc")
    assert sending.delete().status_code == 403
    assert sending.bytes() == b"abc"


@both_databases
def test_of_two_racing_pieces_exactly_one_is_kept(tus: Tus) -> None:
    sending = tus.begin(2000)
    pieces = [bytes([number]) * 1000 for number in range(4)]
    together, answers = threading.Barrier(len(pieces)), {}

    def send(number: int) -> None:
        together.wait()
        answers[number] = sending.patch(0, pieces[number]).status_code

    threads = [threading.Thread(target=send, args=(number,)) for number in range(len(pieces))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    won = [number for number, status in answers.items() if status == 204]
    assert sorted(answers.values()) == [204, 409, 409, 409]
    assert sending.bytes() == pieces[won[0]]
    assert len(sending.keys()) == 1


class _Breaking:
    """A connection that breaks after some bytes."""

    def __init__(self, data: bytes) -> None:
        self.data = data

    def read(self, size: int = -1) -> bytes:
        if not self.data:
            raise OSError("the phone went into a tunnel")
        found, self.data = self.data[:size], self.data[size:]
        return found


@pytest.mark.parametrize(("with_checksum", "kept"), [(False, b"abcde"), (True, b"")])
def test_what_arrived_before_the_line_broke_is_kept(tus: Tus, with_checksum: bool, kept: bytes) -> None:
    sending = tus.begin(kind="take")
    headers = {**TUS, "Content-Type": "application/offset+octet-stream", "Upload-Offset": "0", "Upload-Length": "10"}
    if with_checksum:
        headers["Upload-Checksum"] = checksum(b"abcdefghij")
    tus.app.test_client().patch(
        sending.location, headers=headers, environ_overrides={"wsgi.input": _Breaking(b"abcde"), "CONTENT_LENGTH": "10"}
    )
    assert sending.bytes() == kept
    assert sending.head().headers["Upload-Offset"] == str(len(kept))
    rest = b"abcdefghij"[len(kept) :]
    assert sending.patch(len(kept), rest, Upload_Length="10").status_code == 204
    assert sending.bytes() == b"abcdefghij"


def test_nothing_is_recorded_when_storage_fails(tus: Tus, monkeypatch: pytest.MonkeyPatch) -> None:
    from vidmsg.storage import StorageError

    def full(*_: object) -> None:
        raise StorageError("The disk is full. Free some space, then try again.")

    sending = tus.begin(3)
    with monkeypatch.context() as patched:
        patched.setattr(tus.app.extensions["storage"], "put_bytes", full)
        answer = sending.patch(0, b"abc")
    assert answer.status_code == 503
    assert "disk is full" in answer.json["message"]
    assert sending.patch(0, b"abc").status_code == 204
