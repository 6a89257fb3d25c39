"""What the documentation promises is there: its links lead somewhere, its commands exist, its example files are
accepted by the programs that they are for, and every dependency has its line."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import click
import pytest

from vidmsg.cli import cli
from vidmsg.config import Settings

ROOT = Path(__file__).resolve().parent.parent.parent
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md")])
UNITS = sorted((ROOT / "docs" / "systemd").glob("*.service"))
CADDYFILE = ROOT / "docs" / "Caddyfile"
LARGEST_PICTURE = 150_000
INSTALLED_PYTHON = "/srv/vidmsg/.venv/bin/python"


def name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def anchors(page: Path) -> set[str]:
    """What `#…` may lead to: headings, as they are commonly turned into anchors."""
    headings = re.findall(r"^#+ (.+)$", page.read_text(encoding="utf-8"), flags=re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def commands(text: str) -> list[list[str]]:
    """The words after each `python -m vidmsg`."""
    found = re.findall(r"python -m vidmsg((?: [a-z][a-z-]*)*)", text)
    return [words.split() for words in found]


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_every_link_leads_somewhere(page: Path) -> None:
    dead = []
    for target in re.findall(r"\]\(([^)\s]+)\)", page.read_text(encoding="utf-8")):
        if target.startswith("https://"):
            continue
        path, _, anchor = target.partition("#")
        there = (page.parent / path).resolve() if path else page
        if not there.exists() or (anchor and anchor not in anchors(there)):
            dead.append(target)
    assert not dead, dead


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_every_command_of_ours_exists(page: Path) -> None:
    for words in commands(page.read_text(encoding="utf-8")):
        here: click.Command | None = cli
        for word in words:
            if not isinstance(here, click.Group):
                break
            here = here.get_command(click.Context(here), word)
            assert here, f"python -m vidmsg {' '.join(words)}"


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_every_option_of_ours_exists(page: Path) -> None:
    for line in re.findall(r"python -m vidmsg ([^`\n]*--[^`\n]*)", page.read_text(encoding="utf-8")):
        here: click.Command | None = cli
        known = {"--help", "--version"}
        for word in line.split():
            if isinstance(here, click.Group) and not word.startswith("-"):
                here = here.get_command(click.Context(here), word)
                assert here, line
                known |= {option for parameter in here.params for option in parameter.opts}
        assert set(re.findall(r"--[a-z-]+", line)) <= known, line


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_every_make_target_exists(page: Path) -> None:
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), flags=re.MULTILINE))
    asked = set(re.findall(r"(?:^|`)make ([a-z-]+)", page.read_text(encoding="utf-8"), flags=re.MULTILINE))
    assert asked <= targets, asked - targets


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_every_setting_that_is_named_exists(page: Path) -> None:
    known = {field.alias for field in Settings.model_fields.values()}
    named = set(re.findall(r"\b(?:VIDMSG|TWILIO|AWS)_[A-Z_]*[A-Z]\b", page.read_text(encoding="utf-8")))
    assert named <= known, named - known


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_every_file_that_is_named_exists(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    named = set(re.findall(r"`((?:vidmsg|templates|static|tests|docs)/[\w./-]*)`", text))
    missing = {path for path in named if not (ROOT / path).exists()}
    assert not missing, missing


def test_the_pictures_are_small() -> None:
    pictures = [path for path in (ROOT / "docs" / "pictures").iterdir() if path.is_file()]
    assert len(pictures) >= 3
    assert {path.name: path.stat().st_size for path in pictures if path.stat().st_size > LARGEST_PICTURE} == {}


@pytest.mark.parametrize("unit", UNITS, ids=name)
def test_a_unit_is_accepted_by_systemd(unit: Path, tmp_path: Path) -> None:
    analyze = shutil.which("systemd-analyze")
    if analyze is None:
        pytest.skip("systemd-analyze is not on this machine")
    text = unit.read_text(encoding="utf-8")
    assert INSTALLED_PYTHON in text
    copy = tmp_path / unit.name  # the program is not installed where the unit expects it; this very Python is
    copy.write_text(text.replace(INSTALLED_PYTHON, sys.executable), encoding="utf-8")
    told = subprocess.run([analyze, "verify", "--man=no", str(copy)], capture_output=True, text=True, check=False)
    about_us = [line for line in told.stderr.splitlines() if unit.name in line]
    assert (told.returncode, about_us) == (0, []), told.stderr


@pytest.mark.parametrize("unit", UNITS, ids=name)
def test_a_unit_starts_a_command_that_exists(unit: Path) -> None:
    text = unit.read_text(encoding="utf-8")
    (line,) = re.findall(r"^ExecStart=\S+ -m vidmsg (.+)$", text, flags=re.MULTILINE)
    command, *options = line.split()
    found = cli.get_command(click.Context(cli), command)
    assert found
    assert set(options) <= {option for parameter in found.params for option in parameter.opts}


def test_the_caddyfile_is_accepted_by_caddy(tmp_path: Path) -> None:
    caddy = shutil.which("caddy")
    if caddy is None:
        pytest.skip("caddy is not on this machine")
    told = subprocess.run(
        [caddy, "validate", "--adapter", "caddyfile", "--config", str(CADDYFILE)],
        capture_output=True,
        text=True,
        check=False,
        env={"HOME": str(tmp_path)},
    )
    assert told.returncode == 0, told.stderr


def test_every_dependency_has_its_reason() -> None:
    rows = re.findall(r"^\| ([^|]+) \|", (ROOT / "docs" / "tour.md").read_text(encoding="utf-8"), flags=re.MULTILINE)
    explained = {part.strip().lower() for row in rows for part in row.split(",")}
    asked = set()
    for file in ("requirements.in", "requirements-dev.in"):
        for line in (ROOT / file).read_text(encoding="utf-8").splitlines():
            if line and not line.startswith("#"):
                asked.add(re.split(r"[\[=<>~]", line)[0].lower())
    assert asked <= explained, asked - explained


def test_every_pin_is_exact() -> None:
    for file in ("requirements.txt", "requirements-dev.txt"):
        lines = (ROOT / file).read_text(encoding="utf-8").splitlines()
        loose = [line for line in lines if not re.fullmatch(r"[\w.-]+==[\w.!+]+|-r requirements\.txt", line)]
        assert not loose, loose
    assert (ROOT / "requirements-dev.txt").read_text(encoding="utf-8").startswith("-r requirements.txt\n")
