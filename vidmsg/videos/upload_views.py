"""HTTP of uploads: tus 1.0.0 at /uploads/. Creating and renewing need a signed-in rep; everything after that goes by
the capability in the upload's own address, without a cookie."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from flask import Blueprint, Response, jsonify, request, url_for
from flask.typing import ResponseReturnValue
from flask_wtf.csrf import CSRFError

from vidmsg.database import reading, writing
from vidmsg.milestones import occasions
from vidmsg.people.models import Person
from vidmsg.storage import StorageError
from vidmsg.videos import closing, creating, finishing, receiving, renditions, tus
from vidmsg.videos.creating import Wish
from vidmsg.videos.models import COMPLETE, FILE, TAKE, Upload
from vidmsg.videos.tus import TusError
from vidmsg.web import access, policy

uploads = Blueprint("uploads", __name__, url_prefix="/uploads")

ONE = "/<upload_id>/<capability>"
SIGN_IN_AGAIN = "Sign in again, the take is safe here."


@uploads.route("/", methods=["OPTIONS"], endpoint="abilities", provide_automatic_options=False)
@uploads.route(ONE, methods=["OPTIONS"], endpoint="abilities", provide_automatic_options=False)
@policy.everybody
def abilities(**_address: str) -> ResponseReturnValue:
    """What this server can do."""
    return Response(status=204, headers=tus.abilities())


@uploads.post("/", provide_automatic_options=False)
@policy.rep
def create() -> ResponseReturnValue:
    """Begin an upload; the body may already hold its first bytes."""
    tus.check_version(request.headers)
    return begun(_wish())


def begun(wish: Wish) -> Response:
    """The upload that is wished for, there already or new; with the first bytes of the body, if there are any."""
    try:
        upload, capability = _created(wish)
    except sa.exc.IntegrityError:  # the same take from two tabs at once: now it is there
        upload, capability = _created(wish)
    headers = {"Location": address(upload, capability)}
    if request.content_length and request.mimetype == tus.BODY_TYPE:
        upload = receiving.receive(renditions.store(), upload.id, capability, _body(upload.offset, None))
        headers["Upload-Offset"] = str(upload.offset)
    elif upload.length == 0:
        _finish_empty(upload)
    answer = jsonify(upload=upload.id, video=upload.video_id)
    answer.headers.update({**headers, **tus.expiry(upload.expires_at)})
    answer.status_code = 201
    return answer


@uploads.route(ONE, methods=["HEAD", "PATCH", "DELETE", "POST"], provide_automatic_options=False)
@policy.capability
def upload(upload_id: str, capability: str) -> ResponseReturnValue:
    """One upload: how far it is (HEAD), more of it (PATCH), away with it (DELETE)."""
    tus.check_version(request.headers)
    method = request.headers.get("X-HTTP-Method-Override", request.method).upper()
    if method == "HEAD":
        return _head(upload_id, capability)
    if method == "PATCH":
        return _patch(upload_id, capability)
    if method == "DELETE":
        closing.terminate(renditions.store(), upload_id, capability)
        return Response(status=204)
    raise TusError(405, "An upload answers HEAD, PATCH and DELETE.")


upload.cookieless = True  # type: ignore[attr-defined]


@uploads.post("/<upload_id>/renew")
@policy.rep
def renew(upload_id: str) -> ResponseReturnValue:
    """A fresh address for one's own upload, after signing in again."""
    with writing() as session:
        upload = session.get(Upload, upload_id)
        if upload is None or upload.user_id != access.me().id:
            raise TusError(404, "This upload is not here any more. Begin a new one.")
        capability = creating.renew(upload)
    return jsonify(location=address(upload, capability))


@uploads.errorhandler(TusError)
def refused(error: TusError) -> ResponseReturnValue:
    """Why an upload can't go on, for a program."""
    answer = jsonify(error=f"tus_{error.status}", message=error.message)
    if error.status == 412:
        answer.headers["Tus-Version"] = tus.VERSION
    return answer, error.status


@uploads.errorhandler(CSRFError)
def _signed_out(_error: CSRFError) -> ResponseReturnValue:
    return jsonify(error="signed_out", message=SIGN_IN_AGAIN), 403


@uploads.errorhandler(StorageError)
def _storage(error: StorageError) -> ResponseReturnValue:
    return jsonify(error="storage", message=str(error)), 503


@uploads.after_request
def _headers(response: Response) -> Response:
    response.headers["Tus-Resumable"] = tus.VERSION
    response.headers["Cache-Control"] = "no-store"
    return response


def _created(wish: Wish) -> tuple[Upload, str]:
    with writing() as session:
        return creating.create(session, wish)


def _wish() -> Wish:
    user, values = access.me(), tus.metadata(request.headers)
    person = _person(values.get("person", ""))
    team_id = person.team_id if person else user.team_id
    if team_id is None:
        raise TusError(400, "Say who this video is for: begin on that person's page.")
    return described(
        organisation_id=user.organisation_id,
        team_id=team_id,
        user_id=user.id,
        person_id=person.id if person else None,
        occurrence_id=_occurrence(person, values.get("occurrence", "")),
    )


def described(**whose: Any) -> Wish:
    """What the request's headers say of the bytes that shall come; `whose` they are the caller knows."""
    values = tus.metadata(request.headers)
    kind, length = values.get("kind") or FILE, tus.declared_length(request.headers)
    if kind not in {TAKE, FILE}:
        raise TusError(400, "An upload is of kind take or file.")
    if kind == FILE and (length or 0) > tus.MAX_FILE_BYTES:
        raise TusError(413, receiving.TOO_LARGE)
    client_id = values.get("take") or None
    if client_id and len(client_id) > 64:
        raise TusError(400, "The id of a take has at most 64 characters.")
    return Wish(
        kind=kind,
        length=length,
        content_type=values.get("filetype", ""),
        client_id=client_id,
        client_metadata=request.headers.get("Upload-Metadata", ""),
        **whose,
    )


def _person(given: str) -> Person | None:
    if not given:
        return None
    if not (given.isascii() and given.isdigit() and len(given) < 19):
        raise TusError(400, "The person of an upload is given by number.")
    with reading() as session:
        seen = sa.select(Person).where(Person.id == int(given), access.visible(Person))
        person = session.execute(seen).scalar_one_or_none()
    if person is None:
        raise TusError(404, "This person is not here. The address may be old, or it belongs to another team.")
    return person


def _occurrence(person: Person | None, given: str) -> int | None:
    """Her day that this is for. One that is gone, or was never hers, is left out: no take is refused for that."""
    if person is None:
        return None
    with reading() as session:
        found = occasions.find(session, person, given)
    return found.id if found else None


def _finish_empty(upload: Upload) -> None:
    """An upload of no bytes is complete when it begins."""
    with writing() as session:
        woken = finishing.finish(session, upload.id, COMPLETE)
    finishing.wake(woken)


def address(upload: Upload, capability: str) -> str:
    """Where this upload is sent to."""
    return url_for("uploads.upload", upload_id=upload.id, capability=capability)


def _head(upload_id: str, capability: str) -> Response:
    with reading() as session:
        upload = receiving.find(session, upload_id, capability)
    headers = {**tus.position(upload.offset, upload.length), **tus.expiry(upload.expires_at)}
    if upload.client_metadata:
        headers["Upload-Metadata"] = upload.client_metadata
    return Response(status=200, headers=headers)


def _patch(upload_id: str, capability: str) -> Response:
    tus.check_body_type(request.content_type)
    offset = tus.number(request.headers, "Upload-Offset")
    if offset is None:
        raise TusError(400, "A piece of an upload needs the header Upload-Offset.")
    body = _body(offset, tus.number(request.headers, "Upload-Length"))
    upload = receiving.receive(renditions.store(), upload_id, capability, body)
    return Response(status=204, headers={"Upload-Offset": str(upload.offset), **tus.expiry(upload.expires_at)})


def _body(offset: int, length: int | None) -> receiving.Body:
    announced = request.content_length
    if announced is None and not request.environ.get("wsgi.input_terminated"):
        announced = 0  # neither a length nor chunks: there is no body
    return receiving.Body(
        offset=offset,
        length=length,
        checksum=tus.checksum(request.headers),
        stream=request.stream,
        announced=announced,
    )
