"""Somebody leaves, for managers: who looks after her people, and what becomes of the texts that are from her or show
her. The same page is there afterwards, for whatever was left open."""

from __future__ import annotations

from collections.abc import Callable

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from vidmsg import clock
from vidmsg.accounts import members
from vidmsg.accounts.forms import PlainForm
from vidmsg.accounts.models import User
from vidmsg.calendar import handover
from vidmsg.database import db, writing
from vidmsg.errors import Sentence
from vidmsg.jobs import jobs
from vidmsg.messages import changing, deciding, leavers
from vidmsg.messages import leaving as ways_out
from vidmsg.messages.models import Message
from vidmsg.web import policy
from vidmsg.web.access import get_or_404, me

leaving = Blueprint("leaving", __name__)

CHOICES: dict[str, Callable[[Session, Message], bool]] = {
    "cancel": deciding.cancel,
    "release": lambda session, message: deciding.release(
        session, message, session.get_one(User, me().id), request.form.get("seen", type=int)
    ),
}


@leaving.get("/team/<int:user_id>/leaving")
@policy.manager
def show(user_id: int) -> ResponseReturnValue:
    """What is with her, and who may look after it."""
    return _page(_colleague(user_id))


@leaving.post("/team/<int:user_id>/deactivate")
@policy.manager
def close(user_id: int) -> ResponseReturnValue:
    """She can't sign in any more; a colleague looks after her people, if one was chosen."""
    who, chosen = _colleague(user_id), request.form.get("to", "")
    to = next((one for one in handover.successors(db.session, who) if str(one.id) == chosen), None)
    if chosen and to is None:
        return _page(who, _("Choose a colleague who may see all of these people.")), 422
    try:
        handover.close(who.id, me().id)
    except members.LastManager:
        flash(_("Somebody has to manage. Make another person manager first."), "error")
        return redirect(url_for("team.show"))
    if to is not None:
        handover.hand_over(who.id, to.id, me().id)
        flash(_("%(name)s looks after them now.", name=to.first_name))
    else:
        flash(_("Signed out everywhere, and the door is closed."))
    handover.hold(who.id)
    db.session.rollback()  # begin to read anew
    left = handover.count(db.session, _colleague(user_id))
    return redirect(url_for("leaving.show", user_id=user_id) if left.texts else url_for("team.show"))


@leaving.post("/team/<int:user_id>/texts/<message_id>")
@policy.manager
def decide(user_id: int, message_id: str) -> ResponseReturnValue:
    """One text of hers: send it after all, or let it be."""
    who, message = _colleague(user_id), get_or_404(Message, message_id)
    choice = CHOICES.get(request.form.get("choice", ""))
    if choice is None:
        abort(400)
    try:
        with writing() as session:
            row = session.get_one(Message, message.id)
            late = "" if choice(session, row) else changing.too_late(row)
    except Sentence as reason:  # its words speak of a video that never came, say
        late = str(reason)
    if late:
        flash(late, "error")
        if ways_out.is_late(message, clock.now()):
            return redirect(url_for("messages.show", message_id=message.id))
    else:
        jobs().wake("sms")
    return redirect(url_for("leaving.show", user_id=who.id, _anchor="texts"))


def _page(who: User, problem: str = "") -> str:
    return render_template(
        "calendar/leaving.html",
        who=who,
        left=handover.count(db.session, who),
        successors=handover.successors(db.session, who),
        texts=[(one, ways_out.is_late(one, clock.now())) for one in _texts(who)],
        problem=problem,
        plain=PlainForm(),
    )


def _texts(who: User) -> list[Message]:
    return [] if who.active else leavers.held(db.session, who, handover.SHOWN)


def _colleague(user_id: int) -> User:
    found = db.session.get(User, user_id)
    if found is None or found.organisation_id != me().organisation_id:
        abort(404)
    return found
