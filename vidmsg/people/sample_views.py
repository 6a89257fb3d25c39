"""Sample people in and out again, each with one click."""

from __future__ import annotations

from flask import abort, current_app, flash, redirect, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from vidmsg.accounts.models import User
from vidmsg.database import db, writing
from vidmsg.people import samples
from vidmsg.people.blueprint import people
from vidmsg.web import policy
from vidmsg.web.access import me


@people.post("/people/sample")
@policy.manager
def add_sample() -> ResponseReturnValue:
    """Fill the demo team."""
    if samples.team_of(db.session, me().organisation_id) is None:
        with writing() as session:
            samples.add(session, session.get_one(User, me().id))
        flash(_("Six people moved in. They are invented; look around, record, write to them."))
    return redirect(url_for("people.index"))


@people.post("/people/sample/remove")
@policy.manager
def remove_sample() -> ResponseReturnValue:
    """Empty the demo team, with everything that hangs on it."""
    team = samples.team_of(db.session, me().organisation_id)
    if team is None:
        abort(404)
    with writing() as session:
        keys = samples.remove(session, team)
    for key in keys:
        current_app.extensions["storage"].delete(key)
    flash(_("The sample people are gone, with everything that was sent to them."))
    return redirect(url_for("people.index"))
