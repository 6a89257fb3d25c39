"""A message's way out and what comes back: made, planned, sent once, looked at again after a crash, receipts, replies.
It stands on people, videos and sms; it may not know its pages (composing), who watches (see progress) nor any
calendar."""

from __future__ import annotations

from flask import Flask


def init_app(app: Flask) -> None:
    """Put the hooks and the clock's work into the application."""
    from vidmsg.messages import hooks_views, hours, outbox, planned, wording
    from vidmsg.people import sections
    from vidmsg.videos import choosing

    app.register_blueprint(hooks_views.hooks)
    outbox.register(app)
    wording.init_app(app)
    sections.register("hours", hours.of_person)
    choosing.on_choice(planned.take_chosen)
