"""`python -m vidmsg sms …`: what can be said of a text without database or settings."""

from __future__ import annotations

import dataclasses
import json

import click

from vidmsg.sms import segments


@click.group()
def sms() -> None:
    """Texts: how long they are."""


@sms.command("count")
@click.argument("text")
@click.option("--json", "as_json", is_flag=True, help="One line of JSON instead of words.")
def count(text: str, as_json: bool) -> None:
    """Say how TEXT is encoded, and how many segments it is billed as."""
    found = segments.count(text)
    if as_json:
        click.echo(json.dumps(dataclasses.asdict(found)))
        return
    click.echo(f"{found.encoding}, {_many(found.segments, 'segment')}, {_many(found.characters, 'character')}")


def _many(number: int, thing: str) -> str:
    return f"{number} {thing}{'' if number == 1 else 's'}"
