"""`python -m vidmsg sms …`: what can be said of a text without database or settings, and connecting a Twilio account,
which needs settings but no database."""

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


@sms.command("connect")
@click.option("--to", help="Your own number, with + and country: a text goes there, and its receipt is waited for.")
@click.option("--yes", is_flag=True, help="Set the number's addresses without asking.")
def connect(to: str | None, yes: bool) -> None:
    """Look at the Twilio account, point its number here, try one text, and say what is still missing."""
    from vidmsg.sms import connect_command  # with the SDK, which counting does without

    connect_command.run(to, yes)


def _many(number: int, thing: str) -> str:
    return f"{number} {thing}{'' if number == 1 else 's'}"
