"""Gives out the files behind a link on the page's own addresses, which never expire by themselves. From a folder
they are served here, byte ranges and all; from a bucket a video is a redirect to a freshly signed address at every
request, and pictures, which chats fetch without patience for redirects, pass through."""

from __future__ import annotations

import datetime as dt
import hashlib

from flask import Response, redirect, request
from werkzeug.wrappers import Response as AnyResponse

from vidmsg.storage import NotFound, Storage
from vidmsg.storage.directory import Directory
from vidmsg.watching.gate import Gone
from vidmsg.web.ranges import file_response

SIGNED_LIFE = dt.timedelta(hours=6)
PICTURE_CACHE = "private, max-age=300"  # short: behind a stable address, and a link may be revoked


def video(storage: Storage, key: str, content_type: str) -> AnyResponse:
    """The video or the asked-for part of it. A player asks again here once a signed address has run out."""
    if isinstance(storage, Directory):
        return _file(storage, key, content_type, "private, no-cache")
    response = redirect(storage.url(key, SIGNED_LIFE, content_type), 302)
    response.headers["Cache-Control"] = "no-store"
    return response


def life_s(storage: Storage) -> int:
    """Seconds for which a player may stick to the address that it was sent on to; 0: for ever."""
    return 0 if isinstance(storage, Directory) else int(SIGNED_LIFE.total_seconds())


def picture(storage: Storage, key: str, content_type: str) -> AnyResponse:
    """A still, a few hundred kB at most."""
    if isinstance(storage, Directory):
        return _file(storage, key, content_type, PICTURE_CACHE)
    try:
        response = Response(storage.get_bytes(key), content_type=content_type)
    except NotFound:
        raise Gone from None
    response.set_etag(_etag(key))
    response.headers["Cache-Control"] = PICTURE_CACHE
    return response.make_conditional(request)


def _file(storage: Directory, key: str, content_type: str, cache: str) -> AnyResponse:
    try:
        return file_response(storage.path(key), request.environ, content_type, _etag(key), cache)
    except FileNotFoundError:
        raise Gone from None


def _etag(key: str) -> str:
    return hashlib.sha256(key.encode()).hexdigest()[:32]  # a key's bytes never change
