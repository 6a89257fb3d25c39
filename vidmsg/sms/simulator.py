"""The practice phone's network: Twilio as far as we use it. The application talks to it through the real SDK
(`wsgi`), a page shows it as a phone (`threads`, `thread`, `reply`), and a worker makes its webhooks (`deliver`). Its
rows may be in the application's database or in one of its own. It may not know messages, people or pages of ours."""

from __future__ import annotations

import base64
import datetime as dt
import hashlib
import hmac
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import sqlalchemy as sa

from vidmsg.sms import simulator_store as rows
from vidmsg.sms.models import SimulatedCall, SimulatedMessage
from vidmsg.sms.simulator_api import Api, Rule
from vidmsg.sms.simulator_behaviour import PRACTICE_NUMBER
from vidmsg.sms.simulator_store import Store

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

PACE = dt.timedelta(milliseconds=700)
Post = Callable[[str, Mapping[str, str], Mapping[str, str]], int]


@dataclass(frozen=True)
class Thread:
    """All that was texted with one customer: the number, the newest text, how many there are."""

    customer: str
    latest: SimulatedMessage
    texts: int


class Simulator:
    """One account with one number. `pace`: how long a text takes from one status to the next. `rules` are consulted
    on every request and may answer in the network's place (see Rule)."""

    def __init__(
        self, store: Store, account_sid: str, auth_token: str, number: str = PRACTICE_NUMBER, pace: dt.timedelta = PACE
    ) -> None:
        self.store, self.account_sid, self.auth_token = store, account_sid, auth_token
        self.number, self.pace = number, pace
        self.rules: list[Rule] = []
        self.hooks: dict[str, str] = {}  # where the number's texts and calls are announced, as the account was told

    @property
    def wsgi(self) -> WSGIApplication:
        """Twilio's API, as a WSGI application."""
        return Api(self.store, self.account_sid, self.auth_token, self.number, self.pace, self.rules, self.hooks)

    def threads(self) -> list[Thread]:
        """One entry a customer, the most recently active first."""
        newest = (
            sa.select(sa.func.max(SimulatedMessage.id).label("id"), sa.func.count().label("texts"))
            .group_by(SimulatedMessage.customer)
            .subquery()
        )
        query = sa.select(SimulatedMessage, newest.c.texts).join(newest, newest.c.id == SimulatedMessage.id)
        with self.store.reading() as session:
            found = session.execute(query.order_by(SimulatedMessage.id.desc())).all()
        return [Thread(message.customer, message, texts) for message, texts in found]

    def thread(self, customer: str) -> list[SimulatedMessage]:
        """Every text with this customer (E.164), either way, in the order they were written."""
        query = sa.select(SimulatedMessage).where(SimulatedMessage.customer == customer).order_by(SimulatedMessage.id)
        with self.store.reading() as session:
            return list(session.scalars(query))

    def reply(self, customer: str, body: str, inbound_url: str) -> SimulatedMessage:
        """The customer texts the practice number. The webhook to `inbound_url` is owed at once: wake the queue."""
        with self.store.writing() as session:
            return rows.receive(session, customer, self.number, body, inbound_url, self.account_sid)

    def deliver(self, call: SimulatedCall, post: Post) -> int | None:
        """Let what this call tells of happen, then tell it: `post(url, form, headers)` answers with an HTTP status,
        which is returned; None when nobody asked to be told. May be repeated: the webhook is then the same again."""
        with self.store.writing() as session:
            known = rows.told(session, call.sid, call.status)
        if not known or not call.url:
            return None
        headers = {
            "X-Twilio-Signature": self.sign(call.url, call.form),
            "I-Twilio-Idempotency-Token": str(uuid.uuid5(uuid.NAMESPACE_URL, f"{call.sid}/{call.status}")),
        }
        return post(call.url.split("#", 1)[0], call.form, headers)

    def sign(self, url: str, form: Mapping[str, str]) -> str:
        """What Twilio puts into X-Twilio-Signature: HMAC-SHA1, with the auth token, of the address followed by the
        names and values of the form sorted by name. Source: Twilio's "Validating requests"."""
        told = url + "".join(name + form[name] for name in sorted(form))
        mac = hmac.new(self.auth_token.encode(), told.encode(), hashlib.sha1)
        return base64.b64encode(mac.digest()).decode("ascii")
