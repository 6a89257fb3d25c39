"""The HTTP side of Directory storage: gives objects out by signed link and takes them in by ticket. The link
is the whole authorisation, as with a presigned address of S3, so there is no session here. Without
routes where a bucket keeps the objects."""

from __future__ import annotations

import hashlib
from http import HTTPStatus

from flask import Blueprint, Response, request
from werkzeug.wrappers import Response as AnyResponse

from vidmsg.storage.directory import Directory
from vidmsg.storage.links import LinkRefused, Writing
from vidmsg.storage.port import CACHE_CONTROL, KeyExists, NotFound, Storage, StorageError
from vidmsg.web import policy
from vidmsg.web.ranges import file_response


def media_blueprint(storage: Storage) -> Blueprint:
    """GET, HEAD and PUT below the storage's base path; nothing where a bucket answers for itself."""
    media = Blueprint("media", __name__)
    if isinstance(storage, Directory):
        media.url_prefix = storage.base_path
        _routes(media, storage)
    return media


def _routes(media: Blueprint, storage: Directory) -> None:

    @media.get("/<token>")
    @policy.capability
    def give(token: str) -> AnyResponse:
        grant = storage.links.reading(token)
        etag = hashlib.sha256(grant.key.encode()).hexdigest()[:32]  # a key's bytes never change
        try:
            path = storage.path(grant.key)
            return file_response(path, request.environ, grant.content_type, etag, CACHE_CONTROL, grant.disposition)
        except FileNotFoundError:
            raise NotFound("This video is no longer kept.") from None

    @media.put("/<token>")
    @policy.capability
    def take(token: str) -> AnyResponse:
        grant = storage.links.writing(token)
        if not _as_agreed(grant):
            return _sentence(HTTPStatus.FORBIDDEN, "This upload is not of the type and size that was agreed.")
        # Agreed with the ticket, so the general limit is not asked; one more, because Werkzeug refuses a body
        # that only reaches its limit.
        request.max_content_length = grant.size + 1
        storage.receive(request.stream, grant.key, grant.size)
        return _sentence(HTTPStatus.OK, "")

    take.cookieless = True  # type: ignore[attr-defined]  # csrf.py reads it

    @media.errorhandler(StorageError)
    def refuse(error: StorageError) -> AnyResponse:
        return _sentence(_status(error), str(error))


def _as_agreed(grant: Writing) -> bool:
    return request.headers.get("Content-Type") == grant.content_type and request.content_length == grant.size


def _status(error: StorageError) -> HTTPStatus:
    if isinstance(error, LinkRefused):
        return HTTPStatus.FORBIDDEN
    if isinstance(error, NotFound):
        return HTTPStatus.NOT_FOUND
    if isinstance(error, KeyExists):
        return HTTPStatus.PRECONDITION_FAILED
    return HTTPStatus.SERVICE_UNAVAILABLE


def _sentence(status: HTTPStatus, text: str) -> Response:
    response = Response(text, status, mimetype="text/plain")
    response.headers["Cache-Control"] = "no-store"
    response.headers["X-Content-Type-Options"] = "nosniff"
    return response
