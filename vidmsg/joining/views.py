"""The public pages: joining, and the privacy and terms words behind it. They set no cookie, and answer alike whoever
fills them in."""

from __future__ import annotations

import sqlalchemy as sa
from flask import Blueprint, abort, current_app, render_template, request
from flask.typing import ResponseReturnValue

from vidmsg.accounts.models import Organisation
from vidmsg.config import Settings
from vidmsg.database import reading, writing
from vidmsg.jobs import jobs
from vidmsg.joining import entering, wording
from vidmsg.joining.forms import JoinForm
from vidmsg.web import origin, policy
from vidmsg.web.limits import limiter

joining = Blueprint("joining", __name__, url_prefix="/join")


def _page() -> str:
    """What the limit of an organisation counts: its page, whoever fills it in. Behind the limit of an address, so that
    one phone alone does not use it up; that one is wide, because all guests of a shop's Wi-Fi are one address."""
    return str((request.view_args or {}).get("token", ""))


def _settings() -> Settings:
    settings: Settings = current_app.config["SETTINGS"]
    return settings


@joining.route("/<token>", methods=["GET", "POST"])
@limiter.limit("600/hour")
@limiter.limit("300/hour", methods=["POST"], key_func=_page)
@limiter.limit("100/hour", methods=["POST"])
@policy.capability
def page(token: str) -> ResponseReturnValue:
    """The form, and after it a thank you that says nothing of who is known."""
    home = _home(token)
    if request.method == "POST" and not origin.is_ours(request, _settings().address):
        return _form(home, JoinForm(None, country=home.country), elsewhere=True), 400
    form = JoinForm(country=home.country)
    if not form.validate_on_submit():
        return _form(home, form), 422 if form.is_submitted() else 200
    if not form.website.data:
        with writing() as session:
            here = session.get_one(Organisation, home.id)
            entering.enter(session, here, form.entry(), _settings().join_texts_a_day)
        jobs().wake("sms")
    return render_template("joining/thanks.html", organisation=home)


page.cookieless = True  # type: ignore[attr-defined]  # csrf.py reads it


@joining.get("/<token>/privacy")
@policy.capability
def privacy(token: str) -> ResponseReturnValue:
    """Privacy and terms, public, as the registration of numbers asks for them."""
    home = _home(token)
    return render_template("joining/privacy.html", organisation=home, paragraphs=wording.privacy(home), token=token)


def _form(home: Organisation, form: JoinForm, *, elsewhere: bool = False) -> str:
    words = wording.consent(home)
    return render_template("joining/page.html", form=form, organisation=home, words=words, elsewhere=elsewhere)


def _home(token: str) -> Organisation:
    with reading() as session:
        home = session.scalars(sa.select(Organisation).where(Organisation.join_token == token)).one_or_none()
    if home is None:
        abort(404)
    return home
