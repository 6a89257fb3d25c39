"""Phones on bad networks must not hold the server's threads, or a few of them would stop it for everybody."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import requests

from tests.contract.storage.conftest import DAY, web_application
from tests.contract.storage.serving import serving
from vidmsg.storage.directory import Directory

LONG = 32 << 20  # more than waitress and both sockets' buffers take
PHONES = 30


@pytest.fixture
def storage(tmp_path: Path) -> Directory:
    return Directory(tmp_path / "media", b"secret")


@pytest.fixture
def page(storage: Directory) -> Iterator[str]:
    with serving(web_application(storage), threads=4) as address:
        yield address


@pytest.fixture
def film(storage: Directory, tmp_path: Path) -> str:
    source = tmp_path / "film.mp4"
    with source.open("wb") as file:
        file.truncate(LONG)
    storage.put(source, "video/1/1.mp4", "video/mp4")
    return storage.url("video/1/1.mp4", DAY, "video/mp4")


class Phone:
    """Asks for a film from its second byte on, reads the head of the answer and then no more until told."""

    def __init__(self, page: str, path: str) -> None:
        address = urlsplit(page)
        self.socket = socket.socket()
        self.socket.settimeout(60)
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        self.socket.connect((address.hostname, address.port))
        request = f"GET {path} HTTP/1.1\r\nHost: app\r\nRange: bytes=1-\r\nConnection: close\r\n\r\n"
        self.socket.sendall(request.encode())

    def head(self) -> tuple[str, int]:
        """The status code, and how many bytes of the film came along with the head."""
        data = b""
        while b"\r\n\r\n" not in data:
            data += self.socket.recv(1024)
        head, _, film = data.partition(b"\r\n\r\n")
        return head.split()[1].decode(), len(film)

    def rest(self) -> int:
        """Read to the end; how many bytes came."""
        return sum(len(block) for block in iter(lambda: self.socket.recv(1 << 20), b""))


def test_thirty_stalled_phones_do_not_keep_a_page_from_coming(page: str, film: str) -> None:
    with ExitStack() as closing:
        phones = [Phone(page, film) for _ in range(PHONES)]
        for phone in phones:
            closing.callback(phone.socket.close)
        heads = [phone.head() for phone in phones]  # all are being served, each with much more to come
        assert {status for status, _ in heads} == {"206"}
        assert requests.get(f"{page}/tiny", timeout=60).text == "tiny"
        assert heads[-1][1] + phones[-1].rest() == LONG - 1  # and a phone that wakes up gets the whole


def test_a_phone_that_hangs_up_disturbs_nobody(page: str, film: str) -> None:
    for _ in range(PHONES):
        phone = Phone(page, film)
        phone.head()
        phone.socket.close()
    assert requests.get(page + film, headers={"Range": "bytes=0-9"}, timeout=60).content == bytes(10)
