"""Giving a person to a colleague, on her own page."""

from __future__ import annotations

from flask import abort, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from vidmsg.accounts.models import User
from vidmsg.database import db, writing
from vidmsg.people import looking_after
from vidmsg.people.blueprint import people
from vidmsg.people.models import Person
from vidmsg.web import policy
from vidmsg.web.access import get_or_404, me


@people.post("/people/<int:person_id>/looked-after")
@policy.rep
def give(person_id: int) -> ResponseReturnValue:
    """Somebody else looks after her; her days that nobody else was given go along."""
    person, chosen = get_or_404(Person, person_id), request.form.get("to", type=int)
    if person.user_id is not None:
        abort(404)  # a rep's own row is nobody's to look after
    who = looking_after.colleagues(db.session, me().organisation_id, person.team_id)
    to = next((one for one in who if one.id == chosen), None)
    if to is None:
        flash(_("Choose a colleague who may see %(name)s.", name=person.first_name), "error")
    else:
        with writing() as session:
            row, heir = session.get_one(Person, person.id, with_for_update=True), session.get_one(User, to.id)
            looking_after.give(session, row, heir, me().id)
        flash(_("%(who)s looks after %(name)s now.", who=to.first_name, name=person.first_name))
    return redirect(url_for("people.show", person_id=person.id))
