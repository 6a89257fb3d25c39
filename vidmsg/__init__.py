"""vidmsg: personal video texts on the day that matters. `create_app` puts the house together: ground, doors to the
outside, features from the bottom up. It is the only place that knows all of them."""

from __future__ import annotations

from inspect import iscoroutinefunction
from pathlib import Path

from flask import Flask, g, request
from werkzeug.middleware.proxy_fix import ProxyFix

from vidmsg import config, database, jobs, storage
from vidmsg.config import Settings

ROOT = Path(__file__).resolve().parent.parent


def create_app(settings: Settings | None = None) -> Flask:
    """The application for any WSGI server, on `settings` or on those of the environment."""
    settings = settings or config.load()
    app = Flask("vidmsg", root_path=str(ROOT), template_folder="templates", static_folder="static")
    _configure(app, settings)
    _ground(app, settings)
    from vidmsg.web import shell  # the web needs the app's extensions, so it comes after the ground

    shell.init_app(app, settings)
    _features(app)
    shell.finish(app)
    return app


def _configure(app: Flask, settings: Settings) -> None:
    app.config.update(
        SETTINGS=settings,
        SECRET_KEY=settings.secret_key,
        SQLALCHEMY_ENGINES={"default": database.engine_options(settings.database, settings.threads)},
        SESSION_COOKIE_SECURE=settings.secure,
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        REMEMBER_COOKIE_SECURE=settings.secure,
        REMEMBER_COOKIE_SAMESITE="Lax",
        MAX_CONTENT_LENGTH=520 * 1024 * 1024,
        MAX_FORM_MEMORY_SIZE=512 * 1024,
        WTF_CSRF_TIME_LIMIT=12 * 3600,
        WTF_CSRF_SSL_STRICT=False,
    )
    if settings.trusted_proxies:
        hops = settings.trusted_proxies
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops, x_host=hops)  # type: ignore[method-assign]


def _ground(app: Flask, settings: Settings) -> None:
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    database.db.init_app(app)
    # It also closes async sessions, which nobody opens here; that would cost every request an event loop, and fail
    # where one runs already.
    app.teardown_appcontext_funcs[:] = [end for end in app.teardown_appcontext_funcs if not iscoroutinefunction(end)]
    with app.app_context():
        database.prepare_engine(database.db.engine)
    jobs.Jobs(settings.database, settings.queue_url).init_app(app)
    app.extensions["storage"] = storage.open_storage(settings)

    @app.before_request
    def _reading() -> None:
        # Views write in transactions of their own (`writing`), so the request's session only reads: were it a writer,
        # asking who is signed in would take SQLite's lock, and the view's own transaction would wait for it in vain.
        # Flask-Security alone writes through the request's session.
        g.reading = request.blueprint != "security" or request.method in {"GET", "HEAD", "OPTIONS"}


def _features(app: Flask) -> None:
    """Features from the bottom of the house to its top."""
    from vidmsg import (
        accounts,
        asking,
        calendar,
        composing,
        importing,
        joining,
        messages,
        milestones,
        operating,
        people,
        sms,
        videos,
        watching,
    )
    from vidmsg.accounts.installation import simulator_credentials

    sms.init_app(app, simulator_credentials)
    below = (accounts, people, milestones, importing, videos, messages, composing)
    for feature in (*below, joining, watching, calendar, asking, operating):
        feature.init_app(app)
