"""The customer's page and its files, below /v/<token>. No login, no cookie, no CSRF token: the link is the whole
authorisation, and everything here goes through one gate. Reads are short; what a visit tells is written in
transactions of its own that the page never waits for."""

from __future__ import annotations

import gzip
from collections.abc import Callable
from pathlib import Path
from typing import cast

from flask import Blueprint, Flask, Response, current_app, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_limiter.util import get_remote_address
from markupsafe import Markup
from sqlalchemy.exc import IntegrityError, SQLAlchemyError
from sqlalchemy.orm import Session
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Response as AnyResponse

from vidmsg import logs
from vidmsg.config import Settings
from vidmsg.database import reading, writing
from vidmsg.messages.models import Link
from vidmsg.storage import Storage
from vidmsg.tokens import new_token
from vidmsg.videos.models import Rendition
from vidmsg.watching import beacons, gate, letter, serving, shown, visits
from vidmsg.watching.letter import Letter
from vidmsg.web import origin, policy
from vidmsg.web.errors import SENTENCES
from vidmsg.web.limits import limiter

log = logs.get(__name__)
watch = Blueprint("watch", __name__, url_prefix="/v")

FACE_TYPE = "image/jpeg"
# The same for every page that says "nothing here", so that all such answers are equal to the byte.
NOTICE_POLICY = "default-src 'none'; style-src 'self'; img-src data:; base-uri 'none'; frame-ancestors 'none'"


def _caller() -> str:
    """Whom the limits count: an address at one link. Many phones share an address behind a carrier."""
    return f"{get_remote_address()} {(request.view_args or {}).get('token', '')}"


def _storage() -> Storage:
    storage: Storage = current_app.extensions["storage"]
    return storage


def _settings() -> Settings:
    settings: Settings = current_app.config["SETTINGS"]
    return settings


@watch.get("/<token>")
@limiter.limit("60/minute", key_func=_caller)
@policy.capability
def page(token: str) -> ResponseReturnValue:
    """The page itself."""
    with reading() as session:
        found = letter.compose(session, gate.find(session, token))
    if found.clip is None:
        return _broken(found) if found.failed else _on_its_way(found)
    page_id = new_token()
    response = _packed(Response(_page(found, page_id)))
    if request.method == "GET":
        _note_fetch(response, found, page_id)
    return response


@watch.get("/<token>/video")
@policy.capability
def video(token: str) -> ResponseReturnValue:
    """The revision that the page names, or the present one."""
    with reading() as session:
        link = gate.find(session, token)
        wanted = request.args.get("r")
        rendition = shown.by_revision(session, link, wanted) if wanted else shown.playing(session, link)
        if rendition is None:
            raise gate.Gone
        key, content_type = rendition.key, rendition.content_type
    return serving.video(_storage(), key, content_type)


@watch.get("/<token>/poster.jpg")
@policy.capability
def poster(token: str) -> ResponseReturnValue:
    """The still before the video plays."""
    return _still(token, shown.poster)


@watch.get("/<token>/preview.jpg")
@policy.capability
def preview(token: str) -> ResponseReturnValue:
    """The picture that chats show: stable, without a signature."""
    return _still(token, shown.preview)


@watch.get("/<token>/face.jpg")
@policy.capability
def face(token: str) -> ResponseReturnValue:
    """The sender's picture."""
    with reading() as session:
        key = letter.face_key(session, gate.find(session, token))
    if key is None:
        raise gate.Gone
    return serving.picture(_storage(), key, FACE_TYPE)


@watch.post("/<token>/seen")
@limiter.limit("120/minute", key_func=_caller)
@policy.capability
def seen(token: str) -> ResponseReturnValue:
    """What the page reports of itself: opened, played, and which parts."""
    with reading() as session:
        gate.find(session, token)
    request.max_content_length = beacons.LARGEST
    said = beacons.parse(request.get_data())
    if said is None or not origin.is_ours(request, _settings().address):
        return "", 400
    robot = visits.is_robot(request.user_agent.string)
    _write(lambda session: visits.report(session, gate.find(session, token), said, robot))
    return "", 204


@watch.post("/<token>/felt")
@limiter.limit("20/minute", key_func=_caller)
@policy.capability
def felt(token: str) -> ResponseReturnValue:
    """One of the four faces. Works as a plain form, too."""
    with reading() as session:
        gate.find(session, token)
    request.max_content_length = beacons.LARGEST
    feeling, page_id = request.form.get("felt"), beacons.page_id(request.form.get("page"))
    if feeling not in visits.FEELINGS or page_id is None or not origin.is_ours(request, _settings().address):
        return "", 400
    robot = visits.is_robot(request.user_agent.string)
    _write(lambda session: visits.felt(session, gate.find(session, token), page_id, feeling, robot))
    if request.headers.get("X-Requested-With") == "fetch":
        return "", 204
    return redirect(url_for("watch.page", token=token, thanks=1), 303)


# What a page shows goes by GET; a report's address opened by hand, or anything made up, is an address like others.
@watch.get("/<token>/<path:rest>")
@policy.capability
def nothing(**_parts: str) -> ResponseReturnValue:
    """No such address."""
    raise gate.Gone


for _view in (seen, felt):
    _view.cookieless = True  # type: ignore[attr-defined]


@watch.errorhandler(gate.Gone)
def gone(_error: gate.Gone) -> ResponseReturnValue:
    """One answer for expired, revoked, replaced and unknown links, and for files that are not there."""
    title = _("This video is no longer here")
    hint = _("If you'd like it again, reply to the text you got.")
    return _notice(title, hint, 404)


@watch.errorhandler(500)
@watch.errorhandler(HTTPException)
def failed(error: HTTPException) -> ResponseReturnValue:
    """Other errors, in words, on a page without a cookie."""
    code = error.code or 500
    if error.response is not None or code < 400:
        return error
    title, hint = SENTENCES.get(code, SENTENCES[500 if code >= 500 else 400])
    return _notice(str(title), str(hint), code)


@watch.after_request
def _private(response: AnyResponse) -> AnyResponse:
    response.headers["Referrer-Policy"] = "no-referrer"
    response.headers["X-Robots-Tag"] = "noindex"
    response.headers.setdefault("Cache-Control", "no-store")
    return response


def init_app(app: Flask) -> None:
    """Put the pages in, with the style and the script that stand inside the page: it is one request."""
    static = Path(app.static_folder or "")
    app.extensions["watching"] = {
        kind: Markup((static / kind / f"watch.{kind}").read_text(encoding="utf-8"))  # noqa: S704  (files of ours)
        for kind in ("css", "js")
    }
    app.register_blueprint(watch)


def _page(found: Letter, page_id: str) -> str:
    html: str = render_template(
        "watching/watch.html",
        letter=found,
        page_id=page_id,
        headline=_headline(found),
        address=_settings().address,
        thanks="thanks" in request.args,
        life_s=serving.life_s(_storage()),
        **current_app.extensions["watching"],
    )
    return html


def _packed(response: Response) -> Response:
    """A third of the size where the browser can unpack it; the first paint on a slow phone waits for these bytes."""
    response.vary.add("Accept-Encoding")
    if request.accept_encodings.quality("gzip") > 0:
        response.set_data(gzip.compress(response.get_data(), 6))
        response.content_encoding = "gzip"
    return response


def _headline(found: Letter) -> str:
    return str(_("%(sender)s made you a video, %(name)s", sender=found.sender_first, name=found.person_first))


def _on_its_way(found: Letter) -> AnyResponse:
    """For the seconds between a text and its video; it looks again by itself, with or without a script."""
    title = _("%(name)s’s video is on its way", name=found.sender_first)
    response = _without(found, title, _("One moment. This page looks again by itself."))
    response.headers["Refresh"] = "3"
    return response


def _broken(found: Letter) -> AnyResponse:
    """For a video that could not be prepared. Nobody is left waiting: it says so, and whom to ask."""
    title = _("Something went wrong with %(name)s’s video", name=found.sender_first)
    return _without(found, title, _("It can’t be played. Text or call, and you will get it another way."))


def _without(found: Letter, title: str, hint: str) -> AnyResponse:
    """The letter without its video: who it is from, what is the matter, how to answer."""
    around = {"headline": _headline(found), "address": _settings().address, **current_app.extensions["watching"]}
    return Response(render_template("watching/without.html", letter=found, title=title, hint=hint, **around))


def _notice(title: str, hint: str, code: int) -> AnyResponse:
    response = Response(render_template("watching/notice.html", title=title, hint=hint), code)
    response.headers["Content-Security-Policy"] = NOTICE_POLICY
    return response


def _still(token: str, choose: Callable[[Session, Link], Rendition | None]) -> AnyResponse:
    with reading() as session:
        rendition = choose(session, gate.find(session, token))
    if rendition is None:
        raise gate.Gone
    return serving.picture(_storage(), rendition.key, rendition.content_type)


def _note_fetch(response: Response, found: Letter, page_id: str) -> None:
    """Write the visit after the page has gone out; a page is never held up, nor lost, for our bookkeeping."""
    app = cast("Flask", current_app._get_current_object())  # type: ignore[attr-defined]
    agent, length_s = request.user_agent.string, found.clip.length_s if found.clip else None

    @response.call_on_close
    def _note() -> None:
        try:
            with app.app_context(), writing() as session:
                visits.fetched(session, found.link_id, page_id, visits.is_robot(agent), length_s)
        except SQLAlchemyError as error:
            log.warning("visit_not_noted", link_id=found.link_id, error=type(error).__name__)


def _write(verb: Callable[[Session], None]) -> None:
    """Run the verb in a short transaction; once more where two reports of one page met at its first row."""
    try:
        with writing() as session:
            verb(session)
    except IntegrityError:
        with writing() as session:
            verb(session)
