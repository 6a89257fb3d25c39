"""The camera behind a link in a text to a rep, below /r/<token>: one day, without signing in. No cookie, no CSRF token;
the link is the whole authorisation, and it shows and takes nothing but what belongs to that day. It says the same of a
link that ended and of one that never was."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from flask import Blueprint, abort, current_app, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_limiter.util import get_remote_address
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response as AnyResponse

from vidmsg.asking import admitting, placing
from vidmsg.asking.models import RecordLink
from vidmsg.database import reading, writing
from vidmsg.jobs import jobs
from vidmsg.milestones import occasions
from vidmsg.storage import StorageError
from vidmsg.videos import choosing, creating, recorder, renditions, telling, tus, upload_views
from vidmsg.videos.choosing import NotNow
from vidmsg.videos.models import POSTER, PREVIEW, QUICK, STANDARD, Rendition, Upload, Video
from vidmsg.videos.tus import TusError
from vidmsg.watching import visits
from vidmsg.web import errors, origin, policy, polling
from vidmsg.web.limits import guesses, limiter

asked = Blueprint("asked", __name__, url_prefix="/r")

ENDED_HERE = "This link has ended. Sign in to vidmsg on this device, and the take goes up."


def _caller() -> str:
    return f"{get_remote_address()} {(request.view_args or {}).get('token', '')}"


@asked.before_request
def _ours() -> None:
    """What changes something must come from a page of ours."""
    if request.method not in {"GET", "HEAD"} and not origin.is_ours(request, current_app.config["SETTINGS"].address):
        abort(400)


@asked.get("/<token>")
@limiter.limit("60/minute", key_func=_caller)
@guesses
@policy.capability
def page(token: str) -> ResponseReturnValue:
    """The camera, with what is known of the person; for a take that was kept and is not all up, the page that goes on
    with it. A robot that looks for a preview sees neither."""
    with reading() as session:
        link = admitting.find(session, token)
        if visits.is_robot(request.user_agent.string):
            return render_template("asking/asked_preview.html")
        if admitting.kept_by(link) is not None:
            return _kept(session, link, token)
        occurrence, person = link.occurrence, link.occurrence.person
        return render_template(
            "videos/recorder.html",
            person=person,
            cues=recorder.cues(session, person),
            occasion=occasions.spoken(occurrence),
            back_url=None,
            recorder={**recorder.LENGTHS, **_config(link, token), "csrf": ""},
            organisation=link.user.organisation,
        )


@asked.get("/<token>/kept")
@limiter.limit("60/minute", key_func=_caller)
@guesses
@policy.capability
def kept(token: str) -> ResponseReturnValue:
    """What became of the take; and what is still on this device goes up from here."""
    with reading() as session:
        return _kept(session, admitting.find_kept(session, token), token)


@asked.post("/<token>/uploads")
@policy.capability
def create(token: str) -> ResponseReturnValue:
    """Begin an upload for this day, whatever the caller says it is for."""
    with reading() as session:
        link = admitting.find(session, token)
        tus.check_version(request.headers)
        day = link.occurrence
        wish = upload_views.described(
            organisation_id=day.organisation_id,
            team_id=day.team_id,
            user_id=link.user_id,
            person_id=day.person_id,
            occurrence_id=day.id,
        )
        earlier = link.upload if admitting.kept_by(link) else None
        if earlier is not None and not (wish.client_id or "").startswith(earlier.client_id):
            raise admitting.Ended  # this link is for the rest of that take only
    answer = upload_views.begun(wish)
    if earlier is None:
        made = answer.get_json()["upload"]
        with writing() as session:
            session.execute(sa.update(RecordLink).where(RecordLink.id == link.id).values(upload_id=made))
    return answer


@asked.post("/<token>/uploads/<upload_id>/renew")
@policy.capability
def renew(token: str, upload_id: str) -> ResponseReturnValue:
    """A fresh address for an upload for this day."""
    with writing() as session:
        link, upload = admitting.find(session, token), session.get(Upload, upload_id)
        if upload is None or (upload.user_id, upload.occurrence_id) != (link.user_id, link.occurrence_id):
            raise admitting.Ended
        capability = creating.renew(upload)
    return jsonify(location=upload_views.address(upload, capability))


@asked.post("/<token>/videos/<video_id>/keep")
@policy.capability
def keep(token: str, video_id: str) -> ResponseReturnValue:
    """Keep the take. Once more, when the answer was lost, is fine."""
    with writing() as session:
        if not _is_kept(session, token, video_id):
            link = admitting.find(session, token)
            placing.keep(session, link, admitting.own_upload(session, link, video_id))
    jobs().wake("sms")
    return jsonify(next=url_for("asked.kept", token=token))


@asked.post("/<token>/videos/<video_id>/discard")
@policy.capability
def discard(token: str, video_id: str) -> ResponseReturnValue:
    """Let a take for this day go."""
    with writing() as session:
        link = _living_or_kept(session, token)
        choosing.discard(session, admitting.own_upload(session, link, video_id).video_id)
    return "", 204


@asked.get("/<token>/videos/<video_id>/state")
@policy.capability
def state(token: str, video_id: str) -> ResponseReturnValue:
    """What became of a take for this day so far."""

    def where(video: Video, rendition: Rendition) -> str:
        return url_for("asked.play", token=token, video_id=video.id, kind=rendition.kind)

    with reading() as session:
        upload = admitting.own_upload(session, admitting.find(session, token), video_id)
        return polling.answer(telling.state(session, upload.video, upload, where))


@asked.get("/<token>/videos/<video_id>/play/<kind>")
@policy.capability
def play(token: str, video_id: str, kind: str) -> ResponseReturnValue:
    """To the bytes of a take for this day, for looking at it."""
    with reading() as session:
        upload = admitting.own_upload(session, admitting.find(session, token), video_id)
        if kind not in {QUICK, STANDARD, POSTER, PREVIEW}:
            raise admitting.Ended
        found = renditions.find(session, upload.video_id, kind)
        if found is None and kind in {QUICK, STANDARD}:
            found = renditions.playable(session, upload.video)
        if found is None:
            raise admitting.Ended
        return redirect(renditions.address(found))


_changing: tuple[Any, ...] = (create, renew, keep, discard)
for _view in _changing:
    _view.cookieless = True


@asked.errorhandler(admitting.Ended)
def ended(_error: admitting.Ended) -> ResponseReturnValue:
    """One answer for whatever is not here, or not any more."""
    if errors.wants_json() or request.method == "POST":
        return jsonify(error="ended", message=_(ENDED_HERE)), 404
    return render_template("asking/asked_ended.html"), 404


@asked.errorhandler(NotNow)
def _not_now(error: NotNow) -> ResponseReturnValue:
    return jsonify(error="not_now", message=_(str(error))), 409


@asked.errorhandler(StorageError)
def _storage(error: StorageError) -> ResponseReturnValue:
    return jsonify(error="storage", message=str(error)), 503


asked.register_error_handler(TusError, upload_views.refused)


@asked.after_request
def _private(response: AnyResponse) -> AnyResponse:
    response.headers["Referrer-Policy"] = "no-referrer"
    response.headers["X-Robots-Tag"] = "noindex"
    response.headers["Cache-Control"] = "no-store"
    response.headers["Tus-Resumable"] = tus.VERSION
    return response


def _kept(session: Session, link: RecordLink, token: str) -> str:
    video = admitting.kept_by(link)
    if video is None:
        raise admitting.Ended
    return render_template(
        "asking/asked_kept.html",
        sentence=placing.sentence(session, link, video),
        person=link.occurrence.person,
        config=_config(link, token),
        organisation=link.user.organisation,
    )


def _config(link: RecordLink, token: str) -> dict[str, Any]:
    """Where this page's script finds everything: below the link itself."""
    base = url_for("asked.page", token=token)
    return {
        "createUrl": url_for("asked.create", token=token),
        "personId": link.occurrence.person_id,
        "occurrenceId": link.occurrence_id,
        "userId": link.user_id,
        "keepUrl": f"{base}/videos/{{video}}/keep",
        "discardUrl": f"{base}/videos/{{video}}/discard",
        "stateUrl": f"{base}/videos/{{video}}/state",
        "renewUrl": f"{base}/uploads/{{upload}}/renew",
        "alone": True,
    }


def _is_kept(session: Session, token: str, video_id: str) -> bool:
    try:
        video = admitting.kept_by(admitting.find_kept(session, token))
    except admitting.Ended:
        return False
    return video is not None and video.id == video_id


def _living_or_kept(session: Session, token: str) -> RecordLink:
    """Other takes may be let go right after one was kept, when the link has just ended."""
    try:
        return admitting.find(session, token)
    except admitting.Ended:
        return admitting.find_kept(session, token)
