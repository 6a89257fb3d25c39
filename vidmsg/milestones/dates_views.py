"""Adding a date to a person, changing and removing it. A page asks for the kind first and then only what that kind
needs, so that it works without scripts."""

from __future__ import annotations

import datetime as dt

import sqlalchemy as sa
from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from vidmsg import clock
from vidmsg.accounts.forms import PlainForm
from vidmsg.database import db, writing
from vidmsg.milestones import keeping, kinds
from vidmsg.milestones.cycles import WEEKS
from vidmsg.milestones.forms import DateForm
from vidmsg.milestones.models import Milestone
from vidmsg.milestones.patterns import RULE_COLUMNS
from vidmsg.people.models import COLLEAGUE, Person
from vidmsg.web import policy
from vidmsg.web.access import get_or_404, me

dates = Blueprint("dates", __name__)


@dates.route("/people/<int:person_id>/dates/new", methods=["GET", "POST"])
@policy.rep
def new(person_id: int) -> ResponseReturnValue:
    """Which kind, then its day."""
    person = get_or_404(Person, person_id)
    kind = kinds.KINDS.get(request.args.get("kind", ""))
    if kind is None:
        return render_template("milestones/kinds.html", person=person, kinds=_kinds_for(person))
    of_company = person.company_id is not None and request.args.get("company") == "1"
    form = DateForm(kind=kind, today=_today(person), step=6, unit=WEEKS, of_company=of_company)
    if not form.validate_on_submit():
        return _page(form, person), 422 if form.is_submitted() else 200
    try:
        with writing() as session:
            keeping.add(session, session.get_one(Person, person.id), form.details(person.company_id), me().id)
    except keeping.AlreadyThere:
        flash(_("%(name)s has this day already. Change it here if it is another one.", name=person.first_name), "error")
        return _back(person.id)
    flash(_("Kept. It stands on the calendar in a moment."))
    return _back(person.id)


@dates.route("/people/<int:person_id>/dates/<int:milestone_id>", methods=["GET", "POST"])
@policy.rep
def edit(person_id: int, milestone_id: int) -> ResponseReturnValue:
    """Change a date."""
    person, milestone = _of_person(person_id, milestone_id)
    kind, given = kinds.of(milestone.kind), {name: getattr(milestone, name) or "" for name in RULE_COLUMNS}
    given["lead_days"], given["send_at"] = milestone.lead_days, milestone.send_at
    columns = ("title", "month", "day", "year", "on_date", "step", "unit", "target")
    given.update({name: getattr(milestone, name) for name in columns})
    form = DateForm(kind=kind, today=_today(person), of_company=milestone.company_id is not None, data=given)
    if not form.validate_on_submit():
        return _page(form, person, milestone), 422 if form.is_submitted() else 200
    with writing() as session:
        row = session.get_one(Milestone, milestone.id)
        keeping.change(session, row, form.details(milestone.company_id or person.company_id), me().id)
    flash(_("Kept. The calendar follows in a moment."))
    return _back(person.id)


@dates.post("/people/<int:person_id>/dates/<int:milestone_id>/remove")
@policy.rep
def remove(person_id: int, milestone_id: int) -> ResponseReturnValue:
    """No more of this date."""
    person, milestone = _of_person(person_id, milestone_id)
    with writing() as session:
        keeping.remove(session, session.get_one(Milestone, milestone.id), me().id)
    flash(_("This day is gone. What was already sent stays told."))
    return _back(person.id)


def _of_person(person_id: int, milestone_id: int) -> tuple[Person, Milestone]:
    person = get_or_404(Person, person_id)
    query = sa.select(Milestone).where(Milestone.id == milestone_id, Milestone.person_id == person.id)
    milestone = db.session.scalars(query.where(Milestone.active.is_(True))).one_or_none()
    if milestone is None or milestone.kind not in kinds.KINDS:
        abort(404)
    return person, milestone


def _kinds_for(person: Person) -> list[kinds.Kind]:
    """A customer has no years of work here, a colleague none as a customer."""
    unfit = "customer_since" if person.kind == COLLEAGUE else "work_anniversary"
    return [kind for kind in kinds.KINDS.values() if kind.key != unfit]


def _today(person: Person) -> dt.date:
    return clock.local(clock.now(), person.time_zone).date()


def _page(form: DateForm, person: Person, milestone: Milestone | None = None) -> str:
    return render_template("milestones/form.html", form=form, person=person, milestone=milestone, plain=PlainForm())


def _back(person_id: int) -> ResponseReturnValue:
    return redirect(url_for("people.show", person_id=person_id, _anchor="dates"))
