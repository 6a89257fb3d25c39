"""Short conditional polling: a JSON answer with an ETag, 304 while nothing changed."""

from __future__ import annotations

import hashlib
import json
from typing import Any

from flask import Response, request


def answer(state: Any) -> Response:
    """`state` as JSON with an ETag; 304 when the caller already has it."""
    body = json.dumps(state, sort_keys=True, default=str)
    response = Response(body, mimetype="application/json")
    response.set_etag(hashlib.sha256(body.encode()).hexdigest()[:32])
    response.headers["Cache-Control"] = "private, no-cache"
    response.make_conditional(request)
    return response
