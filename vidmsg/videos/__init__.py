"""What reps record and pick: uploads that lose nothing, live preparation, renditions, and the choice to keep or let go.
It stands on people, storage and media; it may not know messages or who watches."""

from __future__ import annotations

from flask import Flask

from vidmsg.jobs import Jobs, Kind


def init_app(app: Flask) -> None:
    """Put pages, jobs and the clock's work into the application."""
    from vidmsg.videos import ingesting, outages, preparing, recorder_words, sweeping, upload_views, views
    from vidmsg.videos.models import Upload, Video
    from vidmsg.web import headers

    app.register_blueprint(upload_views.uploads)
    app.register_blueprint(views.videos)
    headers.allow_camera("videos.record")
    said = {"takes_words": recorder_words.on_any_page, "recorder_words": recorder_words.at_the_camera}
    app.jinja_env.globals.update(said)
    ingesting.init_app(app)
    registry: Jobs = app.extensions["jobs"]
    away = outages.is_outage
    registry.register(Kind("live", Upload, ingesting.run, max_tries=4, on_failed=ingesting.failed, outage=away))
    registry.register(Kind("prepare", Video, preparing.run, max_tries=4, on_failed=preparing.failed, outage=away))
    registry.every_second(sweeping.Hourly(app).tick)
