"""Answers a GET or HEAD with a file or a part of it (RFC 9110, sections 13 and 14), in a way that frees the
server's thread: the open file itself is the answer, through `wsgi.file_wrapper`, never Python code that
waits for a slow phone. Werkzeug's send_file stalls waitress on ranges, which is why it is not used here.
Knows no storage and no feature."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from http import HTTPStatus
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from werkzeug.http import parse_etags, parse_if_range_header, parse_range_header, quote_etag
from werkzeug.wrappers import Response

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment

_BLOCK = 64 * 1024


def file_response(
    path: Path,
    environ: WSGIEnvironment,
    content_type: str,
    etag: str,
    cache_control: str,
    disposition: str | None = None,
) -> Response:
    """200, 206, 304 or 416 for the file. `etag` comes unquoted and must change with the bytes. Raises
    FileNotFoundError. The server closes the file."""
    file = path.open("rb", buffering=0)
    size = file.seek(0, 2)
    response = Response(direct_passthrough=True)
    response.headers["Content-Type"] = content_type
    response.headers["Accept-Ranges"] = "bytes"
    response.headers["Cache-Control"] = cache_control
    response.headers["ETag"] = quote_etag(etag)
    response.headers["X-Content-Type-Options"] = "nosniff"
    if disposition is not None:
        response.headers["Content-Disposition"] = disposition
    start, stop = _choose(response, environ, etag, size)
    if environ["REQUEST_METHOD"] == "HEAD" or stop == start:
        file.close()
        return response
    file.seek(start)
    response.response = _body(environ, file, stop - start)
    return response


def _choose(response: Response, environ: WSGIEnvironment, etag: str, size: int) -> tuple[int, int]:
    """Set status and lengths; returns which bytes to send, the end excluded."""
    if parse_etags(environ.get("HTTP_IF_NONE_MATCH")).contains_weak(etag):
        response.status_code = HTTPStatus.NOT_MODIFIED
        del response.headers["Content-Type"]
        return 0, 0
    wanted = _wanted(environ, etag)
    if wanted is None:
        response.content_length = size
        return 0, size
    start, end = wanted
    first = max(0, size + start) if start < 0 else start
    stop = size if end is None else min(end, size)
    if first >= stop:
        response.status_code = HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE
        response.headers["Content-Range"] = f"bytes */{size}"
        response.content_length = 0
        return 0, 0
    response.status_code = HTTPStatus.PARTIAL_CONTENT
    response.headers["Content-Range"] = f"bytes {first}-{stop - 1}/{size}"
    response.content_length = stop - first
    return first, stop


def _wanted(environ: WSGIEnvironment, etag: str) -> tuple[int, int | None] | None:
    """The one range that is asked for: first byte (negative: from the end) and end (excluded; None: last).
    None means the whole file: no range, several, a spelling we don't know, or an If-Range of other bytes."""
    if environ["REQUEST_METHOD"] != "GET":
        return None  # RFC 9110, 14.2: a range is defined for GET only
    ranges = parse_range_header(environ.get("HTTP_RANGE"))
    if ranges is None or ranges.units != "bytes" or len(ranges.ranges) != 1:
        return None
    condition = environ.get("HTTP_IF_RANGE")
    if condition and parse_if_range_header(condition).etag != etag:
        return None
    return ranges.ranges[0]


def _body(environ: WSGIEnvironment, file: BinaryIO, length: int) -> Iterable[bytes]:
    wrapper = environ.get("wsgi.file_wrapper")
    if wrapper is not None:
        return wrapper(file, _BLOCK)  # type: ignore[no-any-return]  # sends from here on, Content-Length bytes
    return _slices(file, length)


def _slices(file: BinaryIO, length: int) -> Iterator[bytes]:
    """For servers without a file wrapper."""
    with file:
        while length > 0 and (block := file.read(min(_BLOCK, length))):
            length -= len(block)
            yield block
