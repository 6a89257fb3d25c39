"""`python -m vidmsg media …`: look at a video file, or prepare it as customers get it. Needs neither database nor
settings. Exit code 2 and {"error", "message"} for a file that is refused."""

import json
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

from vidmsg.media.prepare import prepare as prepare_file
from vidmsg.media.probe import Probe
from vidmsg.media.probe import probe as probe_file
from vidmsg.media.refusals import Refused

FILE = click.Path(exists=True, dir_okay=False, readable=True, path_type=Path)
FOLDER = click.Path(file_okay=False, path_type=Path)
STEPS = 1000
REFUSED_EXIT = 2
Result = TypeVar("Result")


@click.group()
def media() -> None:
    """Look at and prepare video files."""


@media.command()
@click.argument("file", type=FILE)
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def probe(file: Path, as_json: bool) -> None:
    """Say what a video file really is."""
    begun = time.monotonic()
    result = _or_refused(lambda: probe_file(file), as_json)
    facts = _facts(result, begun)
    _print(facts | {"truncated": result.truncated, "rotation": result.rotation, "hdr": result.hdr}, as_json)


@media.command()
@click.argument("file", type=FILE)
@click.option("--out", type=FOLDER, required=True, help="Folder for video.mp4 and poster.jpg.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def prepare(file: Path, out: Path, as_json: bool) -> None:
    """Make video.mp4 and poster.jpg as customers get them."""
    begun = time.monotonic()
    if sys.stderr.isatty():
        with click.progressbar(length=STEPS, label="Preparing", file=sys.stderr) as bar:
            result = _or_refused(lambda: prepare_file(file, out, picked=True, progress=_advance(bar)), as_json)
    else:
        result = _or_refused(lambda: prepare_file(file, out, picked=True), as_json)
    facts = _facts(result.probe, begun)
    _print(facts | {"truncated": result.source.truncated, "silent": result.silent, "dark": result.dark}, as_json)


def _advance(bar: Any) -> Callable[[float], None]:
    def to(part: float) -> None:
        bar.update(max(0, round(part * STEPS) - bar.pos))

    return to


def _or_refused(work: Callable[[], Result], as_json: bool) -> Result:
    try:
        return work()
    except Refused as refusal:
        if as_json:
            click.echo(json.dumps({"error": refusal.code, "message": refusal.message}))
        else:
            click.echo(f"{refusal.code}: {refusal.message}", err=True)
        sys.exit(REFUSED_EXIT)


def _facts(result: Probe, begun: float) -> dict[str, object]:
    return {
        "width": result.width,
        "height": result.height,
        "duration_s": result.duration_s,
        "has_audio": result.has_audio,
        "video_codec": result.video_codec,
        "audio_codec": result.audio_codec,
        "bytes": result.bytes,
        "seconds": round(time.monotonic() - begun, 3),
    }


def _print(facts: dict[str, object], as_json: bool) -> None:
    if as_json:
        click.echo(json.dumps(facts))
        return
    for name, value in facts.items():
        click.echo(f"{name:12} {value}")
