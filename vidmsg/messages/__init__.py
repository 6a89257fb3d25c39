"""A message's way out and what comes back: writing, sending once, looking again after a crash, receipts, replies, and
the practice phone. It stands on people, videos and sms; it may not know who watches (see progress) nor any calendar."""

from __future__ import annotations

from flask import Flask


def init_app(app: Flask) -> None:
    """Put pages, hooks and the clock's work into the application."""
    from vidmsg.messages import (  # the views of one message hang their routes on its blueprint
        change_views,  # noqa: F401
        decency_views,
        decide_views,
        freeze_views,
        hooks_views,
        hours,
        outbox,
        phone_views,
        planned,
        reply_views,
        template_views,
        timeline,
        views,  # noqa: F401
        wording,
        write_views,  # noqa: F401
    )
    from vidmsg.messages.blueprint import messages
    from vidmsg.people import sections
    from vidmsg.videos import choosing

    pages = (messages, decide_views.decisions, template_views.templates, freeze_views.freeze)
    for blueprint in (*pages, decency_views.decency_page, hooks_views.hooks, reply_views.meanings):
        app.register_blueprint(blueprint)
    if app.config["SETTINGS"].practice:
        app.register_blueprint(phone_views.phone)
    outbox.register(app)
    wording.init_app(app)
    freeze_views.init_app(app)
    timeline.init_app()
    sections.register("hours", hours.of_person)
    choosing.on_choice(planned.take_chosen)
