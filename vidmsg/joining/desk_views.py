"""The manager's side of the join page: open and close it, print its QR code, and copy what a registration asks for."""

from __future__ import annotations

import io

import qrcode
import qrcode.image.svg
from flask import Blueprint, Response, abort, current_app, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from vidmsg import tokens
from vidmsg.accounts import audit
from vidmsg.accounts.forms import PlainForm
from vidmsg.accounts.models import Organisation
from vidmsg.config import Settings
from vidmsg.database import reading, writing
from vidmsg.joining import entering, kit
from vidmsg.web import access, policy

desk = Blueprint("joining_desk", __name__, url_prefix="/settings/joining")


@desk.get("/")
@policy.manager
def show() -> ResponseReturnValue:
    """The address, the code to print, the registration kit."""
    home: Organisation = access.me().organisation
    with reading() as session:
        parts = kit.parts(session, home, _settings().address) if home.join_token else []
        used_up = bool(parts) and entering.asked_today(session, home) >= _settings().join_texts_a_day
    return render_template("joining/desk.html", address=_address(home), kit=parts, used_up=used_up, form=PlainForm())


@desk.post("/<any(open, close):what>")
@policy.manager
def turn(what: str) -> ResponseReturnValue:
    """Open the page at a fresh address, or close it; printed codes of an older one lead nowhere then."""
    with writing() as session:
        home = session.get_one(Organisation, access.me().organisation_id)
        if what == "close":
            home.join_token = None
        elif home.join_token is None:
            home.join_token = tokens.new_token()
        audit.record(session, access.me().id, home.id, f"joining.{what}", f"organisation:{home.id}")
    flash(_("The page is open. Print the code, and people can come.") if what == "open" else _("The page is closed."))
    return redirect(url_for("joining_desk.show"))


@desk.get("/qr.svg")
@policy.manager
def code() -> ResponseReturnValue:
    """The QR code of the page, as a picture that prints sharp at any size."""
    address = _address(access.me().organisation)
    if not address:
        abort(404)
    made = qrcode.make(address, image_factory=qrcode.image.svg.SvgPathFillImage, border=2)
    file = io.BytesIO()
    made.save(file)
    return Response(file.getvalue(), mimetype="image/svg+xml", headers={"Cache-Control": "no-store"})


def _address(home: Organisation) -> str | None:
    return f"{_settings().address}/join/{home.join_token}" if home.join_token else None


def _settings() -> Settings:
    settings: Settings = current_app.config["SETTINGS"]
    return settings
