"""A copy of the folder, and a database of yesterday that was put back, send nothing that has left meanwhile; an
installation that is started anew, or moved with its container, is never taken for a copy."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from tests import cast, postgres
from tests.unit.messages.conftest import FIRST, FakeGateway, go
from vidmsg import clock, startup, tokens
from vidmsg.accounts import place
from vidmsg.accounts.models import Installation, User
from vidmsg.config import Settings
from vidmsg.database import db, reading, writing
from vidmsg.messages import compose, copies, frozen
from vidmsg.people.models import Person
from vidmsg.storage import Storage, generation


class Houses:
    """Installations in folders, with one Twilio for all of them."""

    def __init__(self, stack: ExitStack, folder: Path, template: Path) -> None:
        self._stack, self._folder, self._template = stack, folder, template
        self.twilio = FakeGateway()

    def folder(self, name: str) -> Path:
        return self._folder / name

    def start(self, name: str = "first", **given: Any) -> Flask:
        """A process starts there; its application."""
        data = self.folder(name)
        if not data.exists():
            data.mkdir()
            shutil.copy(self._template, data / "vidmsg.db")
        values = {
            "secret_key": "a secret for tests only, long enough",
            "public_url": "http://localhost",
            "log_level": "WARNING",
        }
        app = startup.ready_app(Settings(_env_file=None, data_dir=data, **values | given))  # type: ignore[arg-type]
        app.extensions["gateway"] = self.twilio
        self._stack.callback(close, app)
        return app

    def postgres(self) -> str:
        """A database of their own."""
        url = postgres.fresh_database()
        self._stack.callback(postgres.forget, url)
        return url

    def copy(self, name: str) -> None:
        """Somebody copies the first one's folder as it lies there."""
        shutil.copytree(self.folder("first"), self.folder(name))


def close(app: Flask) -> None:
    with app.app_context():
        db.engine.dispose()


@pytest.fixture
def houses(tmp_path: Path, migrated_file: Path) -> Iterator[Houses]:
    with ExitStack() as stack:
        yield Houses(stack, tmp_path, migrated_file)


def why(app: Flask) -> str | None:
    """Why sending is frozen there."""
    with app.app_context(), reading() as session:
        return frozen.reason(session)


def settle_in(app: Flask) -> None:
    with app.app_context(), writing() as session:
        cast.put_in(session).organisation.person_daily_cap = 99


def write(app: Flask) -> None:
    """Bob writes to Maria; it is due at once."""
    with app.app_context(), writing() as session:
        compose.compose(
            session,
            sender=session.scalars(sa.select(User).where(User.name == "Bob Baker")).one(),
            person=session.scalars(sa.select(Person).where(Person.first_name == "Maria")).one(),
            video=None,
            body=FIRST,
            words="",
            request_key=tokens.new_token(),
            due_at=clock.now(),
        )


def work(app: Flask) -> None:
    """What its worker does, and what it counts afterwards."""
    with app.app_context():
        while go():
            pass
        copies.count_on(app.extensions["storage"])


def a_copied_folder_is_started(houses: Houses) -> int:
    first = houses.start()
    settle_in(first)
    write(first)
    close(first)
    houses.copy("second")
    work(first)
    work(houses.start("second"))
    return len(houses.twilio.sent)


def an_older_database_is_put_back(houses: Houses) -> int:
    first = houses.start()
    settle_in(first)
    write(first)
    close(first)
    shutil.copy(houses.folder("first") / "vidmsg.db", houses.folder("yesterday.db"))
    work(first)
    close(first)
    shutil.copy(houses.folder("yesterday.db"), houses.folder("first") / "vidmsg.db")
    work(houses.start())
    return len(houses.twilio.sent)


SCENES = (a_copied_folder_is_started, an_older_database_is_put_back)


@pytest.mark.parametrize("scene", SCENES)
def test_what_left_from_the_other_one_does_not_leave_again(houses: Houses, scene: Any) -> None:
    assert scene(houses) == 1


@pytest.mark.parametrize("scene", SCENES)
def test_without_the_guard_it_is_doubled(houses: Houses, scene: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(frozen, "begin", lambda _session, _why: None)
    assert scene(houses) == 2


def test_a_copy_says_what_to_do_and_the_first_one_goes_on(houses: Houses) -> None:
    first = houses.start()
    settle_in(first)
    write(first)
    close(first)
    houses.copy("second")
    assert why(houses.start("second")) == copies.ELSEWHERE
    assert why(houses.start()) is None


def test_a_copy_freezes_where_nothing_waits_but_texts_have_left(houses: Houses) -> None:
    first = houses.start()
    settle_in(first)
    write(first)
    work(first)
    close(first)
    houses.copy("second")
    assert why(houses.start("second")) == copies.ELSEWHERE


def test_whoever_moves_the_folder_before_the_first_text_is_not_asked(houses: Houses) -> None:
    first = houses.start()
    settle_in(first)
    close(first)
    houses.copy("second")
    assert why(houses.start("second")) is None


def test_starting_again_and_again_freezes_nothing(houses: Houses) -> None:
    first = houses.start()
    settle_in(first)
    write(first)
    for _ in range(3):
        again = houses.start()
        write(again)
        work(again)
        assert why(again) is None


def test_an_older_database_is_known_while_its_processes_run_on(houses: Houses) -> None:
    first = houses.start()
    settle_in(first)
    write(first)
    work(first)
    with first.app_context(), writing() as session:
        session.scalars(sa.select(Installation)).one().generation -= 1
    write(first)
    work(first)
    assert why(first) == copies.PUT_BACK


def test_a_storage_that_is_behind_is_no_sign_of_an_older_database(houses: Houses) -> None:
    """A process was killed between counting on in the database and noting it in the storage."""
    first = houses.start()
    settle_in(first)
    write(first)
    for key in list(first.extensions["storage"].keys(generation.PREFIX)):
        first.extensions["storage"].delete(key)
    assert why(houses.start()) is None


def test_the_number_of_somebody_elses_storage_says_nothing(houses: Houses) -> None:
    other = houses.start("other")
    for _ in range(3):
        houses.start("other")
    first = houses.start()
    settle_in(first)
    write(first)
    shutil.rmtree(houses.folder("first") / "media")
    shutil.copytree(houses.folder("other") / "media", houses.folder("first") / "media")
    with pytest.raises(Exception, match="belong to another installation"):
        houses.start()
    assert why(first) is None
    assert why(other) is None


def test_it_is_counted_on_only_when_a_text_left(houses: Houses) -> None:
    first = houses.start()
    settle_in(first)
    storage: Storage = first.extensions["storage"]
    begun = generation.newest(storage)
    work(first)
    assert generation.newest(storage) == begun
    write(first)
    work(first)
    assert generation.newest(storage) == begun + 1
    work(first)
    assert generation.newest(storage) == begun + 1
    assert list(storage.keys(generation.PREFIX)) == [f"{generation.PREFIX}{begun + 1}"]


def test_the_clock_counts_once_a_minute_and_does_not_mind_a_storage_that_is_away(
    houses: Houses, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = houses.start()
    settle_in(first)
    begun = generation.newest(first.extensions["storage"])
    now = [1000.0]
    monkeypatch.setattr(copies, "time", SimpleNamespace(monotonic=lambda: now[0]))
    counting = copies.Counting(first)

    def sent(after_s: float) -> int:
        """A text leaves, and the clock ticks so many seconds later; how much further it is counted."""
        write(first)
        with first.app_context():
            while go():
                pass
        now[0] += after_s
        counting.tick()
        assert counting._running.acquire(timeout=30)
        counting._running.release()
        return generation.newest(first.extensions["storage"]) - begun

    assert sent(0) == 1
    assert sent(59) == 1
    assert sent(1) == 2
    with monkeypatch.context() as patch:
        patch.setattr(generation, "newest", lambda _storage: 1 / 0)
        counting._not_before = 0
        counting.tick()
        assert counting._running.acquire(timeout=30)
        counting._running.release()
    assert sent(60) == 3


class Slow:
    """A storage that takes its time: something else happens before it looks, or before it tells."""

    def __init__(self, storage: Storage, meanwhile: Callable[[], None], *, first: bool) -> None:
        self._storage, self._meanwhile, self._first = storage, [meanwhile], first

    def __getattr__(self, name: str) -> Any:
        return getattr(self._storage, name)

    def keys(self, prefix: str = "") -> Iterator[str]:
        found = [] if self._first else list(self._storage.keys(prefix))
        while self._meanwhile:
            self._meanwhile.pop()()
        return self._storage.keys(prefix) if self._first else iter(found)


@pytest.mark.parametrize("first", [True, False])
@pytest.mark.parametrize("kind", ["sqlite", "postgres"])
def test_two_who_count_at_once_take_each_other_for_no_copy(houses: Houses, kind: str, first: bool) -> None:
    given = {"database_url": houses.postgres()} if kind == "postgres" else {}
    one = houses.start(**given)
    settle_in(one)
    write(one)
    other = houses.start(**given)

    def meanwhile() -> None:
        houses.start(**given)
        write(other)
        work(other)

    with one.app_context():
        while go():
            pass
        copies.count_on(Slow(one.extensions["storage"], meanwhile, first=first))
    assert why(one) is None
    assert why(houses.start(**given)) is None


def test_several_machines_with_one_postgres_are_one_installation(
    houses: Houses, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = houses.postgres()
    first = houses.start(database_url=url)
    settle_in(first)
    write(first)
    shutil.copytree(houses.folder("first") / "media", houses.folder("second") / "media")
    monkeypatch.setattr(place, "_machine", lambda: "another")
    assert why(houses.start("second", database_url=url)) is None


def test_a_dump_that_is_read_into_another_database_lies_in_another_place(houses: Houses) -> None:
    urls = {"first": houses.postgres(), "second": houses.postgres()}
    found = []
    for name in ("first", "first", "second"):
        with houses.start(name, database_url=urls[name]).app_context(), reading() as session:
            found.append(place.of(session))
    home, again, dump = found
    assert home == again
    assert None not in {home, dump}
    assert dump != home
