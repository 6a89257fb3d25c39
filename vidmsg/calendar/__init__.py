"""What stands on a rep's day. For now Today: who wrote back, whom to say hello to next, what is on its way."""

from __future__ import annotations

from flask import Flask
from flask_babel import lazy_gettext as _l

from vidmsg.calendar import views
from vidmsg.web import navigation


def init_app(app: Flask) -> None:
    """Register Today and its tab."""
    app.register_blueprint(views.blueprint)
    navigation.add(app, navigation.Tab("today.show", str(_l("Today")), "today", 0))
