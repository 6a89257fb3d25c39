"""Changing a message on its page until a sender has it: other words, another moment, something else that happens when
no video comes. Who comes too late hears it, and nothing is half changed."""

from __future__ import annotations

from flask import abort, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from vidmsg.accounts.models import User
from vidmsg.composing import both_clocks
from vidmsg.composing.blueprint import messages
from vidmsg.composing.change_form import ChangeForm
from vidmsg.composing.views import page
from vidmsg.database import db, writing
from vidmsg.jobs import jobs
from vidmsg.messages import changing, compose, planned, when
from vidmsg.messages.frozen import NotYet
from vidmsg.messages.models import Message
from vidmsg.messages.when import NOW, Moment, WrongMoment
from vidmsg.sms import segments
from vidmsg.videos import library
from vidmsg.videos.models import Video
from vidmsg.web import access, moments, policy


@messages.post("/messages/<message_id>/change")
@policy.rep
def change(message_id: str) -> ResponseReturnValue:
    """What was written in one of the page's forms, in one transaction."""
    message, form = access.get_or_404(Message, message_id), ChangeForm()
    if form.version is None:
        abort(400)
    clocks = when.clocks(message.person, message.sender.organisation, moments.zone())
    try:
        chosen = form.moment(clocks, None) if form.when.data else None
        if "look" in request.form:
            return page(message, form.over(message))
        _write(message, form, chosen)
    except (changing.TooLate, NotYet) as error:
        flash(str(error), "error")
    except WrongMoment as error:
        form.when.errors = [str(error)]
        return page(message, form.over(message)), 422
    except compose.CannotSend as error:
        form.beside(error.code).errors = [str(error)]
        return page(message, form.over(message)), 422
    else:
        notes = both_clocks.say(chosen, clocks).notes if chosen and form.when.data != NOW else ()
        for note in notes or (_("Changed."),):
            flash(note)
    return redirect(url_for("messages.show", message_id=message.id))


@messages.post("/messages/<message_id>/video")
@policy.rep
def give_video(message_id: str) -> ResponseReturnValue:
    """One of the videos that fit goes with it."""
    message = access.get_or_404(Message, message_id)
    fitting = library.fitting(db.session, message.team_id, message.person_id)
    chosen = next((video for video in fitting if video.id == request.form.get("video")), None)
    if chosen is None:
        flash(_("Choose a video that is kept and plays."), "error")
        return redirect(url_for("messages.show", message_id=message.id))
    try:
        with writing() as session:
            row = session.get_one(Message, message.id)
            done = planned.attach(session, row, session.get_one(Video, chosen.id))
            late = "" if done else changing.too_late(row, _("to change"))
    except compose.CannotSend as error:
        late = str(error)
    if late:
        flash(late, "error")
    jobs().wake("sms")
    return redirect(url_for("messages.show", message_id=message.id))


def _write(message: Message, form: ChangeForm, chosen: Moment | None) -> None:
    with writing() as session:
        row, by = session.get_one(Message, message.id), session.get_one(User, access.me().id)
        seen = form.version
        if form.body.data is not None:
            was_plain = segments.plain(row.body) == row.body
            body = segments.plain(form.body.data) if was_plain else form.body.data
            words = row.words if form.words.data is None else form.words.data
            changing.change(session, row, by=by, body=body, words=words, seen_version=seen)
            seen = row.version
        if form.no_video.data:
            no_video, offered = form.no_video.data, library.of_team(session, row.team_id)
            fallback = next((one for one in offered if one.id == form.fallback.data), None)
            changing.otherwise(session, row, by=by, no_video=no_video, fallback=fallback, seen_version=seen)
            seen = row.version
        if chosen:
            due_at, send_on = chosen.wanted, chosen.send_on
            changing.reschedule(session, row, by=by, due_at=due_at, send_on=send_on, seen_version=seen)
    jobs().wake("sms")
