"""Sign-in by Flask-Security: its settings, keys made from the installation's secret, our rules for passwords and
one-time codes, and how often somebody may try. Pages of it are in templates/security/, in our own words.

Known traps that are handled here: replayed one-time codes (`OneTimeCodes`), classes that only the constructor takes,
recovery codes that would be kept in plain text, addresses that differ by case (the index in models.py)."""

from __future__ import annotations

import base64
import hashlib
import hmac
from datetime import timedelta
from typing import Any

import sqlalchemy as sa
from flask import Flask, Response, jsonify, request, session
from flask.typing import ResponseReturnValue
from flask_babel import lazy_gettext as _l
from flask_limiter.util import get_remote_address
from flask_login import current_user
from flask_security import FSQLALiteUserDatastore, LoginForm, PasswordUtil, Security
from flask_security.decorators import default_unauthn_handler
from flask_security.totp import Totp
from flask_security.utils import validate_redirect_url
from passlib.exc import UsedTokenError

from vidmsg.accounts import passwords
from vidmsg.accounts.models import Organisation, Role, User
from vidmsg.config import Settings
from vidmsg.database import db
from vidmsg.web import errors
from vidmsg.web.limits import limiter

RESET_WITHIN = timedelta(days=2)
FAILURES = "10 per 15 minutes"
ARGON2: dict[str, int] = {"time_cost": 3, "memory_cost": 19 * 1024, "parallelism": 1}
"""Above the least that OWASP asks for (19 MiB, 2 rounds), and small enough for a machine with 1 GB."""

_MESSAGES = {
    "GENERIC_AUTHN_FAILED": _l("That password doesn't fit this email. Try once more, or ask for a new one."),
    "UNAUTHENTICATED": _l("Sign in, then this page opens."),
    "REAUTHENTICATION_REQUIRED": _l("Say your password once more, then this page opens."),
    "REAUTHENTICATION_SUCCESSFUL": _l("Thank you. Go on."),
    "UNAUTHORIZED": _l("This part is for managers."),
    "EMAIL_NOT_PROVIDED": _l("Write the email you sign in with."),
    "INVALID_EMAIL_ADDRESS": _l("This isn't an email address. Look for the @ and the end."),
    "PASSWORD_NOT_PROVIDED": _l("Write your password."),
    "RETYPE_PASSWORD_MISMATCH": _l("The two are not the same. Write it twice alike."),
    "PASSWORD_MISMATCH": _l("The two are not the same. Write it twice alike."),
    "PASSWORD_IS_THE_SAME": _l("That is the one you have. Pick another."),
    "INVALID_PASSWORD": _l("That isn't your password. Try once more."),
    "PASSWORD_CHANGE": _l("Your new password is in. Everywhere else you are signed out."),
    "PASSWORD_RESET_NO_LOGIN": _l("Your new password is in. Sign in with it."),
    "PASSWORD_RESET_EXPIRED": _l("This link is too old. Ask your manager for a new one."),
    "INVALID_RESET_PASSWORD_TOKEN": _l("This link was used already or is not whole. Ask your manager for a new one."),
    "GENERIC_RECOVERY": _l("Ask your manager: she can make a link for a new password."),
    "INVALID_CODE": _l("That code doesn't fit. Wait for the next one and try again."),
    "TWO_FACTOR_INVALID_TOKEN": _l("That code doesn't fit. Wait for the next one and try again."),
    "INVALID_RECOVERY_CODE": _l("That code doesn't fit, or was used before. Try another."),
    "NO_RECOVERY_CODES_SETUP": _l("There are no spare codes yet."),
    "TWO_FACTOR_LOGIN_SUCCESSFUL": _l("Good to see you."),
    "TWO_FACTOR_CHANGE_METHOD_SUCCESSFUL": _l("Your app is connected. Keep the spare codes in a safe place."),
    "TWO_FACTOR_DISABLED": _l("The second step is off. Your password alone opens the door now."),
    "TWO_FACTOR_SETUP_EXPIRED": _l("That took too long. Begin once more."),
    "TWO_FACTOR_PERMISSION_DENIED": _l("Sign in first."),
    "TWO_FACTOR_METHOD_NOT_AVAILABLE": _l("Pick one of the ways shown."),
    "ANONYMOUS_USER_REQUIRED": _l("You are signed in already."),
}


_BAD_NEWS = (
    "INVALID_RESET_PASSWORD_TOKEN",
    "PASSWORD_RESET_EXPIRED",
    "TWO_FACTOR_INVALID_TOKEN",
    "TWO_FACTOR_SETUP_EXPIRED",
)


class SignIn(LoginForm):
    """The door. An address to go on to that leads elsewhere is passed over in silence: the one who signs in did not
    write it, and can't mend it."""

    def validate_next(self, field: Any) -> None:
        """Keep only addresses of our own."""
        if not validate_redirect_url(field.data):
            field.data = ""


class Passwords(PasswordUtil):
    """Asks our own rules about a new password."""

    def validate(self, password: str, is_register: bool, **kwargs: Any) -> tuple[list[str] | None, str]:  # noqa: ARG002
        """(reasons or None, the password in the form that is kept)."""
        normal = self.normalize(password)
        reason = passwords.reason_against(normal, own_words(kwargs.get("user")))
        return ([reason] if reason else None), normal


class OneTimeCodes(Totp):
    """Each code opens once: the counter moves forward in one UPDATE, so two racing requests can't both win."""

    def get_last_counter(self, user: Any) -> int | None:
        """The counter of the last accepted code."""
        counter: int | None = user.tf_last_counter
        return counter

    def set_last_counter(self, user: Any, tmatch: Any) -> None:
        """Keep the accepted counter; raises UsedTokenError when another request was first."""
        older = sa.or_(User.tf_last_counter.is_(None), User.tf_last_counter < tmatch.counter)
        moved: Any = db.session.execute(
            sa.update(User).where(User.id == user.id, older).values(tf_last_counter=tmatch.counter)
        )
        if moved.rowcount != 1:
            raise UsedTokenError


def own_words(user: Any) -> tuple[str, ...]:
    """What a password of this user must not be made of."""
    if user is None or not getattr(user, "email", None):
        return ()
    organisation = user.organisation.name if user.organisation else ""
    return (user.email.split("@")[0], user.name or "", organisation)


def init_app(app: Flask, settings: Settings) -> Security:
    """Put Flask-Security in; its routes get the limits."""
    app.config.update(_options(settings))
    app.config.update({f"SECURITY_MSG_{name}": (text, "info") for name, text in _MESSAGES.items()})
    app.config.update({f"SECURITY_MSG_{name}": (_MESSAGES[name], "error") for name in _BAD_NEWS})
    store = FSQLALiteUserDatastore(db, User, Role)
    security = Security(app, store, password_util_cls=Passwords, totp_cls=OneTimeCodes, login_form=SignIn)
    security.want_json(lambda _request: False)  # its pages are for people; so a refused try always answers 200
    security.unauthn_handler(_ask_to_sign_in)  # type: ignore[arg-type]  # its type leaves out status codes
    security.login_manager.unauthorized_callback = _ask_to_sign_in
    security.context_processor(_door)
    _limit(app)
    return security


def _door() -> dict[str, Any]:
    """Whose door it is, for pages that nobody is signed in on."""
    if current_user.is_authenticated:
        return {}
    first = sa.select(Organisation).order_by(Organisation.id).limit(1)
    return {"organisation": db.session.execute(first).scalar_one_or_none()}


def _ask_to_sign_in(mechanisms: Any = None, headers: Any = None) -> ResponseReturnValue:
    """To the door and back, for a person; 401 for a script, which can't follow to a page."""
    script = request.method not in {"GET", "HEAD", "POST"} or "Tus-Resumable" in request.headers or request.is_json
    if script or errors.wants_json():
        return jsonify(error="signed_out", message=str(_MESSAGES["UNAUTHENTICATED"])), 401
    answer: ResponseReturnValue = default_unauthn_handler(mechanisms, headers)  # type: ignore[no-untyped-call]
    return answer


def _options(settings: Settings) -> dict[str, Any]:
    options = {
        "PASSWORD_HASH": "argon2",
        "PASSWORD_SCHEMES": ["argon2"],
        "PASSWORD_SINGLE_HASH": {"argon2"},
        "PASSWORD_HASH_PASSLIB_OPTIONS": {f"argon2__{name}": value for name, value in ARGON2.items()},
        "PASSWORD_SALT": _derived(settings, "password salt").hex(),
        "PASSWORD_LENGTH_MIN": passwords.MIN_LENGTH,
        "PASSWORD_NORMALIZE_FORM": "NFKC",
        "CHANGEABLE": True,
        "RECOVERABLE": True,
        "RESET_PASSWORD_WITHIN": RESET_WITHIN,
        "SEND_PASSWORD_CHANGE_EMAIL": False,
        "SEND_PASSWORD_RESET_EMAIL": False,
        "SEND_PASSWORD_RESET_NOTICE_EMAIL": False,
        "RETURN_GENERIC_RESPONSES": True,
        "EMAIL_VALIDATOR_ARGS": {"check_deliverability": False},
        "API_ENABLED_METHODS": ["session"],
        "DEFAULT_REMEMBER_ME": False,
        "TWO_FACTOR": True,
        "TWO_FACTOR_ENABLED_METHODS": ["authenticator"],
        "TWO_FACTOR_RESCUE_EMAIL": False,
        "TWO_FACTOR_AUTHENTICATOR_VALIDITY": 30,
        "TWO_FACTOR_POST_SETUP_VIEW": "/account",
        "TOTP_SECRETS": {"1": _derived(settings, "totp").hex()},
        "TOTP_ISSUER": "vidmsg",
        "MULTI_FACTOR_RECOVERY_CODES": True,
        "MULTI_FACTOR_RECOVERY_CODES_KEYS": [base64.urlsafe_b64encode(_derived(settings, "recovery codes"))],
        "POST_LOGIN_VIEW": "/",
        "POST_LOGOUT_VIEW": "/login",
        "POST_CHANGE_VIEW": "/account",
        "POST_RESET_VIEW": "/login",
        "SCRIPT_NONCE_KEY": "csp_nonce",
        # The default writes "private=True", which is no directive; None writes the bare word.
        "CACHE_CONTROL": {"private": None, "no-store": None},
    }
    return {f"SECURITY_{name}": value for name, value in options.items()}


def _derived(settings: Settings, purpose: str) -> bytes:
    """32 bytes for one purpose, made from the installation's secret."""
    return hmac.new(settings.secret_key.encode(), f"vidmsg {purpose}".encode(), hashlib.sha256).digest()


def _limit(app: Flask) -> None:
    """Count failures only: by account and address at the first step, by account alone at the second."""
    views: dict[str, Any] = app.view_functions
    for scope, key, names in (
        ("sign-in", _account_and_address, ("login",)),
        ("second step", _account_at_second_step, ("two_factor_token_validation", "mf_recovery")),
        ("own password", _own_account, ("change_password", "verify")),
    ):
        limit = limiter.shared_limit(FAILURES, scope, key_func=key, methods=["POST"], deduct_when=_failed)
        for name in names:
            views[f"security.{name}"] = limit(views[f"security.{name}"])


def _failed(response: Response) -> bool:
    """A try that was refused shows its form again; one that was accepted leads on to another address."""
    return response.status_code == 200


def _account_and_address() -> str:
    given: Any = request.get_json(silent=True) if request.is_json else request.form
    email = str(given.get("email", "")) if hasattr(given, "get") else ""
    return f"{email.strip().lower()[:255]} {get_remote_address()}"


def _account_at_second_step() -> str:
    return str(session.get("tf_user_id") or get_remote_address())


def _own_account() -> str:
    return str(current_user.get_id() or get_remote_address())
