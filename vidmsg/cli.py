"""The command line. Groups and commands are imported when they are called, so that `sms count` needs neither
database nor settings and starts in an instant."""

from __future__ import annotations

import importlib
import json
import sys
from collections.abc import Sequence

import click

COMMANDS = {
    "serve": ("vidmsg.serve", "serve", "Web server and worker together, the one command."),
    "work": ("vidmsg.worker", "work", "A worker on its own."),
    "migrate": ("vidmsg.maintenance", "migrate", "Bring the database to this version's tables."),
    "check": ("vidmsg.maintenance", "check", "Try database, storage, Twilio, address and clock, and say what works."),
    "backup": ("vidmsg.backup", "backup", "Database and videos together in one file."),
    "restore": ("vidmsg.backup", "restore", "Bring a backup back; sending waits for a manager."),
    "demo": ("vidmsg.maintenance", "demo", "Fill a demo team with sample people."),
    "reset-link": ("vidmsg.reset_link", "reset_link", "A one-time link for a new password."),
    "settings": ("vidmsg.maintenance", "settings", "Print the settings as a table."),
    "media": ("vidmsg.media.commands", "media", "Look at and prepare video files."),
    "sms": ("vidmsg.sms.commands", "sms", "Count what a text takes."),
}


class Lazy(click.Group):
    """A group whose commands are imported when needed."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Their names."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        module, name, _ = COMMANDS[cmd_name]
        command: click.Command = getattr(importlib.import_module(module), name)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, text) for name, (_, _, text) in COMMANDS.items()])


@click.group(cls=Lazy, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option("0.1.0", prog_name="vidmsg")
def cli() -> None:
    """Personal video texts on the day that matters."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; returns the exit code. Mistakes are told in sentences, or as JSON where that was asked for,
    never as tracebacks."""
    given = list(arguments) if arguments is not None else sys.argv[1:]
    try:
        # Not standing alone, click gives the status of an Exit back instead of raising it.
        status = cli.main(args=given, prog_name="python -m vidmsg", standalone_mode=False)
    except click.ClickException as error:
        if "--json" not in given:
            error.show()
            return error.exit_code
        return _tell(given, "usage", error.format_message(), error.exit_code)
    except click.Abort:
        return 130
    except Exception as error:
        from vidmsg.telling import told

        known = told(error)
        if known is None:
            raise
        return _tell(given, *known, 1)
    return status if isinstance(status, int) else 0


def _tell(given: list[str], code: str, message: str, status: int) -> int:
    if "--json" in given:
        click.echo(json.dumps({"error": code, "message": message}))
    else:
        click.echo(message, err=True)
    return status


if __name__ == "__main__":
    sys.exit(main())
