"""One address that says "vidmsg" and nothing else: for `check`, proxies and monitors."""

from __future__ import annotations

from flask import Blueprint, Response

from vidmsg.web import policy

blueprint = Blueprint("health", __name__)


@blueprint.get("/health")
@policy.everybody
def show() -> Response:
    """Alive."""
    return Response("vidmsg", mimetype="text/plain")
