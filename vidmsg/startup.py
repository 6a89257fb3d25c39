"""What every process of ours does before it works: the database brought up to date where that is safe, and the tie
between database and storage checked, so that nobody works on another installation's videos or sends its texts."""

from __future__ import annotations

import gc

from flask import Flask

from vidmsg import create_app, database, logs, migrations
from vidmsg.accounts import installation, place
from vidmsg.config import Settings
from vidmsg.errors import Sentence
from vidmsg.messages import copies, frozen
from vidmsg.storage import generation, marker


def ready_app(settings: Settings) -> Flask:
    """The application, ready to work. Raises a Sentence where it must not start."""
    logs.configure(settings.log_level, settings.log_format)
    migrations.at_start(settings.database)
    app = create_app(settings)
    with app.app_context():
        storage = app.extensions["storage"]
        found, noted = marker.read_marker(storage), generation.newest(storage)
        with database.writing() as session:
            row = installation.get_or_create(session)
            frozen.at_start(session, row, address=settings.public_url, storage_is_new=found is None)
            copies.at_start(session, row, noted=noted if found == row.marker else 0, place=place.of(session))
            mark, number = row.marker, row.generation
        marker.ensure_marker(storage, mark)
        generation.note(storage, number)
    gc.collect()
    gc.freeze()  # what lives as long as the process: else each full round through it holds a page up for a tenth second
    return app


def present_app(settings: Settings) -> Flask:
    """The application of an installation that is there already, for commands beside it. Raises a Sentence where there
    is none, or one of another version."""
    present, newest = migrations.versions(settings.database)
    if present is None:
        raise Sentence("There is no vidmsg in this database yet. Start it first: python -m vidmsg serve")
    if present != newest:
        raise Sentence(
            "The database is of an older version. Take the one that made it, or run: python -m vidmsg migrate"
        )
    return create_app(settings)
