"""Which keys, content types and download names storage takes. Keys are made by the application, never from a
visitor's file name; the pattern is the second lock on that door."""

from __future__ import annotations

import re
from datetime import timedelta
from urllib.parse import quote

from vidmsg.storage.port import LONGEST_LIFE, BadKey

_LONGEST = 200
# Never a leading dot (our own temporary files) nor a trailing one (Windows drops it).
_SEGMENT = r"[A-Za-z0-9_-](?:[A-Za-z0-9._-]{0,98}[A-Za-z0-9_-])?"
_KEY = re.compile(rf"{_SEGMENT}(?:/{_SEGMENT})*")
_PREFIX = re.compile(rf"(?:{_SEGMENT}/)*(?:[A-Za-z0-9_-][A-Za-z0-9._-]{{0,99}})?")
_CONTENT_TYPE = re.compile(r"[a-z0-9.+-]+/[a-z0-9.+-]+(?:; ?[A-Za-z0-9=,._\"+ -]+)*", re.IGNORECASE)


def is_key(key: str) -> bool:
    """Whether this is a key: segments of A-Z a-z 0-9 . _ - joined by slashes, at most 200 characters."""
    return len(key) <= _LONGEST and _KEY.fullmatch(key) is not None


def check_key(key: str) -> str:
    """The same key; raises BadKey for anything else than a plain relative key."""
    if not is_key(key):
        raise BadKey(f"Storage does not take the key {key[:60]!r}. Keys are made of letters, digits, . _ - and /.")
    return key


def check_prefix(prefix: str) -> str:
    """The same prefix; raises BadKey when no key could begin with it. Empty means every key."""
    if len(prefix) > _LONGEST or _PREFIX.fullmatch(prefix) is None:
        raise BadKey(f"Storage does not take the prefix {prefix[:60]!r}. It is the beginning of a key.")
    return prefix


def check_content_type(content_type: str) -> str:
    """The same content type; raises BadKey for what does not fit a header."""
    if len(content_type) > 100 or _CONTENT_TYPE.fullmatch(content_type) is None:
        raise BadKey(f"Storage does not take the content type {content_type[:60]!r}. Use one such as video/mp4.")
    return content_type


def check_life(ttl: timedelta) -> int:
    """Whole seconds of a link's life; raises ValueError unless it is between a second and 7 days."""
    if not timedelta(seconds=1) <= ttl <= LONGEST_LIFE:
        raise ValueError("a link lives between one second and seven days")
    return int(ttl.total_seconds())


def attachment(name: str) -> str:
    """The Content-Disposition that saves a file under `name` in any script (RFC 6266, RFC 8187)."""
    plain = re.sub(r"[^A-Za-z0-9 ._-]", "_", name)
    return f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"
