"""The organisation and the people who work in it: first start, sign-in, teams, invitations, own account, settings,
and the record of who did what. Lowest of the features; it may know the web shell and storage, and nothing above."""

from __future__ import annotations

from flask import Flask

from vidmsg import lean

with lean.without("twilio.rest"):  # wanted for texts as a second step, which nobody is offered here
    import flask_security as flask_security


def init_app(app: Flask) -> None:
    """Put sign-in and the pages of accounts into the application."""
    from vidmsg.accounts import account_views, organisation_views, places, security, setup_views, team_views

    security.init_app(app, app.config["SETTINGS"])
    for blueprint in (setup_views.setup, team_views.team, account_views.account, organisation_views.organisation):
        app.register_blueprint(blueprint)
    app.jinja_env.filters["city"] = places.city
    app.jinja_env.filters["country_of"] = places.country_of
    app.jinja_env.filters["country_name"] = dict(places.countries()).get
