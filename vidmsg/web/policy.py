"""Who may call a route. Every view declares it with a decorator here; a route without a declaration stops the
application from starting. Views of libraries are declared by endpoint in `LIBRARY`. Row-level walls (whose person,
whose video) are the features' own; a foreign row answers like an absent one."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from flask import Flask, abort, current_app, request
from flask.typing import ResponseReturnValue
from flask_login import current_user

View = TypeVar("View", bound=Callable[..., Any])

EVERYBODY = "everybody"  # nothing private is behind it
CAPABILITY = "capability"  # the address itself carries a secret that the view checks
SIGNATURE = "signature"  # a hook: the view checks the caller's signature
REP = "rep"  # anybody who signed in
MANAGER = "manager"  # signed in as a manager

LIBRARY = {
    "static": EVERYBODY,
    "security.login": EVERYBODY,
    "security.logout": EVERYBODY,
    "security.verify": REP,
    "security.forgot_password": EVERYBODY,
    "security.reset_password": CAPABILITY,
    "security.change_password": REP,
    "security.two_factor_setup": REP,
    "security.two_factor_setup_validate": REP,
    "security.two_factor_token_validation": EVERYBODY,
    "security.two_factor_rescue": EVERYBODY,
    "security.tf_select": EVERYBODY,
    "security.mf_recovery": EVERYBODY,
    "security.mf_recovery_codes": REP,
    "security.default_authn_error": EVERYBODY,
    "security.tf_qrcode": REP,
    "security.static": EVERYBODY,
    "security_static.static": EVERYBODY,
}


class UndeclaredRoute(RuntimeError):
    """A view without a policy."""


def everybody(view: View) -> View:
    """Open to the world."""
    return _declare(view, EVERYBODY)


def capability(view: View) -> View:
    """The address carries a secret, checked by the view."""
    return _declare(view, CAPABILITY)


def signature(view: View) -> View:
    """A hook with a signature, checked by the view; no CSRF token there."""
    return _declare(view, SIGNATURE)


def rep(view: View) -> View:
    """Reps and managers."""
    return _declare(view, REP)


def manager(view: View) -> View:
    """Managers only."""
    return _declare(view, MANAGER)


def of(app: Flask, endpoint: str) -> str | None:
    """The declared policy of an endpoint, or None."""
    found: str | None = LIBRARY.get(endpoint) or getattr(app.view_functions[endpoint], "policy", None)
    return found


def init_app(app: Flask) -> None:
    """Check each request against the policy of its route, before the view runs."""
    app.before_request(_enforce)


def check(app: Flask) -> None:
    """Raise UndeclaredRoute naming every route that has no policy."""
    missing = sorted({rule.endpoint for rule in app.url_map.iter_rules() if of(app, rule.endpoint) is None})
    if missing:
        raise UndeclaredRoute("These routes declare no policy: " + ", ".join(missing))


def _declare(view: View, name: str) -> View:
    view.policy = name  # type: ignore[attr-defined]
    return view


def _enforce() -> ResponseReturnValue | None:
    if request.endpoint is None:
        return None  # no such route: 404 follows
    wanted = of(current_app, request.endpoint)
    if wanted in {EVERYBODY, CAPABILITY, SIGNATURE}:
        return None
    if not current_user.is_authenticated:
        answer: ResponseReturnValue = current_app.login_manager.unauthorized()  # type: ignore[attr-defined]
        return answer
    if wanted == MANAGER and not current_user.is_manager:
        abort(403)
    return None
