"""Pages and answers about videos: the recorder, the takes that wait for a choice, what became of one, keeping it and
letting it go. Only its owner decides about a video; her team may see it."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from flask import Blueprint, Response, abort, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_wtf.csrf import CSRFError, generate_csrf

from vidmsg.database import db, writing
from vidmsg.milestones import occasions
from vidmsg.milestones.models import Occurrence
from vidmsg.people.models import Person
from vidmsg.videos import choosing, finishing, library, recorder, renditions, telling
from vidmsg.videos.choosing import NotNow
from vidmsg.videos.models import POSTER, PREVIEW, QUICK, STANDARD, Rendition, Upload, Video
from vidmsg.web import access, errors, policy, polling

videos = Blueprint("videos", __name__)


@videos.get("/record/<int:person_id>")
@policy.rep
def record(person_id: int) -> ResponseReturnValue:
    """The camera, with what is known about the person under the lens; for a day of hers with `?occurrence=`."""
    person = access.get_or_404(Person, person_id)
    occurrence = _occurrence(person)
    return render_template(
        "videos/recorder.html",
        person=person,
        cues=recorder.cues(db.session, person),
        occasion=occasions.spoken(occurrence) if occurrence else None,
        back_url=_back(person, occurrence),
        recorder=_recorder(person, occurrence),
    )


@videos.get("/takes")
@policy.rep
def takes() -> ResponseReturnValue:
    """What she recorded and has not decided about, and what she kept and has not sent."""
    user = access.me()
    waiting, unsent = choosing.waiting(db.session, user.id), choosing.unsent(db.session, user.id)
    people = _people({video.person_id for video, _upload in [*waiting, *unsent]})
    return render_template(
        "videos/takes.html",
        waiting=waiting,
        unsent=unsent,
        people=people,
        posters=_posters(waiting, unsent),
        triable=choosing.triable(db.session, [video.id for video, _upload in [*waiting, *unsent]]),
        problems=telling.problems,
    )


@videos.get("/videos/<video_id>/state")
@policy.rep
def state(video_id: str) -> Response:
    """What became of it so far, for short polling."""
    video = access.get_or_404(Video, video_id)
    upload = db.session.execute(sa.select(Upload).where(Upload.video_id == video.id)).scalars().first()
    return polling.answer(telling.state(db.session, video, upload))


@videos.get("/videos/<video_id>/play/<kind>")
@policy.rep
def play(video_id: str, kind: str) -> ResponseReturnValue:
    """To the bytes of the newest rendition of a kind; `best` is what a customer would get."""
    video = access.get_or_404(Video, video_id)
    if kind not in {"best", QUICK, STANDARD, POSTER, PREVIEW}:
        abort(404)
    found = renditions.playable(db.session, video) if kind == "best" else renditions.find(db.session, video.id, kind)
    if found is None and kind in {QUICK, STANDARD}:
        found = renditions.playable(db.session, video)  # a page from before still names the one it replaced
    if found is None:
        abort(404)
    answer = redirect(renditions.address(found))
    answer.headers["Cache-Control"] = "private, no-store"
    return answer


@videos.post("/videos/<video_id>/keep")
@policy.rep
def keep(video_id: str) -> ResponseReturnValue:
    """Keep it, and go on to its text."""
    video = _own(video_id)
    with writing() as session:
        choosing.choose(session, video.id)
    following = _write_page(video)
    return redirect(following) if _from_page() else jsonify(next=following)


@videos.post("/videos/<video_id>/discard")
@policy.rep
def discard(video_id: str) -> ResponseReturnValue:
    """Let it go."""
    video = _own(video_id)
    with writing() as session:
        choosing.discard(session, video.id)
    return redirect(url_for("videos.takes")) if _from_page() else ("", 204)


@videos.post("/videos/<video_id>/again")
@policy.rep
def again(video_id: str) -> ResponseReturnValue:
    """Prepare it once more, after it failed."""
    video = _own(video_id)
    with writing() as session:
        woken = choosing.try_again(session, video.id)
    finishing.wake(woken)
    return redirect(url_for("videos.takes")) if _from_page() else ("", 204)


@videos.post("/videos/<video_id>/library")
@policy.rep
def put_in_library(video_id: str) -> ResponseReturnValue:
    """It speaks to anybody, and may go where no other came in time."""
    video = _own(video_id)
    with writing() as session:
        library.put_in(session, session.get_one(Video, video.id))
    return redirect(url_for("videos.takes"))


@videos.errorhandler(NotNow)
def _not_now(error: NotNow) -> ResponseReturnValue:
    return jsonify(error="not_now", message=_(str(error))), 409


@videos.errorhandler(CSRFError)
def _expired(error: CSRFError) -> ResponseReturnValue:
    """The recorder takes 403 as a sign to fetch a fresh token; a person gets the usual page."""
    if _from_page():
        return errors.expired(error)
    return jsonify(error="signed_out", message=_("Sign in again, the take is safe here.")), 403


def _from_page() -> bool:
    return "text/html" in request.headers.get("Accept", "")


def _own(video_id: str) -> Video:
    video = access.get_or_404(Video, video_id)
    if video.owner_id != access.me().id:
        abort(404)
    return video


def _write_page(video: Video) -> str:
    if video.person_id is None:
        return url_for("videos.takes")
    occurrence = db.session.scalars(sa.select(Upload.occurrence_id).where(Upload.video_id == video.id)).first()
    return url_for("messages.write", person_id=video.person_id, video=video.id, occurrence=occurrence)


def _occurrence(person: Person) -> Occurrence | None:
    """The day of hers that the address names, if it names one; else 404."""
    given = request.args.get("occurrence", "")
    found = occasions.find(db.session, person, given) if given else None
    if given and found is None:
        abort(404)
    return found


def _back(person: Person, occurrence: Occurrence | None) -> str:
    if occurrence is None:
        return url_for("people.show", person_id=person.id)
    return url_for("calendar.occurrence", occurrence_id=occurrence.id)


def _recorder(person: Person, occurrence: Occurrence | None) -> dict[str, Any]:
    return {
        "createUrl": url_for("uploads.create"),
        "csrf": generate_csrf(),
        "personId": person.id,
        "occurrenceId": occurrence.id if occurrence else None,
        "userId": access.me().id,
        **recorder.LENGTHS,
        "keepUrl": "/videos/{video}/keep",
        "discardUrl": "/videos/{video}/discard",
        "stateUrl": "/videos/{video}/state",
        "renewUrl": "/uploads/{upload}/renew",
    }


def _people(ids: set[int | None]) -> dict[int, Person]:
    found = sa.select(Person).where(Person.id.in_([one for one in ids if one]), access.visible(Person))
    return {person.id: person for person in db.session.execute(found).scalars()}


def _posters(*lists: Any) -> set[str]:
    """The videos among these that have a poster."""
    ids = [video.id for rows in lists for video, _upload in rows]
    shown = sa.select(Rendition.video_id).where(Rendition.video_id.in_(ids), Rendition.kind == POSTER)
    return set(db.session.execute(shown).scalars())
