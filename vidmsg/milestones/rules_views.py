"""The organisation's rules for all dates, for managers: when a day is kept, when a rep is asked, when texts leave."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from vidmsg.accounts import audit
from vidmsg.accounts.models import Organisation
from vidmsg.database import writing
from vidmsg.milestones import marking
from vidmsg.milestones.forms import RulesForm
from vidmsg.web import policy
from vidmsg.web.access import me

date_rules = Blueprint("date_rules", __name__)
FIELDS = ("leap", "weekend", "holidays", "lead_days", "send_at", "send_zone", "no_video")


@date_rules.route("/settings/dates", methods=["GET", "POST"])
@policy.manager
def edit() -> ResponseReturnValue:
    """Show and change the rules."""
    home: Organisation = me().organisation
    form = RulesForm(data={name: getattr(home, name) for name in FIELDS})
    if not form.validate_on_submit():
        return render_template("milestones/rules.html", form=form), 422 if form.is_submitted() else 200
    changed = _change(home.id, me().id, {name: form[name].data for name in FIELDS})
    if changed:
        marking.rules_changed(home.id)
    flash(_("Kept. What is planned and not yet sent follows in a moment."))
    return redirect(url_for("date_rules.edit"))


def _change(organisation_id: int, user_id: int, values: dict[str, object]) -> list[str]:
    with writing() as session:
        home = session.get_one(Organisation, organisation_id)
        changed = [name for name, value in values.items() if getattr(home, name) != value]
        for name in changed:
            setattr(home, name, values[name])
        if changed:
            subject = f"organisation:{home.id}"
            audit.record(session, user_id, home.id, "organisation.rules", subject, {"fields": changed})
    return changed
