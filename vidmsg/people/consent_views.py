"""Noting a yes or a no to texts, and pausing everything to a person."""

from __future__ import annotations

import datetime as dt
import zoneinfo

from flask import abort, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from vidmsg import clock
from vidmsg.accounts.forms import text
from vidmsg.database import writing
from vidmsg.people import consent, keeping
from vidmsg.people.blueprint import people
from vidmsg.people.forms import ConsentForm, PauseForm, PlainForm
from vidmsg.people.models import Person
from vidmsg.people.views import page_of
from vidmsg.web import policy
from vidmsg.web.access import get_or_404, me


@people.post("/people/<int:person_id>/consent", endpoint="consent")
@policy.rep
def note_consent(person_id: int) -> ResponseReturnValue:
    """Record a yes, or with `action=revoke` a no."""
    person = get_or_404(Person, person_id)
    if not person.phone:
        abort(404)
    if request.form.get("action") == "revoke":
        return _revoke(person, person.phone)
    form = ConsentForm()
    if not form.validate_on_submit():
        return page_of(person, consent_form=form), 422
    said = {"number": person.phone, "words": text(form.words), "source": form.source.data}
    try:
        with writing() as session:
            consent.grant(session, person, **said, user_id=me().id)
    except consent.Stopped:
        stopped = _(
            "%(name)s asked us by text to stop. Only a START from that phone turns texts on again.",
            name=person.first_name,
        )
        flash(stopped, "error")
    else:
        flash(_("Noted. Texts may go to %(name)s.", name=person.first_name))
    return redirect(_back(person))


@people.post("/people/<int:person_id>/pause")
@policy.rep
def pause(person_id: int) -> ResponseReturnValue:
    """Hold everything to this person."""
    person, form = get_or_404(Person, person_id), PauseForm()
    until = _morning(form.until.data, person.time_zone) if form.until.data else None
    if not form.validate_on_submit():
        return page_of(person, pause_form=form), 422
    if until is not None and until <= clock.now():
        form.until.errors = [_("That day is over. Pick a later one, or leave it open.")]
        return page_of(person, pause_form=form), 422
    with writing() as session:
        keeping.pause(session, session.get_one(Person, person.id), me().id, until=until, reason=text(form.reason))
    flash(_("Nothing goes to %(name)s now.", name=person.first_name))
    return redirect(_back(person))


@people.post("/people/<int:person_id>/resume")
@policy.rep
def resume(person_id: int) -> ResponseReturnValue:
    """Lift the pause."""
    person = get_or_404(Person, person_id)
    if PlainForm().validate_on_submit():
        with writing() as session:
            keeping.resume(session, session.get_one(Person, person.id), me().id)
        flash(_("The pause for %(name)s is over.", name=person.first_name))
    return redirect(_back(person))


def _revoke(person: Person, number: str) -> ResponseReturnValue:
    with writing() as session:
        consent.revoke(
            session,
            organisation_id=person.organisation_id,
            phone=number,
            words=request.form.get("words", "").strip()[:2000] or _("Told us."),
            source=_where(),
            user_id=me().id,
        )
    flash(_("Noted. No more texts go to %(name)s.", name=person.first_name))
    return redirect(_back(person))


def _where() -> str:
    source = request.form.get("source", "")
    return source if source in consent.SOURCES else consent.SOURCES[0]


def _back(person: Person) -> str:
    return url_for("people.show", person_id=person.id)


def _morning(day: dt.date, zone: str) -> dt.datetime:
    """The first moment of a day where the person lives."""
    return dt.datetime.combine(day, dt.time(), tzinfo=zoneinfo.ZoneInfo(zone))
