"""Bringing a list of people: from the bytes of a file to persons with their days, and back. Stands on people and
milestones; the modules that read a file (decoding, table, columns, dates, saying, contacts, rows) know no database."""

from __future__ import annotations

from flask import Flask


def init_app(app: Flask) -> None:
    """Put the pages of lists into the application; files that nobody took in go after a day."""
    from vidmsg.importing import forgetting, views
    from vidmsg.jobs import Jobs

    app.register_blueprint(views.lists)
    registry: Jobs = app.extensions["jobs"]
    registry.every_second(forgetting.Forgetting().tick)
