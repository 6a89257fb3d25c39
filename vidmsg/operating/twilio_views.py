"""The page that connects a Twilio account: its numbers, what each is set to, what is still missing; a button that
points ours here, one that sends the installer a text and waits for its receipt. No transaction is open while Twilio is
asked. In practice mode it says how to begin."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import Blueprint, Response, abort, current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from vidmsg import phone
from vidmsg.accounts import audit
from vidmsg.config import Settings
from vidmsg.database import db, reading, writing
from vidmsg.operating import first_text
from vidmsg.operating.models import FirstText
from vidmsg.people import consent
from vidmsg.people.models import REVOKED
from vidmsg.sms import current_gateway
from vidmsg.tokens import new_token
from vidmsg.web import access, policy, polling
from vidmsg.web.limits import limiter

twilio = Blueprint("twilio", __name__, url_prefix="/settings/twilio")


@dataclass(frozen=True)
class Asking:
    """Who asks, read before Twilio is called so that no transaction is open meanwhile."""

    user_id: int
    organisation_id: int
    country: str


@twilio.get("")
@policy.manager
def show() -> ResponseReturnValue:
    """What is connected, and what is missing."""
    settings = _settings()
    if settings.practice:
        return render_template("operating/twilio_practice.html", address=settings.address)
    from vidmsg.sms import connecting
    from vidmsg.sms.gateway import GatewayError

    asking = _asking()
    try:
        account, trouble = connecting.examine(current_gateway(), settings.address), ""
    except GatewayError as error:
        account, trouble = None, str(error)
    key = request.args.get("text", "")
    row = first_text.find(key, asking.organisation_id) if account else None
    return render_template(
        "operating/twilio.html",
        account=account,
        trouble=trouble,
        sender=current_gateway().sender,
        address=settings.address,
        is_reachable=connecting.unreachable(settings.address) is None,
        is_pointed=bool(account and account.ours and connecting.is_pointed(account.ours, settings.address)),
        key=key,
        told=_told(row) if row else None,
        new_key=new_token(),
    )


@twilio.post("/point")
@policy.manager
def point() -> ResponseReturnValue:
    """Have texts and calls to our number announced here."""
    settings, asking = _settings(), _asking()
    if settings.practice:
        return _nothing_to_connect()
    from vidmsg.sms import connecting
    from vidmsg.sms.gateway import GatewayError

    gateway = current_gateway()
    trouble = connecting.unreachable(settings.address)
    if trouble:
        return _back(trouble)
    try:
        number = connecting.ours(gateway)
        if number:
            connecting.point(gateway, number, settings.address)
    except GatewayError as error:
        return _back(str(error))
    if number is None:
        return _back(_("The number that texts come from is not in this account. Look at TWILIO_FROM."))
    with writing() as session:
        audit.record(session, asking.user_id, asking.organisation_id, "twilio.point", f"number:{number.sid}")
    flash(_("Texts and calls to %(number)s come here now.", number=phone.pretty(number.phone, asking.country)))
    return redirect(url_for("twilio.show"))


@twilio.post("/try")
@policy.manager
@limiter.limit("10/hour", key_func=lambda: "twilio.try")
def send() -> ResponseReturnValue:
    """Text the installer, once for each form that was shown; the page then waits for the receipt."""
    asking, key = _asking(), request.form.get("request_key", "")
    if _settings().practice:
        return _nothing_to_connect()
    if not first_text.KEY.fullmatch(key):
        return _back(_("This page waited too long. Reload it and try once more."))
    try:
        to = phone.parse(request.form.get("to", ""), asking.country)
    except phone.WrongNumber as error:
        return _back(error.message)
    if _asked_us_to_stop(asking, to):
        return _back(_("This number asked us to stop, so nothing goes there. Take another one."))
    if first_text.begin(key, asking.user_id, asking.organisation_id):
        _greet(key, to)
    return redirect(url_for("twilio.show", text=key, _anchor="try"))


@twilio.get("/receipt/<key>")
@policy.manager
def receipt(key: str) -> Response:
    """What became of that text, for the page that waits for it."""
    row = None if _settings().practice else first_text.find(key, _asking().organisation_id)
    if row is None:
        abort(404)
    told = _told(row)
    return polling.answer({"receipt": render_template("operating/_receipt.html", **told), "done": told["done"]})


def _greet(key: str, to: str) -> None:
    from vidmsg.sms import connecting
    from vidmsg.sms.gateway import RefusedFinal, RefusedRetry, Unclear

    try:
        sid = connecting.greet(current_gateway(), to)
    except (RefusedRetry, RefusedFinal) as error:
        first_text.failed(key, error.message)
    except Unclear:
        first_text.failed(key, first_text.lost())
    else:
        first_text.left(key, sid)


def _told(row: FirstText) -> dict[str, Any]:
    """How far it is: a sentence, whether it is a good one, and whether there will be another."""
    from vidmsg.sms import connecting
    from vidmsg.sms.gateway import GatewayError

    trouble = first_text.trouble(row)
    if trouble:
        return {"works": False, "sentence": trouble, "done": True}
    if not row.sid:
        return {"works": None, "sentence": _("It is on its way to Twilio."), "done": False}
    try:
        found = connecting.receipt(current_gateway(), row.sid)
    except GatewayError as error:
        return {"works": None, "sentence": str(error), "done": False}
    if found is None:
        return {"works": None, "sentence": _("Twilio has it. We wait for the phone's receipt."), "done": False}
    return {"works": found.works, "sentence": found.sentence, "done": True}


def _settings() -> Settings:
    settings: Settings = current_app.config["SETTINGS"]
    return settings


def _asking() -> Asking:
    """Who asks; afterwards nothing of the database is held."""
    user = access.me()
    asking = Asking(user.id, user.organisation_id, user.organisation.country)
    db.session.rollback()
    return asking


def _asked_us_to_stop(asking: Asking, number: str) -> bool:
    with reading() as session:
        latest = consent.current(session, asking.organisation_id, number)
        return latest is not None and latest.action == REVOKED


def _nothing_to_connect() -> ResponseReturnValue:
    return _back(_("In practice mode there is nothing to connect yet."))


def _back(trouble: str) -> ResponseReturnValue:
    flash(trouble, "error")
    return redirect(url_for("twilio.show"))
