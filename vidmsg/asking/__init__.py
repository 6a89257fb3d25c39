"""Text-to-record: a rep is asked by text to record for a day, answers by text, and records by a link without signing
in; what her customers do comes back into the same thread. It stands on the calendar, which may not know it."""

from __future__ import annotations

from flask import Flask


def init_app(app: Flask) -> None:
    """Put the pages in, what a rep's texts do, and the clock's part."""
    from vidmsg.asking import admitting, answering, asking, echoing, record_views, texts_views
    from vidmsg.calendar import handover, moving
    from vidmsg.messages import inbound
    from vidmsg.videos import choosing
    from vidmsg.watching import visits
    from vidmsg.web import headers

    app.register_blueprint(record_views.asked)
    app.register_blueprint(texts_views.texts)
    headers.allow_camera("asked.page")
    inbound.on_text(answering.heard)
    inbound.on_text(echoing.replied)
    visits.on_play(echoing.played)
    choosing.on_choice(admitting.day_is_kept)
    moving.on_handing(admitting.end)
    handover.on_leaving(admitting.end_all)
    app.extensions["jobs"].every_second(asking.Asking(app).tick)
