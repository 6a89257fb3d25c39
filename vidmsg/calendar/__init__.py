"""What stands on a rep's day, and on the days to come: Today, the calendar, planning, feeds, handing over when
somebody leaves. It may not know that reps are asked by text."""

from __future__ import annotations

from flask import Flask
from flask_babel import lazy_gettext as _l

from vidmsg.calendar import (
    calendar_views,
    feed_views,
    following,
    forgetting_views,
    handover_views,
    moving,
    nightly,
    views,
)
from vidmsg.jobs import Jobs
from vidmsg.people import keeping, looking_after
from vidmsg.web import navigation


def init_app(app: Flask) -> None:
    """Register the pages and their tabs, and what planning does in the background."""
    app.register_blueprint(views.blueprint)
    app.jinja_env.globals["next_name"] = views.next_name
    app.register_blueprint(feed_views.blueprint)
    app.register_blueprint(calendar_views.calendar)
    app.register_blueprint(handover_views.leaving)
    app.register_blueprint(forgetting_views.forgets)
    navigation.add(app, navigation.Tab("today.show", str(_l("Today")), "today", 0))
    navigation.add(app, navigation.Tab("calendar.show", str(_l("Calendar")), "calendar", 1))
    keeping.on_change(following.person_moved)
    looking_after.on_giving(moving.go_along)
    registry: Jobs = app.extensions["jobs"]
    registry.every_second(nightly.Nightly(app).tick)
