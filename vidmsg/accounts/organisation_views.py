"""The organisation's settings, for managers: what customers see, and where home is."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from vidmsg import phone
from vidmsg.accounts import audit, hearing
from vidmsg.accounts.colours import SWATCHES
from vidmsg.accounts.forms import OrganisationForm
from vidmsg.accounts.models import Organisation
from vidmsg.database import writing
from vidmsg.web import policy
from vidmsg.web.access import me

organisation = Blueprint("organisation", __name__)


@organisation.route("/settings", methods=["GET", "POST"])
@policy.manager
def edit() -> ResponseReturnValue:
    """Show and change the organisation."""
    home: Organisation = me().organisation
    form = OrganisationForm(
        organisation=home.name,
        phone=phone.pretty(home.phone, home.country),
        time_zone=home.time_zone,
        country=home.country,
        accent=home.accent,
    )
    if not form.validate_on_submit():
        return render_template(
            "accounts/organisation.html", form=form, swatches=SWATCHES
        ), 422 if form.is_submitted() else 200
    hearing.changed(home.id, _change(home.id, me().id, form))
    flash(_("Kept. Customers see it from now on."))
    return redirect(url_for("organisation.edit"))


def _change(organisation_id: int, user_id: int, form: OrganisationForm) -> list[str]:
    values = {
        "name": form.organisation.data,
        "phone": form.e164,
        "time_zone": form.time_zone.data,
        "country": form.country.data,
        "accent": form.accent.data,
    }
    with writing() as session:
        home = session.get_one(Organisation, organisation_id)
        changed = [name for name, value in values.items() if getattr(home, name) != value]
        for name in changed:
            setattr(home, name, values[name])
        if changed:
            audit.record(
                session, user_id, home.id, "organisation.change", f"organisation:{home.id}", {"fields": changed}
            )
    return changed
