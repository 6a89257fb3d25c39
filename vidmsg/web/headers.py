"""Headers of every answer: a strict content policy with a nonce, no framing, no sniffing, no referrer where a secret
stands in the address, camera and microphone on the recorder only (ASVS 5.0, 3.4)."""

from __future__ import annotations

import secrets

from flask import Flask, Response, g, request

CAMERA_ENDPOINTS: set[str] = set()


def csp_nonce() -> str:
    """This request's nonce; scripts and styles in the page carry it."""
    if "csp_nonce" not in g:
        g.csp_nonce = secrets.token_urlsafe(16)
    nonce: str = g.csp_nonce
    return nonce


def allow_camera(endpoint: str) -> None:
    """Let the page behind this endpoint ask for camera and microphone."""
    CAMERA_ENDPOINTS.add(endpoint)


def init_app(app: Flask, media_origins: tuple[str, ...]) -> None:
    """Send the headers with every answer. `media_origins` are where storage serves videos and pictures from."""
    app.jinja_env.globals["csp_nonce"] = csp_nonce
    origins = " ".join(media_origins)

    @app.after_request
    def _headers(response: Response) -> Response:
        headers = response.headers
        headers.setdefault("Content-Security-Policy", _policy(origins))
        headers.setdefault("X-Content-Type-Options", "nosniff")
        headers.setdefault("X-Frame-Options", "DENY")
        headers.setdefault("Referrer-Policy", "same-origin")
        headers.setdefault("Cross-Origin-Opener-Policy", "same-origin")
        headers.setdefault("Permissions-Policy", _permissions())
        if app.config["SESSION_COOKIE_SECURE"]:
            headers.setdefault("Strict-Transport-Security", "max-age=31536000")
        if response.mimetype == "text/html":
            headers.setdefault("Cache-Control", "no-store")
        return response


def _policy(origins: str) -> str:
    nonce = csp_nonce()
    return "; ".join(
        (
            "default-src 'none'",
            f"script-src 'nonce-{nonce}' 'self'",
            f"style-src 'nonce-{nonce}' 'self'",
            f"img-src 'self' data: blob: {origins}".rstrip(),
            f"media-src 'self' blob: {origins}".rstrip(),
            f"connect-src 'self' {origins}".rstrip(),
            "manifest-src 'self'",
            "form-action 'self'",
            "base-uri 'none'",
            "frame-ancestors 'none'",
        )
    )


def _permissions() -> str:
    devices = "self" if request.endpoint in CAMERA_ENDPOINTS else ""
    return f"camera=({devices}), microphone=({devices}), geolocation=(), payment=(), usb=()"
