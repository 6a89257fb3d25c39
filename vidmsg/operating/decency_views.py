"""The page on which a manager sets when texts may arrive, where they go, how many leave, and who says yes to them."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import format_date
from flask_babel import gettext as _

from vidmsg import clock
from vidmsg.accounts import places
from vidmsg.accounts.models import Organisation
from vidmsg.database import db, writing
from vidmsg.jobs import jobs
from vidmsg.messages import caps, hours, sooner, window
from vidmsg.operating import decency
from vidmsg.operating.decency_forms import DecencyForm
from vidmsg.web import access, policy

decency_page = Blueprint("decency", __name__)


@decency_page.route("/settings/decency", methods=["GET", "POST"])
@policy.manager
def edit() -> ResponseReturnValue:
    """Show and change them."""
    home: Organisation = access.me().organisation
    form = DecencyForm.of(home)
    if not form.validate_on_submit():
        return _page(home, form), 422 if form.is_submitted() else 200
    with writing() as session:
        changed = decency.change(session, home.id, access.me().id, form.values(home))
        kept = hours.of(session.get_one(Organisation, home.id))
    if decency.HOURS.intersection(changed):
        sooner.bring(home.id)
    if "daily_cap" in changed:
        sooner.make_room(home.id)
        jobs().wake("sms")
    flash(_("Kept. %(sentence)s", sentence=decency.in_words(kept)))
    return redirect(url_for("decency.edit"))


def _page(home: Organisation, form: DecencyForm) -> str:
    kept = hours.of(home)
    shown = decency.countries(home) | form.chosen
    return render_template(
        "operating/decency.html",
        form=form,
        sentence=decency.in_words(kept),
        patterns=decency.patterns(),
        bold=decency.are_bold(form.hours or kept),
        earliest=decency.EARLIEST,
        latest=decency.LATEST,
        here=_here(home),
        countries=[pair for pair in places.countries() if pair[0] in shown],
        left_today=caps.today(db.session, home),
    )


def _here(home: Organisation) -> str:
    """What the hours mean at this moment, where the organisation is at home."""
    now, kept, place = clock.now(), hours.of(home), places.city(home.time_zone)
    there = clock.local(now, home.time_zone)
    time = f"{there.hour}:{there.minute:02d}"
    if window.is_open(now, home.time_zone, kept):
        return str(_("It is %(time)s in %(place)s now: texts there may go.", time=time, place=place))
    opening = clock.local(window.next_open(now, home.time_zone, kept), home.time_zone)
    then = f"{opening.hour}:{opening.minute:02d}"
    if opening.date() != there.date():
        then = f"{format_date(opening.date(), 'EEEE')} {then}"
    return str(
        _("It is %(time)s in %(place)s now: texts there wait until %(then)s.", time=time, place=place, then=then)
    )
