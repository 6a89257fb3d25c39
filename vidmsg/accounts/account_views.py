"""A person's own page: name, picture, time zone; and the pictures of the people who work here."""

from __future__ import annotations

import datetime as dt
from typing import Any

from flask import Blueprint, Response, abort, current_app, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from vidmsg.accounts import faces, places
from vidmsg.accounts.forms import AccountForm, FaceForm, PlainForm
from vidmsg.accounts.models import User
from vidmsg.database import db, writing
from vidmsg.storage import NotFound, Storage
from vidmsg.tokens import new_token
from vidmsg.web import policy
from vidmsg.web.access import me

account = Blueprint("account", __name__)
_FACE_LIFE = dt.timedelta(hours=1)


@account.route("/account", methods=["GET", "POST"])
@policy.rep
def show() -> ResponseReturnValue:
    """The page of one's own account."""
    user = me()
    form = AccountForm(name=user.name, time_zone=user.zone)
    if form.validate_on_submit():
        _change(user.id, name=form.name.data, time_zone=form.time_zone.data)
        flash(_("Kept."))
        return redirect(url_for("account.show"))
    return _page(form=form), 422 if form.is_submitted() else 200


@account.post("/account/face")
@policy.rep
def picture() -> ResponseReturnValue:
    """Take in a picture, make it small, keep it; the old one goes."""
    form = FaceForm()
    if not form.validate_on_submit() or not form.face.data:
        flash(_("Pick a picture first."), "error")
        return redirect(url_for("account.show"))
    try:
        small = faces.read(form.face.data.stream)
    except faces.NotAPicture as error:
        flash(str(error), "error")
        return redirect(url_for("account.show"))
    key = f"faces/{new_token()}.jpg"
    _storage().put_bytes(small, key, "image/jpeg")
    _replace(key)
    flash(_("Lovely. That is the face people will see."))
    return redirect(url_for("account.show"))


@account.post("/account/face/remove")
@policy.rep
def no_picture() -> ResponseReturnValue:
    """Back to initials."""
    _replace(None)
    flash(_("The picture is gone."))
    return redirect(url_for("account.show"))


@account.get("/account/face/<int:user_id>")
@policy.rep
def face(user_id: int) -> ResponseReturnValue:
    """The picture of somebody in this organisation."""
    who = db.session.get(User, user_id)
    if who is None or who.organisation_id != me().organisation_id or not who.face_key:
        abort(404)
    try:
        data = _storage().get_bytes(who.face_key)
    except NotFound:
        abort(404)
    response = Response(data, mimetype="image/jpeg")
    response.headers["Cache-Control"] = f"private, max-age={int(_FACE_LIFE.total_seconds())}"
    return response


def _page(form: AccountForm) -> str:
    zone = me().zone
    return render_template(
        "accounts/account.html", form=form, face_form=FaceForm(), plain=PlainForm(), city=places.city(zone)
    )


def _replace(key: str | None) -> None:
    old = me().face_key
    _change(me().id, face_key=key)
    if old:
        _storage().delete(old)


def _change(user_id: int, **values: Any) -> None:
    with writing() as session:
        user = session.get_one(User, user_id)
        for name, value in values.items():
            setattr(user, name, value)


def _storage() -> Storage:
    storage: Storage = current_app.extensions["storage"]
    return storage
