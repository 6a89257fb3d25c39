"""The calendar's pages: a month, one day, one person's day with its forms to move it and to hand it over."""

from __future__ import annotations

import datetime as dt
from typing import Any

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from vidmsg import clock
from vidmsg.accounts.models import User
from vidmsg.calendar import entries, month, moving, standing
from vidmsg.calendar.entries import Sieve
from vidmsg.database import db, writing
from vidmsg.messages import compose, deciding
from vidmsg.milestones import kinds, words
from vidmsg.milestones.models import Occurrence
from vidmsg.people import finding, looking_after
from vidmsg.people.models import Person
from vidmsg.web import policy
from vidmsg.web.access import get_or_404, me, visible

calendar = Blueprint("calendar", __name__)

SOON = dt.timedelta(days=13)  # with today, fourteen days
SOON_SHOWN = 5
OF_A_DAY = 200
SEVERAL = 4  # so many colleagues stand side by side; more are in a list


@calendar.get("/calendar")
@policy.rep
def show() -> ResponseReturnValue:
    """A month."""
    user, today = me(), _today()
    sieve, reps = _sieve(user), looking_after.colleagues(db.session, me().organisation_id, _team(me()))
    first = month.parse(request.args.get("month", ""), today)
    shown = month.of(db.session, sieve, user.organisation, first, today)
    total, needing, soon = entries.coming(db.session, sieve, today, today + SOON, SOON_SHOWN)
    return render_template(
        "calendar/month.html",
        month=shown,
        today=today,
        sieve=sieve,
        reps=reps,
        names={rep.id: rep.first_name for rep in reps},
        several=len(reps) > SEVERAL,
        soon=soon,
        total=total,
        needing=needing,
        crowded=next((day for day in shown.days if day.load == "full" and not day.out), None),
        kinds=kinds.KINDS,
        standings=standing.STANDINGS,
        number=words.number,
        here={name: value for name, value in request.args.items() if name in {"rep", "kind", "state"} and value},
    )


@calendar.get("/calendar/day/<day>")
@policy.rep
def day(day: str) -> ResponseReturnValue:
    """Everything on one day, planned or computed."""
    try:
        on = dt.date.fromisoformat(day)
    except ValueError:
        abort(404)
    if not month.is_shown(on):
        abort(404)
    user, today = me(), _today()
    content = month.day(db.session, _sieve(user), user.organisation, on, today, OF_A_DAY)
    return render_template("calendar/day.html", on=on, today=today, content=content)


@calendar.get("/calendar/new")
@policy.rep
def new() -> ResponseReturnValue:
    """Whose day shall it be? Leads to the person's form."""
    asked = request.args.get("q", "").strip()[:80]
    country = me().organisation.country
    found = finding.page(db.session, visible(Person), words=asked, after=None, country=country)
    return render_template("calendar/new.html", words=asked, page=found)


@calendar.get("/calendar/<int:occurrence_id>")
@policy.rep
def occurrence(occurrence_id: int) -> ResponseReturnValue:
    """One person's day: why, how far it is, and what can be done about it."""
    return _occurrence_page(get_or_404(Occurrence, occurrence_id))


@calendar.post("/calendar/<int:occurrence_id>/move")
@policy.rep
def move(occurrence_id: int) -> ResponseReturnValue:
    """Put it on another day."""
    row = get_or_404(Occurrence, occurrence_id)
    to, was = _date("day"), _date("was")
    if to is None or was is None:
        return _refused(row, _("Choose a day that the calendar has."), 422)
    try:
        with writing() as session:
            moving.move(session, session.get_one(Occurrence, row.id), to, was, me().id)
    except moving.CannotMove as reason:
        return _refused(row, str(reason), 409)
    text = compose.of_occurrence(db.session, row.id, row.person)
    if text is not None and text.state in deciding.RELEASABLE:
        flash(_("Moved. Its text does not go by itself: open it to see what it needs."))
    elif not _by_script():
        flash(_("Moved. A text that waits goes with it."))
    if _by_script():
        return "", 204
    return redirect(url_for("calendar.occurrence", occurrence_id=row.id))


@calendar.post("/calendar/<int:occurrence_id>/assign")
@policy.rep
def assign(occurrence_id: int) -> ResponseReturnValue:
    """Hand it to a colleague."""
    row, to = get_or_404(Occurrence, occurrence_id), request.form.get("to", type=int)
    user = db.session.get(User, to) if to else None
    if user is None or user.organisation_id != row.organisation_id:
        return _refused(row, _("Choose a colleague."), 422)
    try:
        with writing() as session:
            of_form = request.form.get("was", type=int)
            moving.assign(session, session.get_one(Occurrence, row.id), user, of_form, me().id)
    except moving.CannotMove as reason:
        return _refused(row, str(reason), 409)
    flash(_("%(name)s looks after it now.", name=user.first_name))
    month_of = request.form.get("month", "")
    if month_of:
        return redirect(url_for("calendar.show", month=month_of[:7]))
    return redirect(url_for("calendar.occurrence", occurrence_id=row.id))


def _occurrence_page(row: Occurrence, problem: str | None = None) -> str:
    today = _today()
    line = db.session.execute(entries.lines(today).where(Occurrence.id == row.id)).one()
    return render_template(
        "calendar/occurrence.html",
        occurrence=row,
        entry=entries.entry(line),
        person=row.person,
        message=compose.of_occurrence(db.session, row.id, row.person),
        reps=looking_after.colleagues(db.session, row.organisation_id, row.team_id),
        today=today,
        problem=problem,
    )


def _refused(row: Occurrence, reason: str, status: int) -> ResponseReturnValue:
    if _by_script():
        return {"reason": reason}, status
    db.session.expire_all()
    return _occurrence_page(get_or_404(Occurrence, row.id), reason), status


def _by_script() -> bool:
    return request.headers.get("X-Requested-With") == "fetch"


def _date(name: str) -> dt.date | None:
    try:
        return dt.date.fromisoformat(request.form.get(name, ""))
    except ValueError:
        return None


def _today() -> dt.date:
    user: Any = me()
    return clock.local(clock.now(), user.zone).date()


def _team(user: User) -> int | None:
    return None if user.is_manager else user.team_id


def _sieve(user: User) -> Sieve:
    kind, state = request.args.get("kind", ""), request.args.get("state", "")
    return Sieve(
        organisation_id=user.organisation_id or 0,
        team_id=_team(user),
        rep_id=request.args.get("rep", type=int),
        kind=kind if kind in kinds.KINDS else None,
        state=state if state in standing.STANDINGS else None,
    )
