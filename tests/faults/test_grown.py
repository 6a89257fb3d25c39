"""Grown: Postgres by its address alone, the web by gunicorn in two processes, two workers on their own. What must hold
is that a file becomes a video and a text arrives, once."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
import sqlalchemy as sa

from tests import cast, postgres
from tests.bench.people import Rep, patch
from tests.media_samples import sample
from tests.server import ROOT, Server, wait_for
from vidmsg import clock
from vidmsg.accounts.models import User
from vidmsg.database import reading, writing
from vidmsg.messages import compose, states
from vidmsg.messages.models import Attempt, Message
from vidmsg.people.models import Person
from vidmsg.tokens import new_token
from vidmsg.videos.models import Video


@pytest.fixture
def grown(tmp_path: Path) -> Iterator[Server]:
    """One installation, four processes."""
    server = Server(tmp_path / "grown", {"VIDMSG_DATABASE_URL": postgres.fresh_database()})
    told = re.search(r"```sh\n(gunicorn [^\n]+)\n", (ROOT / "README.md").read_text())
    assert told, "the README's command"
    web = told.group(1).replace("127.0.0.1:8000", f"127.0.0.1:{server.port}").split()
    with ExitStack() as stack, server.log.open("ab") as log:
        for command in ([sys.executable, "-m", *web], *[[sys.executable, "-m", "vidmsg", "work"]] * 2):
            process = subprocess.Popen(command, cwd=ROOT, env=server.environment, stdout=log, stderr=log)
            stack.callback(process.wait)
            stack.callback(process.kill)
        wait_for(server.answers, "gunicorn to answer")
        yield server


def test_it_works_on_postgres_alone_with_gunicorn_and_two_workers(
    grown: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("VIDMSG_CLOCK_FILE", grown.environment["VIDMSG_CLOCK_FILE"])
    with grown.app().app_context(), writing() as session:
        people = cast.put_in(session)
    rep, data = Rep(grown, people.bob.email), sample("plain").read_bytes()
    address, video = rep.create(kind="file", person=people.maria.id, content_type="video/mp4", length=len(data))
    patch(address, data, 0)
    wait_for(lambda: rep.state(video)["state"] == "ready", "the video to be ready", 60)
    with grown.app().app_context():
        with writing() as session:
            message = compose.compose(
                session,
                sender=session.get_one(User, people.bob.id),
                person=session.get_one(Person, people.maria.id),
                video=session.get_one(Video, video),
                body="Hi Maria, it's Bob from Harbor Spa. Reply STOP to opt out.",
                words="",
                request_key=new_token(),
                due_at=clock.now(),
            ).id
        wait_for(lambda: _state(message) == states.DELIVERED, "the text to arrive", 60)
        with reading() as session:
            assert session.scalar(sa.select(sa.func.count()).select_from(Attempt)) == 1


def _state(message_id: str) -> str:
    with reading() as session:
        return session.get_one(Message, message_id).state
