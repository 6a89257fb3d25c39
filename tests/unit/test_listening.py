"""The web server: long bodies take turns, short ones never wait, a port that is taken is told in a sentence."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING

import pytest
from werkzeug.test import EnvironBuilder

from vidmsg import listening
from vidmsg.config import ConfigError, Settings

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

PATIENCE_S = 30.0
LONG, SHORT = listening.IN_MEMORY + 1, listening.IN_MEMORY


class Kitchen:
    """An application that keeps everybody inside until the door is opened, and knows how many are in."""

    def __init__(self) -> None:
        self.inside = 0
        self.most = 0
        self.changed = threading.Condition()
        self.open = False

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        with self.changed:
            self.inside += 1
            self.most = max(self.most, self.inside)
            self.changed.notify_all()
            assert self.changed.wait_for(lambda: self.open, PATIENCE_S)
            self.inside -= 1
            self.changed.notify_all()
        if environ["PATH_INFO"] == "/broken":
            raise RuntimeError("it broke")
        return [b"eaten"]

    def wait_for(self, inside: int) -> None:
        """Wait until so many are in."""
        with self.changed:
            assert self.changed.wait_for(lambda: self.inside == inside, PATIENCE_S)

    def let_out(self) -> None:
        """Open the door."""
        with self.changed:
            self.open = True
            self.changed.notify_all()


class Guests:
    """Requests that come at the same time, each in a thread of its own."""

    def __init__(self, app: Callable[..., Iterable[bytes]]) -> None:
        self.app = app
        self.threads: list[threading.Thread] = []
        self.answers: list[bytes] = []

    def come(self, length: int | str, many: int = 1) -> None:
        """So many requests, each with a body of this length."""
        for _ in range(many):
            self.threads.append(threading.Thread(target=self._ask, args=(length,), daemon=True))
            self.threads[-1].start()

    def leave(self) -> None:
        """Wait until all are answered."""
        for thread in self.threads:
            thread.join(PATIENCE_S)
            assert not thread.is_alive()

    def _ask(self, length: int | str) -> None:
        self.answers.append(b"".join(ask(self.app, length)))


def ask(app: Callable[..., Iterable[bytes]], length: int | str, path: str = "/") -> Iterable[bytes]:
    """What the application answers to a request whose head names this length."""
    environ = EnvironBuilder(path=path, method="PATCH").get_environ()
    return app({**environ, "CONTENT_LENGTH": str(length)}, lambda *_: None)


@pytest.fixture
def kitchen() -> Iterator[Kitchen]:
    made = Kitchen()
    yield made
    made.let_out()


def test_no_more_long_bodies_are_inside_at_once_than_there_are_turns(kitchen: Kitchen) -> None:
    guests = Guests(listening.Turns(kitchen, at_once=2))
    guests.come(LONG, many=5)
    kitchen.wait_for(2)
    kitchen.let_out()
    guests.leave()
    assert kitchen.most == 2
    assert guests.answers == [b"eaten"] * 5


@pytest.mark.parametrize("length", [SHORT, 0, ""], ids=["short", "none", "untold"])
def test_a_short_body_does_not_wait_for_long_ones(kitchen: Kitchen, length: int | str) -> None:
    guests = Guests(listening.Turns(kitchen, at_once=1))
    guests.come(LONG)
    kitchen.wait_for(1)
    guests.come(length, many=3)
    kitchen.wait_for(4)
    kitchen.let_out()
    guests.leave()
    assert guests.answers == [b"eaten"] * 4


def test_a_request_that_breaks_gives_its_turn_back(kitchen: Kitchen) -> None:
    kitchen.let_out()
    turns = listening.Turns(kitchen, at_once=1)
    with pytest.raises(RuntimeError, match="it broke"):
        ask(turns, LONG, "/broken")
    assert ask(turns, LONG) == [b"eaten"]


@pytest.fixture
def put_back(monkeypatch: pytest.MonkeyPatch) -> None:
    """What `listen` sets for a whole process is set back after the test, or never set."""
    monkeypatch.setattr(listening, "_return_memory", lambda: None)
    monkeypatch.setattr(listening.Adjustments, "socket_options", listening.Adjustments.socket_options)


def eat(_environ: WSGIEnvironment, _start_response: StartResponse) -> Iterable[bytes]:
    return [b"eaten"]


def test_a_used_port_is_told_in_a_sentence(settings: Settings, put_back: None) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(ConfigError, match=rf"Port {port} can't be used \(.+\)\. Choose another with PORT=8001\."):
            listening.listen(eat, settings.model_copy(update={"host": "127.0.0.1", "port": port}))


def test_a_phone_that_watches_takes_a_bounded_part_of_memory(settings: Settings, put_back: None) -> None:
    server = listening.listen(eat, settings.model_copy(update={"host": "127.0.0.1", "port": 0}))
    with socket.create_connection(server.socket.getsockname()), server.socket.accept()[0] as accepted:
        for level, option, value in server.adj.socket_options:
            accepted.setsockopt(level, option, value)
        assert accepted.getsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF) <= 2 * listening.SEND_BUFFER
    server.close()
