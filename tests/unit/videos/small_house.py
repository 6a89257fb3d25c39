"""Only videos and a bare sign-in, for as long as the rest of the house is not there."""

from __future__ import annotations

import flask_login
import sqlalchemy as sa
from flask import Blueprint, Flask
from flask_login import LoginManager

from vidmsg.accounts.models import User
from vidmsg.database import db
from vidmsg.web import policy


def features(app: Flask) -> None:
    from vidmsg import videos

    manager = LoginManager(app)
    manager.user_loader(
        lambda key: db.session.execute(sa.select(User).where(User.fs_uniquifier == key)).scalar_one_or_none()
    )
    flask_login.LoginManager.unauthorized = lambda self: ("", 401)  # type: ignore
    for name, rules in {
        "people": {"show": "/people/<int:person_id>", "index": "/people"},
        "messages": {"write": "/people/<int:person_id>/write"},
        "today": {"show": "/"},
        "phone": {"show": "/phone"},
        "account": {"show": "/account"},
    }.items():
        part = Blueprint(name, name)
        for endpoint, rule in rules.items():
            part.add_url_rule(rule, endpoint, policy.everybody(lambda **_: ""))
        app.register_blueprint(part)
    app.extensions["security"] = None
    videos.init_app(app)
