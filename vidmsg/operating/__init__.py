"""For whoever runs the house: which workers live, what waits and why, what a person may do about it, and connecting a
Twilio account. It looks into every feature below and may not be known by any; what is done, their own verbs do."""

from __future__ import annotations

from flask import Flask


def init_app(app: Flask) -> None:
    """Put the pages in."""
    from vidmsg.operating import twilio_views, views

    app.register_blueprint(views.operating)
    app.register_blueprint(twilio_views.twilio)
