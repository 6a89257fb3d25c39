"""Twilio's REST API of 2010-04-01 as far as we use it, as a WSGI application: make, fetch, list, redact and delete
texts, read the account and its number; and the one Messaging Service, which has an API of its own. Answers have the
shapes of Twilio's published contract. Knows HTTP and JSON; what the network does is in simulator_behaviour and
simulator_store."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable, Iterable
from functools import partial
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlalchemy import orm
from werkzeug import Request, Response
from werkzeug.exceptions import HTTPException, MethodNotAllowed
from werkzeug.routing import Map
from werkzeug.routing import Rule as Route

from vidmsg import logs
from vidmsg.sms import simulator_behaviour as behaviour
from vidmsg.sms import simulator_shapes as shapes
from vidmsg.sms import simulator_store as rows
from vidmsg.sms.models import SimulatedMessage
from vidmsg.sms.simulator_behaviour import Refusal

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

log = logs.get(__name__)

Rule = Callable[[Request, Callable[[], Response]], Response]
"""A fault on demand: given the request and a way to go on, answers in the network's place, before or after it acted.
A rule that raises breaks the connection: nothing catches it but the transport."""

_URLS = Map(
    [
        Route("/2010-04-01/Accounts/<account>.json", endpoint="account", methods=["GET"]),
        Route("/2010-04-01/Accounts/<account>/Messages.json", endpoint="messages", methods=["GET"]),
        Route("/2010-04-01/Accounts/<account>/Messages.json", endpoint="create", methods=["POST"]),
        Route("/2010-04-01/Accounts/<account>/Messages/<sid>.json", endpoint="fetch", methods=["GET"]),
        Route("/2010-04-01/Accounts/<account>/Messages/<sid>.json", endpoint="update", methods=["POST"]),
        Route("/2010-04-01/Accounts/<account>/Messages/<sid>.json", endpoint="delete", methods=["DELETE"]),
        Route("/2010-04-01/Accounts/<account>/IncomingPhoneNumbers.json", endpoint="numbers", methods=["GET"]),
        Route("/2010-04-01/Accounts/<account>/IncomingPhoneNumbers/<sid>.json", endpoint="point", methods=["POST"]),
        Route("/v1/Services/<sid>", endpoint="service", methods=["GET"]),
    ]
)


_HOOKS = {"SmsUrl", "SmsMethod", "VoiceUrl", "VoiceMethod"}


class Api:
    """The WSGI application. One request, one short transaction."""

    def __init__(
        self,
        store: rows.Store,
        account_sid: str,
        auth_token: str,
        number: str,
        pace: dt.timedelta,
        rules: list[Rule],
        hooks: dict[str, str],
    ) -> None:
        self._store, self._sid, self._token = store, account_sid, auth_token
        self._number, self._pace, self._rules, self._hooks = number, pace, rules, hooks

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        request = Request(environ)
        proceed: Callable[[], Response] = partial(self._answer, request)
        for rule in reversed(self._rules):
            proceed = partial(rule, request, proceed)
        return proceed()(environ, start_response)

    def _answer(self, request: Request) -> Response:
        auth = request.authorization
        if not auth or (auth.username, auth.password) != (self._sid, self._token):
            return _refused(behaviour.UNAUTHORISED)
        try:
            endpoint, values = _URLS.bind_to_environ(request.environ).match()
        except MethodNotAllowed:
            return _refused(behaviour.NOT_ALLOWED)
        except HTTPException:
            return _refused(behaviour.UNKNOWN_RESOURCE)
        if values.get("account", self._sid) != self._sid:
            return _refused(behaviour.UNKNOWN_RESOURCE)
        text = {"sid": values["sid"]} if "sid" in values else {}
        try:
            answer: Response = getattr(self, f"_on_{endpoint}")(request, **text)
            return answer
        except Exception as error:  # like any server: the caller learns that it failed, not why
            log.exception("simulator failed", endpoint=endpoint, error=type(error).__name__)
            return _refused(Refusal(500, 20500, "Internal server error"))

    def _on_create(self, request: Request) -> Response:
        form = request.form
        refusal = behaviour.refuses(form, self._number, media="MediaUrl" in form)
        if refusal:
            return _refused(refusal)
        sender = form.get("MessagingServiceSid") or form["From"]
        order = rows.Order(form["To"], sender, form.get("Body", ""), form.get("MediaUrl"), form.get("StatusCallback"))
        with self._store.writing() as session:
            if rows.opted_out(session, order.to, self._number):
                return _refused(Refusal(400, 21610, "Attempt to send to unsubscribed recipient"))
            message = rows.accept(session, order, self._sid, self._pace)
            return _json(shapes.message(message, self._sid), 201)

    def _on_fetch(self, _request: Request, sid: str) -> Response:
        with self._store.reading() as session:
            message = _find(session, sid)
            return _json(shapes.message(message, self._sid)) if message else _refused(behaviour.UNKNOWN_RESOURCE)

    def _on_update(self, request: Request, sid: str) -> Response:
        """Redact. Cancelling is for scheduled texts, and nothing is ever scheduled here."""
        with self._store.writing() as session:
            message = _find(session, sid)
            if not message:
                return _refused(behaviour.UNKNOWN_RESOURCE)
            if "Status" in request.form:
                return _refused(behaviour.NOT_CANCELABLE)
            if not shapes.ended(message):
                return _refused(behaviour.NOT_FINISHED)
            message.body = request.form.get("Body", message.body)
            return _json(shapes.message(message, self._sid))

    def _on_delete(self, _request: Request, sid: str) -> Response:
        with self._store.writing() as session:
            message = _find(session, sid)
            if not message:
                return _refused(behaviour.UNKNOWN_RESOURCE)
            if not shapes.ended(message):
                return _refused(behaviour.NOT_FINISHED)
            session.delete(message)
        return Response(status=204)

    def _on_messages(self, request: Request) -> Response:
        """Newest first. A page goes on after the text that its token names, so new texts never shift it."""
        size = min(max(request.args.get("PageSize", 50, int), 1), 1000)
        query = _filtered(request).order_by(SimulatedMessage.id.desc()).limit(size + 1)
        with self._store.reading() as session:
            token = request.args.get("PageToken", "")
            anchor = _find(session, token.removeprefix("PA")) if token else None
            if token and not anchor:
                return _refused(behaviour.UNKNOWN_RESOURCE)
            found = list(session.scalars(query.where(SimulatedMessage.id < anchor.id) if anchor else query))
        texts = [shapes.message(one, self._sid) for one in found[:size]]
        return _json(shapes.page(request, "messages", texts, size, more=len(found) > size))

    def _on_account(self, _request: Request) -> Response:
        return _json(shapes.account(self._sid))

    def _on_numbers(self, request: Request) -> Response:
        asked = request.args.get("PhoneNumber", "")
        found = [shapes.number(self._number, self._sid, self._hooks)] if asked in self._number else []
        return _json(shapes.page(request, "incoming_phone_numbers", found, 50, more=False))

    def _on_service(self, _request: Request, sid: str) -> Response:
        known = sid == behaviour.PRACTICE_SERVICE
        return _json(shapes.service(sid, self._sid)) if known else _refused(behaviour.UNKNOWN_RESOURCE)

    def _on_point(self, request: Request, sid: str) -> Response:
        if sid != shapes.number(self._number, self._sid, {})["sid"]:
            return _refused(behaviour.UNKNOWN_RESOURCE)
        self._hooks.update({name: value for name, value in request.form.items() if name in _HOOKS})
        return _json(shapes.number(self._number, self._sid, self._hooks))


def _find(session: orm.Session, sid: str) -> SimulatedMessage | None:
    return session.scalar(sa.select(SimulatedMessage).where(SimulatedMessage.sid == sid))


def _filtered(request: Request) -> sa.Select[SimulatedMessage]:
    """The texts that To, From and DateSent ask for. Without a date all count; with one only those that were sent."""
    query = sa.select(SimulatedMessage)
    inbound = SimulatedMessage.direction == rows.INBOUND
    to = sa.case((inbound, SimulatedMessage.sender), else_=SimulatedMessage.customer)
    sender = sa.case((inbound, SimulatedMessage.customer), else_=SimulatedMessage.sender)
    if request.args.get("To"):
        query = query.where(to == request.args["To"])
    if request.args.get("From"):
        query = query.where(sender == request.args["From"])
    for name, begins in (("DateSent", None), ("DateSent>", True), ("DateSent<", False)):
        if request.args.get(name):
            query = query.where(_sent(shapes.moment(request.args[name]), begins))
    return query


def _sent(at: dt.datetime, begins: bool | None) -> sa.ColumnElement[bool]:
    if begins is None:
        return SimulatedMessage.sent_at.between(at, at + dt.timedelta(days=1))
    return SimulatedMessage.sent_at >= at if begins else SimulatedMessage.sent_at <= at


def _json(content: dict[str, Any], status: int = 200) -> Response:
    return Response(json.dumps(content), status, content_type="application/json")


def _refused(refusal: Refusal) -> Response:
    return _json(
        {
            "code": refusal.code,
            "message": refusal.message,
            "more_info": f"https://www.twilio.com/docs/errors/{refusal.code}",
            "status": refusal.status,
        },
        refusal.status,
    )
