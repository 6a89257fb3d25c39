"""A rep's pages about a message: writing it, its templates, its story so far, changing and deciding it, what an answer
means, and the practice phone. What is done, the verbs in messages do."""

from __future__ import annotations

from flask import Flask


def init_app(app: Flask) -> None:
    """Put the pages into the application."""
    from vidmsg.composing import (  # the views of one message hang their routes on its blueprint
        change_views,  # noqa: F401
        decide_views,
        phone_views,
        reply_views,
        template_views,
        timeline,
        views,  # noqa: F401
        write_views,  # noqa: F401
    )
    from vidmsg.composing.blueprint import messages

    for blueprint in (messages, decide_views.decisions, template_views.templates, reply_views.meanings):
        app.register_blueprint(blueprint)
    if app.config["SETTINGS"].practice:
        app.register_blueprint(phone_views.phone)
    timeline.init_app()
