"""For whoever runs the house: which workers live, what waits and why, what a person may do about it, decent hours and
limits, whether sending is frozen, and connecting a Twilio account. It looks into every feature below and may not be
known by any; what is done, their own verbs do."""

from __future__ import annotations

from flask import Flask


def init_app(app: Flask) -> None:
    """Put the pages in."""
    from vidmsg.operating import decency_views, freeze_views, twilio_views, views

    for blueprint in (views.operating, twilio_views.twilio, decency_views.decency_page, freeze_views.freeze):
        app.register_blueprint(blueprint)
    freeze_views.init_app(app)
