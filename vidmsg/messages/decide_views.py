"""Buttons on a message's page: close its link or let it run out, cancel, send after all, say what is known of one that
is unconfirmed; and marking a reply as seen. Each is a POST that goes back to the page with a sentence."""

from __future__ import annotations

import datetime as dt
import zoneinfo
from collections.abc import Callable

from flask import Blueprint, abort, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from vidmsg import clock
from vidmsg.accounts import audit
from vidmsg.database import db, writing
from vidmsg.jobs import jobs
from vidmsg.messages import deciding, links, replies, wording
from vidmsg.messages.models import Inbound, Message
from vidmsg.people.models import Person
from vidmsg.web import access, moments, policy

decisions = Blueprint("decisions", __name__)

CHOICES: dict[str, Callable[[Session, Message], bool]] = {
    "cancel": deciding.cancel,
    "release": deciding.release,
    "arrived": deciding.it_arrived,
    "again": deciding.send_again,
}


@decisions.post("/messages/<message_id>/decide")
@policy.rep
def decide(message_id: str) -> ResponseReturnValue:
    """One of CHOICES; when it comes too late, nothing changes and the page says so."""
    message = access.get_or_404(Message, message_id)
    choice = CHOICES.get(request.form.get("choice", ""))
    if choice is None:
        abort(400)
    with writing() as session:
        done = choice(session, session.get_one(Message, message.id))
    if done:
        jobs().wake("sms")
    else:
        flash(_("Too late: it left at %(at)s.", at=wording.when(message.changed_at)), "error")
    return redirect(url_for("messages.show", message_id=message.id))


@decisions.post("/messages/<message_id>/revoke")
@policy.rep
def revoke(message_id: str) -> ResponseReturnValue:
    """Close the link for good."""
    message = access.get_or_404(Message, message_id)
    with writing() as session:
        link = links.current(session, message.id)
        if link is None:
            abort(404)
        links.revoke(link)
        audit.record(session, access.me().id, message.organisation_id, "link.revoke", f"message:{message.id}")
    flash(_("The link is closed. Who opens it sees a kind page, and not the video."))
    return redirect(url_for("messages.show", message_id=message.id))


@decisions.post("/messages/<message_id>/expiry")
@policy.rep
def expiry(message_id: str) -> ResponseReturnValue:
    """Let the link run out at the end of a day, on the rep's calendar; an empty day means never."""
    message = access.get_or_404(Message, message_id)
    last_day = _day(request.form.get("until", ""))
    with writing() as session:
        link = links.current(session, message.id)
        if link is None:
            abort(404)
        links.set_expiry(link, last_day)
    until = _("The link works until the end of %(day)s.", day=request.form["until"])
    flash(until if last_day else _("The link does not run out."))
    return redirect(url_for("messages.show", message_id=message.id))


@decisions.post("/replies/<int:reply_id>/seen")
@policy.rep
def seen(reply_id: int) -> ResponseReturnValue:
    """Take a reply off the list of those that wait."""
    reply = db.session.get(Inbound, reply_id)
    if reply is None:
        abort(404)
    if reply.person_id:
        access.get_or_404(Person, reply.person_id)  # behind the same wall as the person
    elif not access.me().is_manager or reply.organisation_id != access.me().organisation_id:
        abort(404)  # strangers are for managers
    with writing() as session:
        replies.mark_seen(session.get_one(Inbound, reply.id))
    return redirect(url_for("today.show"))


def _day(text: str) -> dt.datetime | None:
    """The end of a day as a moment; 400 for what is no day or lies behind us."""
    if not text:
        return None
    try:
        day = dt.date.fromisoformat(text)
    except ValueError:
        abort(400)
    end = dt.datetime.combine(day + dt.timedelta(days=1), dt.time(), zoneinfo.ZoneInfo(moments.zone()))
    if end <= clock.now():
        abort(400)
    return end.astimezone(dt.UTC)
