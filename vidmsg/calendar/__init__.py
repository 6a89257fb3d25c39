"""What stands on a rep's day, and on the days to come: Today, the calendar, planning, feeds."""

from __future__ import annotations

from flask import Flask
from flask_babel import lazy_gettext as _l

from vidmsg.calendar import (
    admitting,
    answering,
    asking,
    calendar_views,
    echoing,
    feed_views,
    following,
    handover_views,
    nightly,
    record_views,
    texts_views,
    views,
)
from vidmsg.jobs import Jobs
from vidmsg.messages import inbound
from vidmsg.people import keeping
from vidmsg.videos import choosing
from vidmsg.watching import visits
from vidmsg.web import headers, navigation


def init_app(app: Flask) -> None:
    """Register the pages and their tabs, and what planning does in the background."""
    app.register_blueprint(views.blueprint)
    app.jinja_env.globals["next_name"] = views.next_name
    app.register_blueprint(feed_views.blueprint)
    app.register_blueprint(calendar_views.calendar)
    app.register_blueprint(handover_views.leaving)
    navigation.add(app, navigation.Tab("today.show", str(_l("Today")), "today", 0))
    navigation.add(app, navigation.Tab("calendar.show", str(_l("Calendar")), "calendar", 1))
    keeping.on_change(following.person_moved)
    registry: Jobs = app.extensions["jobs"]
    registry.every_second(nightly.Nightly(app).tick)
    _text_to_record(app, registry)


def _text_to_record(app: Flask, registry: Jobs) -> None:
    """Asking reps by text, what they answer, and the camera behind the link."""
    app.register_blueprint(record_views.asked)
    app.register_blueprint(texts_views.texts)
    headers.allow_camera("asked.page")
    inbound.on_text(answering.heard)
    inbound.on_text(echoing.replied)
    visits.on_play(echoing.played)
    choosing.on_choice(admitting.day_is_kept)
    registry.every_second(asking.Asking(app).tick)
