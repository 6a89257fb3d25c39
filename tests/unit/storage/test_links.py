"""Signed leave to read or to write."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from vidmsg.storage.links import LinkRefused, Links, Reading, Writing

READ = Reading("video/1/1.mp4", "video/mp4", None)
WRITE = Writing("raw/1/1.webm", "video/webm", 7)
HOUR = timedelta(hours=1)


def test_two_hosts_with_one_secret_understand_each_other() -> None:
    assert Links("secret").reading(Links(b"secret").sign(READ, HOUR)) == READ
    assert Links("secret").writing(Links(b"secret").sign(WRITE, HOUR)) == WRITE


def test_a_link_of_another_secret_is_refused() -> None:
    with pytest.raises(LinkRefused, match="not one of ours"):
        Links("ours").reading(Links("theirs").sign(READ, HOUR))


def test_a_link_of_one_kind_is_not_of_the_other() -> None:
    links = Links("secret")
    with pytest.raises(LinkRefused):
        links.writing(links.sign(READ, HOUR))
    with pytest.raises(LinkRefused):
        links.reading(links.sign(WRITE, HOUR))


@pytest.mark.parametrize("token", ["", ".", "a.b", "é", "x" * 5000])
def test_rubbish_is_refused(token: str) -> None:
    with pytest.raises(LinkRefused):
        Links("secret").reading(token)


def test_a_link_runs_out_by_the_application_s_clock(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    offset = tmp_path / "offset"
    monkeypatch.setenv("VIDMSG_CLOCK_FILE", str(offset))
    links = Links("secret")
    token = links.sign(READ, HOUR)
    offset.write_text("3590")
    assert links.reading(token) == READ
    offset.write_text("3601")
    with pytest.raises(LinkRefused, match="has run out"):
        links.reading(token)
