"""Protection against forged requests: a token on every form, from Flask-WTF. Hooks with a signature and addresses
that carry a capability are exempt, because no cookie gives them their power; the list is made from the policies."""

from __future__ import annotations

from flask import Flask
from flask_wtf.csrf import CSRFProtect

from vidmsg.web import policy

protect = CSRFProtect()


def exempt(app: Flask) -> None:
    """Exempt the routes whose power does not come from a cookie. Called when all routes are known."""
    for endpoint, view in app.view_functions.items():
        if policy.of(app, endpoint) == policy.SIGNATURE or getattr(view, "cookieless", False):
            protect.exempt(view)
