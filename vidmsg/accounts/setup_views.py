"""The page of the first start, behind a one-time link."""

from __future__ import annotations

from flask import Blueprint, abort, current_app, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_security import hash_password, login_user

from vidmsg.accounts import places
from vidmsg.accounts import setup as verbs
from vidmsg.accounts.colours import SWATCHES
from vidmsg.accounts.forms import SetupForm, text
from vidmsg.accounts.models import User
from vidmsg.database import db, writing
from vidmsg.web import policy
from vidmsg.web.limits import limiter

setup = Blueprint("setup", __name__)


@setup.route("/setup/<token>", methods=["GET", "POST"])
@limiter.limit("30 per minute")
@policy.capability
def begin(token: str) -> ResponseReturnValue:
    """Ask for organisation and first manager; then sign her in."""
    if not verbs.opens(db.session, token):
        return render_template("accounts/spent.html"), 404
    form = SetupForm()
    if not form.validate_on_submit():
        _guess_place(form)
        return render_template("accounts/setup.html", form=form, swatches=SWATCHES), 422 if form.is_submitted() else 200
    said = verbs.Beginning(
        organisation=text(form.organisation),
        phone=form.e164,
        time_zone=form.time_zone.data,
        country=form.country.data,
        accent=form.accent.data,
        name=text(form.name),
        email=text(form.email),
        password_hash=hash_password(text(form.password)),
    )
    try:
        user = _begin(token, said, sample="sample" in request.form)
    except verbs.LinkSpent:
        abort(404)
    login_user(user, authn_via=["password"])
    return redirect(url_for("today.show"))


def _begin(token: str, said: verbs.Beginning, *, sample: bool) -> User:
    with writing() as session:
        user = verbs.begin(session, token, said)
        if sample:
            current_app.extensions["fill_with_samples"](session, user)
    return user


def _guess_place(form: SetupForm) -> None:
    """Until the browser has said where it is: the machine's own idea, or Seattle's."""
    if not form.is_submitted():
        form.time_zone.data = form.time_zone.data or "America/Los_Angeles"
        form.country.data = places.country_of(form.time_zone.data) or "US"
