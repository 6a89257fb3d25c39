"""HTTP of calendar feeds: the page that makes and takes back their addresses, and the feed itself, which opens with
its secret alone, because calendar programs cannot sign in."""

from __future__ import annotations

from flask import Blueprint, Response, abort, current_app, flash, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_limiter.util import get_remote_address

from vidmsg.calendar import agenda, feeds
from vidmsg.database import db, reading, writing
from vidmsg.people.forms import PlainForm
from vidmsg.web import access, policy
from vidmsg.web.limits import guesses, limiter

blueprint = Blueprint("feeds", __name__)

FRESH = "fresh feed"  # the address just made, shown once
REFRESH = "private, max-age=900"


def _caller() -> str:
    """Google and the like fetch everybody's feeds from a few addresses of their own."""
    return f"{get_remote_address()} {(request.view_args or {}).get('token', '')}"


@blueprint.get("/calendar/feeds")
@policy.rep
def show() -> ResponseReturnValue:
    """One's feeds, and what they are for."""
    fresh = session.pop(FRESH, None)
    return render_template(
        "calendar/feeds.html",
        mine=feeds.of_user(db.session, access.me()),
        fresh=fresh,
        form=PlainForm(),
        most=agenda.MOST,
    )


@blueprint.post("/calendar/feeds/<any(mine, everybody):whose>")
@policy.rep
def make(whose: str) -> ResponseReturnValue:
    """A fresh address; the older one of this kind ends."""
    try:
        with writing() as write:
            token = feeds.make(write, access.me(), everybody=whose == "everybody")
    except feeds.NotAllowed:
        abort(403)
    address = current_app.config["SETTINGS"].address + url_for("feeds.feed", token=token)
    session[FRESH] = {"whose": whose, "address": address}
    return redirect(url_for("feeds.show"))


@blueprint.post("/calendar/feeds/<any(mine, everybody):whose>/end")
@policy.rep
def end(whose: str) -> ResponseReturnValue:
    """Take the address back."""
    with writing() as write:
        feeds.revoke(write, access.me(), everybody=whose == "everybody")
    flash(_("That address shows nothing any more."))
    return redirect(url_for("feeds.show"))


@blueprint.get("/feed/<token>.ics")
@limiter.limit("120/hour", key_func=_caller)
@guesses
@policy.capability
def feed(token: str) -> ResponseReturnValue:
    """The plan as a calendar file; 304 while nothing changed."""
    with reading() as read:
        found = feeds.find(read, token)
        if found is None:
            abort(404)
        body = agenda.render(*found, agenda.days(read, *found))
    response = Response(body, mimetype="text/calendar")
    response.set_etag(agenda.etag(body))
    response.headers["Cache-Control"] = REFRESH
    response.headers["Content-Disposition"] = 'inline; filename="vidmsg.ics"'
    return response.make_conditional(request)
