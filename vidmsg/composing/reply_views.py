"""What a person says about an unclear text that came back: it was a stop, or it was not. A POST from Today that goes
back there with a sentence."""

from __future__ import annotations

from flask import Blueprint, abort, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from vidmsg.database import db, writing
from vidmsg.messages import unclear
from vidmsg.messages.models import Inbound
from vidmsg.people.models import Person
from vidmsg.web import access, policy

meanings = Blueprint("meanings", __name__)


@meanings.post("/replies/<int:reply_id>/meaning")
@policy.rep
def say(reply_id: int) -> ResponseReturnValue:
    """`choice`: stop or other. Behind the same walls as the reply itself."""
    reply, choice = _reply(reply_id), request.form.get("choice")
    if choice not in {"stop", "other"}:
        abort(400)
    with writing() as session:
        row = session.get_one(Inbound, reply.id)
        if choice == "stop":
            done, said = unclear.was_stop(session, row, access.me().id), _("That was a stop. No more texts go there.")
        else:
            done, said = unclear.was_no_stop(session, row), _("Good to know. Texts can go there again.")
    if done:
        flash(said)
    else:
        flash(_("Somebody here has read it already."), "error")
    return redirect(url_for("today.show"))


def _reply(reply_id: int) -> Inbound:
    reply = db.session.get(Inbound, reply_id)
    if reply is None:
        abort(404)
    if reply.person_id:
        access.get_or_404(Person, reply.person_id)
    elif not access.me().is_manager or reply.organisation_id != access.me().organisation_id:
        abort(404)  # strangers are for managers
    return reply
