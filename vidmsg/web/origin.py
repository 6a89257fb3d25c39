"""Whether a request was made by a page of ours, for pages that work without a cookie: no token can be forged there, yet
nobody else's page may fill them in. It may not know what such a page is for."""

from __future__ import annotations

from urllib.parse import urlsplit

from flask import Request


def is_ours(request: Request, address: str) -> bool:
    """Whether the request was made by a page on our own origin. A page that tells no referrer posts its forms with
    the origin "null"; there the browser's own word on where they come from decides, where it gives one."""
    origin = request.headers.get("Origin", "null")
    if origin != "null":
        return origin in {_origin(address), _origin(request.host_url)}
    return request.headers.get("Sec-Fetch-Site", "same-origin") == "same-origin"


def _origin(address: str) -> str:
    parts = urlsplit(address)
    return f"{parts.scheme}://{parts.netloc}"
