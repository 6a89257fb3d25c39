"""The two ways to put the simulator where Twilio's own address would be: a WSGI application called in this very
thread, or a process of its own at another address. The SDK above notices neither. Knows nothing of texts."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import requests
from requests.adapters import BaseAdapter, HTTPAdapter
from requests.structures import CaseInsensitiveDict
from werkzeug.test import EnvironBuilder, run_wsgi_app

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication


class InProcess(BaseAdapter):
    """Answers every request by calling a WSGI application: no socket, so no deadlock with a single worker."""

    def __init__(self, application: WSGIApplication) -> None:
        super().__init__()
        self._application = application

    def send(self, request: requests.PreparedRequest, *_args: Any, **_more: Any) -> requests.Response:
        """The application's answer, as if it had come over the network."""
        parts = urlsplit(request.url or "")
        body = request.body or b""
        builder = EnvironBuilder(
            path=parts.path,
            query_string=parts.query,
            base_url=f"{parts.scheme}://{parts.netloc}/",
            method=request.method or "GET",
            headers=list(request.headers.items()),
            data=body.encode() if isinstance(body, str) else body,
        )
        chunks, status, headers = run_wsgi_app(self._application, builder.get_environ(), buffered=True)
        response = requests.Response()
        response.status_code = int(status.split(" ", 1)[0])
        response.headers = CaseInsensitiveDict(headers.items())
        response.encoding = "utf-8"
        response.raw = io.BytesIO(b"".join(chunks))
        response.url = request.url or ""
        response.request = request
        return response

    def close(self) -> None:
        """Nothing is open."""


class Elsewhere(HTTPAdapter):
    """Sends what was meant for Twilio to another address, over a real socket, past any proxy."""

    def __init__(self, address: str) -> None:
        super().__init__()
        self._address = address.rstrip("/")

    def send(self, request: requests.PreparedRequest, *args: Any, **more: Any) -> requests.Response:
        """The answer of the other address."""
        parts = urlsplit(request.url or "")
        request.url = f"{self._address}{parts.path}" + (f"?{parts.query}" if parts.query else "")
        return super().send(request, *args, **{**more, "proxies": {}})
