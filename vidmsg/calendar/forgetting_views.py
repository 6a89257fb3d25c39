"""Forgetting a person, for managers: a page that says what goes and what stays, and asks once more."""

from __future__ import annotations

from flask import Blueprint, abort, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from vidmsg.accounts.forms import PlainForm
from vidmsg.calendar import forgetting
from vidmsg.database import db, writing
from vidmsg.people.models import Person
from vidmsg.web import policy
from vidmsg.web.access import get_or_404, me

forgets = Blueprint("forgetting", __name__)


@forgets.get("/people/<int:person_id>/forget")
@policy.manager
def show(person_id: int) -> ResponseReturnValue:
    """What goes, and what stays."""
    person = _somebody(person_id)
    known = forgetting.count(db.session, person)
    return render_template("calendar/forget.html", person=person, known=known, plain=PlainForm())


@forgets.post("/people/<int:person_id>/forget")
@policy.manager
def forget(person_id: int) -> ResponseReturnValue:
    """She is forgotten."""
    person = _somebody(person_id)
    try:
        with writing() as session:
            forgetting.forget(session, session.get_one(Person, person.id), me().id)
    except forgetting.Leaving as reason:
        flash(str(reason), "error")
        return redirect(url_for("forgetting.show", person_id=person.id))
    flash(_("%(name)s is forgotten.", name=person.name))
    return redirect(url_for("people.index"))


def _somebody(person_id: int) -> Person:
    """Inside the walls, and none of ourselves: whoever works here leaves by another page."""
    found = get_or_404(Person, person_id)
    if found.user_id is not None:
        abort(404)
    return found
