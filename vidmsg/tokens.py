"""Random tokens and signed, expiring strings. A token is 128 bits from the system's own generator (ASVS 11.5.1) in
22 URL-safe characters; a secret handed to a client is kept as its SHA-256 only. Knows nothing of what they open."""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets


def new_token() -> str:
    """A fresh 128-bit token, 22 URL-safe characters."""
    return base64.urlsafe_b64encode(secrets.token_bytes(16)).rstrip(b"=").decode("ascii")


def digest(secret: str) -> str:
    """What is stored of a capability: its SHA-256, in hex. The secret itself has 128 bits, so no salt is needed."""
    return hashlib.sha256(secret.encode("utf-8")).hexdigest()


def matches(secret: str, stored_digest: str) -> bool:
    """Whether `secret` is the one whose digest was stored; takes the same time either way."""
    return hmac.compare_digest(digest(secret), stored_digest)
