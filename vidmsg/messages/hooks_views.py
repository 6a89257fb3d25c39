"""The addresses that Twilio calls: a status, a text that came in, a call that came in. All ask for Twilio's signature
over the public address exactly as it was given out, do one short transaction, and answer at once."""

from __future__ import annotations

import re

from flask import Blueprint, Response, abort, current_app, request
from flask.typing import ResponseReturnValue

from vidmsg.database import reading, writing
from vidmsg.messages import calls, inbound, receipts
from vidmsg.messages.models import Attempt
from vidmsg.sms import current_gateway
from vidmsg.web import policy

hooks = Blueprint("hooks", __name__, url_prefix="/hooks/twilio")

_SID = re.compile(r"[A-Z]{2}[0-9a-f]{32}")
NO_ANSWER = '<?xml version="1.0" encoding="UTF-8"?><Response/>'


@hooks.post("/status/<message_id>/<attempt_id>")
@policy.signature
def status(message_id: str, attempt_id: str) -> ResponseReturnValue:
    """What became of one attempt. 204 also for what changes nothing; 404 for ids that are not ours."""
    _signed_or_403()
    form = request.form
    with writing() as session:
        attempt = session.get(Attempt, attempt_id)
        if attempt is None or attempt.message_id != message_id:
            abort(404)
        receipts.apply(
            session,
            attempt,
            sid=_sid(form.get("MessageSid", "")),
            status=form.get("MessageStatus", ""),
            error_code=_code(form.get("ErrorCode", "")),
        )
    return "", 204


@hooks.post("/inbound")
@policy.signature
def received() -> ResponseReturnValue:
    """A text from a customer. The empty answer keeps Twilio from texting anything back for us."""
    _signed_or_403()
    form = request.form
    sid, sender = form.get("MessageSid", ""), form.get("From", "")
    if not (0 < len(sid) <= 34 and 0 < len(sender) <= 20):
        abort(400)
    text = inbound.Received(
        sid=sid,
        sender=sender,
        to=form.get("To", ""),
        body=form.get("Body", ""),
        opt_out_type=form.get("OptOutType", ""),
        media=_code(form.get("NumMedia", "")) or 0,
    )
    with writing() as session:
        inbound.receive(session, text)
    return Response(NO_ANSWER, mimetype="text/xml")


@hooks.post("/voice")
@policy.signature
def called() -> ResponseReturnValue:
    """Somebody calls the number back: put through to whom they know, or told a sentence."""
    _signed_or_403()
    with reading() as session:
        home = calls.answers_for(session, request.form.get("From", "")[:20])
    return Response(calls.twiml(home, request.form.get("To", "")), mimetype="text/xml")


def _signed_or_403() -> None:
    base = current_app.config["SETTINGS"].address
    path = request.full_path if request.query_string else request.path
    signature = request.headers.get("X-Twilio-Signature", "")
    if not current_gateway().signed(base + path, request.form, signature):
        abort(403)


def _sid(text: str) -> str:
    """The SID, or empty: what is no SID must not be noted as a text's, for it would never be found again."""
    return text if _SID.fullmatch(text) else ""


def _code(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 7 else None
