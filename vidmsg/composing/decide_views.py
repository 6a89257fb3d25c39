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
from vidmsg.accounts.models import User
from vidmsg.database import db, writing
from vidmsg.errors import Sentence
from vidmsg.jobs import jobs
from vidmsg.messages import changing, deciding, links, replies
from vidmsg.messages.models import Inbound, Message
from vidmsg.people.models import Person
from vidmsg.web import access, moments, policy

decisions = Blueprint("decisions", __name__)

MOST_YEARS = 100


class WrongDay(Sentence):
    """A day on which no link can run out."""


def _release(session: Session, message: Message) -> bool:
    """Send it after all, as it stood on her page; for a manager that is her yes too."""
    seen = request.form.get("seen", type=int)
    return deciding.release(session, message, session.get_one(User, access.me().id), seen)


CHOICES: dict[str, Callable[[Session, Message], bool]] = {
    "cancel": deciding.cancel,
    "release": _release,
    "arrived": deciding.it_arrived,
    "again": deciding.send_again,
}


@decisions.post("/messages/<message_id>/decide")
@policy.rep
def decide(message_id: str) -> ResponseReturnValue:
    """One of CHOICES; when it comes too late, nothing changes and the page says so."""
    message = access.get_or_404(Message, message_id)
    late = take(message, request.form.get("choice", ""))
    if late:
        flash(late, "error")
    return redirect(url_for("messages.show", message_id=message.id))


def take(message: Message, name: str) -> str:
    """Do what was chosen, one of CHOICES, and wake a sender; empty, or the sentence why nothing changed. 400 for what
    is no choice."""
    choice = CHOICES.get(name)
    if choice is None:
        abort(400)
    try:
        with writing() as session:
            row = session.get_one(Message, message.id)
            done = choice(session, row)
            late = "" if done else changing.too_late(row, _("to cancel") if choice is deciding.cancel else "")
    except Sentence as error:
        done, late = False, str(error)
    if done:
        jobs().wake("sms")
    return late


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
    day = _day(request.form.get("until", ""))
    try:
        last_moment = _end(day) if day else None
    except WrongDay as error:
        flash(str(error), "error")
        return redirect(url_for("messages.show", message_id=message.id))
    with writing() as session:
        link = links.current(session, message.id)
        if link is None:
            abort(404)
        links.set_expiry(link, last_moment)
    until = _("The link works until the end of %(day)s.", day=day)
    flash(until if day else _("The link does not run out."))
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


def _day(text: str) -> dt.date | None:
    """The day that was picked, None for an empty field; 400 for what no date field sends."""
    try:
        return dt.date.fromisoformat(text) if text else None
    except ValueError:
        abort(400)


def _end(day: dt.date) -> dt.datetime:
    """The end of a day on the rep's calendar. Raises WrongDay."""
    zone, now = zoneinfo.ZoneInfo(moments.zone()), clock.now()
    if day.year > now.year + MOST_YEARS:
        raise WrongDay(_("That day is too far away. Pick an earlier one, or leave it empty: then it does not run out."))
    end = dt.datetime.combine(day + dt.timedelta(days=1), dt.time(), zone)
    if end <= now:
        raise WrongDay(_("That day is over. Pick a later one, or leave it empty: then it does not run out."))
    return end.astimezone(dt.UTC)
