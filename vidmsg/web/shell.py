"""What every page stands in: CSRF, headers, errors, limits, language, and the values all templates share. `init_app`
runs before the features, `finish` after them, when every route is known."""

from __future__ import annotations

from typing import Any

from flask import Flask
from flask_babel import Babel, get_locale
from flask_login import current_user

from vidmsg import clock, phone
from vidmsg.config import Settings
from vidmsg.storage.directory import Directory
from vidmsg.web import csrf, errors, headers, health, limits, media, moments, navigation, policy


def init_app(app: Flask, settings: Settings) -> None:
    """Set up what the features build on."""
    Babel(app)
    storage = app.extensions["storage"]
    headers.init_app(app, storage.origins())
    csrf.protect.init_app(app)
    limits.limiter.init_app(app)
    policy.init_app(app)
    errors.init_app(app)
    moments.init_app(app)
    if isinstance(storage, Directory):
        app.register_blueprint(media.media_blueprint(storage))
    app.register_blueprint(health.blueprint)
    app.jinja_env.globals["get_locale"] = get_locale
    app.jinja_env.filters["pretty_phone"] = phone.pretty
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True

    @app.context_processor
    def _shared() -> dict[str, Any]:
        organisation = current_user.organisation if current_user and current_user.is_authenticated else None
        return {
            "organisation": organisation,
            "practice": settings.practice,
            "tabs": navigation.tabs(app),
            "now": clock.now(),
        }


def finish(app: Flask) -> None:
    """Close the house: exempt what needs no CSRF token, refuse to start with a route nobody declared."""
    csrf.exempt(app)
    policy.check(app)
