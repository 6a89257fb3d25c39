"""The public page on which somebody asks for our texts herself, the QR code that leads to it, and what a registration
with the phone networks wants to read. It stands on messages, milestones and people."""

from __future__ import annotations

from flask import Flask


def init_app(app: Flask) -> None:
    """Put the pages into the application."""
    from vidmsg.joining import desk_views, entering, views
    from vidmsg.people import confirming

    app.register_blueprint(views.joining)
    app.register_blueprint(desk_views.desk)
    confirming.on_yes(entering.birthday_of)
