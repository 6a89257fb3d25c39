"""Pages and answers for things that went wrong: a sentence and what to do next; JSON where the caller asked for it."""

from __future__ import annotations

from flask import Flask, current_app, jsonify, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import lazy_gettext as _l
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import HTTPException

SENTENCES = {
    400: (_l("That didn't come through whole"), _l("Go back, reload the page and try once more.")),
    403: (_l("This part is for managers"), _l("Ask your manager to do it, or to let you in.")),
    404: (_l("Nothing is here"), _l("The address may be old, or it belongs to another team.")),
    405: (_l("Nothing is here"), _l("Go back and try another way.")),
    413: (_l("That is too large"), _l("Pick a smaller file.")),
    429: (_l("One moment, please"), _l("That was very often in a short time. Wait a minute, then try once more.")),
    500: (_l("Something broke on our side"), _l("Nothing of yours is lost. Try again in a minute.")),
    503: (_l("Not reachable right now"), _l("Nothing of yours is lost. Try again in a minute.")),
}


def init_app(app: Flask) -> None:
    """Answer every HTTP error in our own words."""
    app.register_error_handler(CSRFError, expired)
    app.register_error_handler(HTTPException, _answer)
    app.register_error_handler(500, _answer)


def wants_json() -> bool:
    """Whether the caller is a script of ours rather than a person with a page."""
    best = request.accept_mimetypes.best_match(["text/html", "application/json"])
    return best == "application/json"


def expired(_error: CSRFError) -> ResponseReturnValue:
    """The page for a form whose token is too old."""
    return _page(
        400, _l("This page waited too long"), _l("Reload it and try once more. Nothing was changed."), "expired"
    )


def _answer(error: HTTPException) -> ResponseReturnValue:
    if error.response is not None:
        return error.response
    code = error.code or 500
    title, hint = SENTENCES.get(code, SENTENCES[500 if code >= 500 else 400])
    return _page(code, title, hint, error.name.lower().replace(" ", "_"))


def _page(code: int, title: str, hint: str, name: str) -> ResponseReturnValue:
    if wants_json():
        return jsonify(error=name, message=f"{title}. {hint}"), code
    if code >= 500:
        return _without_database(title, hint), code
    return render_template("error.html", title=title, hint=hint), code


def _without_database(title: str, hint: str) -> str:
    """The page past everything that asks who is signed in: the database may be what is away."""
    practice = current_app.config["SETTINGS"].practice
    page: str = current_app.jinja_env.get_template("error.html").render(title=title, hint=hint, practice=practice)
    return page
