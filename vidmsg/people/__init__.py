"""Customers and colleagues: who they are, what they told us, and whether they agreed to texts. Stands on accounts;
it may not know messages, videos or dates, which add to a person's page by way of `timeline.register`."""

from __future__ import annotations

from flask import Flask
from flask_babel import lazy_gettext as _l

from vidmsg.web import navigation
from vidmsg.web.navigation import Tab


def init_app(app: Flask) -> None:
    """Put the pages of people into the application."""
    from vidmsg.people import (  # the views hang their routes on the blueprint
        company_views,  # noqa: F401
        consent_views,  # noqa: F401
        history,
        looking_after_views,  # noqa: F401
        sample_views,  # noqa: F401
        samples,
        timeline,
        views,  # noqa: F401
    )
    from vidmsg.people.blueprint import people

    app.register_blueprint(people)
    timeline.register(history.entries)
    app.extensions["fill_with_samples"] = samples.add
    navigation.add(app, Tab("people.index", _l("People"), "people", 30))
