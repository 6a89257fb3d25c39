"""Today, the rep's first page."""

from __future__ import annotations

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from vidmsg import clock
from vidmsg.calendar import today
from vidmsg.database import db
from vidmsg.messages import recent, replies
from vidmsg.videos import choosing
from vidmsg.web import access, policy

blueprint = Blueprint("today", __name__)

LATER = 4  # people in the quiet list beside the card
ON_THE_WAY = 5
REPLIES = 6


@blueprint.get("/")
@policy.rep
def show() -> ResponseReturnValue:
    """Replies on top, one large card, then what is on its way."""
    user = access.me()
    zone = user.time_zone or user.organisation.time_zone
    return render_template(
        "calendar/today.html",
        part=today.part_of_day(clock.local(clock.now(), zone)),
        hellos=today.hellos(db.session, user, LATER + 1),
        replies=replies.unseen(db.session, user)[:REPLIES],
        messages=recent.for_user(db.session, user, ON_THE_WAY),
        takes=len(choosing.waiting(db.session, user.id)) + len(choosing.unsent(db.session, user.id)),
    )
