"""Connecting a Twilio account: what there is, what is still missing, and pointing its number at us. It may not know the
database; words are for whoever installs vidmsg."""

from __future__ import annotations

import datetime as dt
import ipaddress
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from vidmsg import clock
from vidmsg.sms import codes
from vidmsg.sms.gateway import Gateway, Listed, Number

TEXTS, CALLS = "/hooks/twilio/inbound", "/hooks/twilio/voice"
HELLO = "vidmsg is connected: this is the first text from your own number."
ARRIVED = frozenset({"delivered", "read"})
LOST = frozenset({"undelivered", "failed", "canceled"})
NOT_DELIVERED = "Is the registration for US numbers complete?"
ASK_EVERY_S, PATIENCE_S = 2.0, 90.0


@dataclass(frozen=True)
class Finding:
    """One thing looked at: whether it is well (None: only a person can see that), and a sentence."""

    works: bool | None
    sentence: str


@dataclass(frozen=True)
class Account:
    """What there is: its numbers, the one that texts come from (None with a Messaging Service, whose hooks are set in
    Twilio's console), and what was found."""

    numbers: list[Number]
    ours: Number | None
    findings: list[Finding]


def examine(gateway: Gateway, base: str) -> Account:
    """The account as it is, and what is missing. `base`: the public address. Raises GatewayError."""
    first = Finding(True, gateway.check())
    numbers = gateway.numbers()
    found = [first, _address(base), *_numbers(gateway, base, numbers), *_trial(gateway), _registration(gateway)]
    return Account(numbers, _chosen(gateway, numbers), found)


def look(gateway: Gateway, base: str) -> list[Finding]:
    """What `examine` found. Raises GatewayError."""
    return examine(gateway, base).findings


def ours(gateway: Gateway) -> Number | None:
    """The number that texts come from; None with a Messaging Service. Raises GatewayError."""
    return _chosen(gateway, gateway.numbers())


def is_pointed(number: Number, base: str) -> bool:
    """Whether texts and calls that come in are announced to us."""
    return (number.texts_to, number.calls_to) == (base + TEXTS, base + CALLS)


def unreachable(base: str) -> str | None:
    """Why Twilio can't come to this address, as a sentence; None where it can."""
    found = _address(base)
    return None if found.works else found.sentence


def point(gateway: Gateway, number: Number, base: str) -> None:
    """Have texts and calls announced to us. Raises GatewayError."""
    gateway.point(number, base + TEXTS, base + CALLS)


def greet(gateway: Gateway, to: str) -> str:
    """Send one text to whoever installs, with her leave; its SID. Raises the gateway's refusals."""
    return gateway.send(to, HELLO, None, 600).sid


def receipt(gateway: Gateway, sid: str) -> Finding | None:
    """What became of that text, None while it is on its way. Raises GatewayError."""
    text = gateway.fetch(sid)
    waited = clock.now() - text.created_at if text.created_at else dt.timedelta()
    return _settled(text) or (_silent(text.status) if waited.total_seconds() > PATIENCE_S else None)


def try_text(gateway: Gateway, to: str, wait: Callable[[float], None] = time.sleep) -> Finding:
    """Send that text and wait until Twilio knows that it arrived. Raises the gateway's refusals."""
    sid, waited = greet(gateway, to), 0.0
    while True:
        text = gateway.fetch(sid)
        settled = _settled(text)
        if settled or waited > PATIENCE_S:
            return settled or _silent(text.status)
        wait(ASK_EVERY_S)
        waited += ASK_EVERY_S


def _settled(text: Listed) -> Finding | None:
    if text.status in ARRIVED:
        return Finding(True, "The text arrived.")
    if text.status not in LOST:
        return None
    reason = codes.meaning(text.error_code).sentence if text.error_code else NOT_DELIVERED
    return Finding(False, f"The text did not arrive. {reason}")


def _silent(status: str) -> Finding:
    return Finding(False, f"The text is still {status} after {PATIENCE_S:.0f} s. Look into Twilio's log.")


def _chosen(gateway: Gateway, numbers: Sequence[Number]) -> Number | None:
    return next((number for number in numbers if number.phone == gateway.sender), None)


def _address(base: str) -> Finding:
    parts = urlsplit(base)
    if parts.scheme != "https":
        return Finding(False, "PUBLIC_URL must begin with https://, for customers and for Twilio.")
    if _is_at_home(parts.hostname or ""):
        return Finding(False, f"Twilio can't reach {base}. Set PUBLIC_URL to an address that the world sees.")
    return Finding(True, f"Customers and Twilio come by {base}.")


def _is_at_home(host: str) -> bool:
    try:
        return not ipaddress.ip_address(host).is_global
    except ValueError:
        return host == "localhost" or host.endswith((".localhost", ".local", ".lan", ".internal"))


def _numbers(gateway: Gateway, base: str, numbers: Sequence[Number]) -> Iterator[Finding]:
    if gateway.sender.startswith("MG"):
        yield Finding(None, f"Set the Messaging Service's “incoming” address to {base}{TEXTS} in Twilio's console.")
        return
    for number in numbers:
        chosen = number.phone == gateway.sender
        if not chosen:
            yield Finding(True, f"{number.phone} is another number of the account.")
        elif not number.can_text:
            yield Finding(False, f"{number.phone} cannot send texts. Choose another number as TWILIO_FROM.")
        elif is_pointed(number, base):
            yield Finding(True, f"Texts and calls to {number.phone} come here.")
        else:
            yield Finding(False, f"Texts and calls to {number.phone} do not come here yet.")


def _trial(gateway: Gateway) -> Iterator[Finding]:
    if gateway.is_trial():
        yield Finding(False, "This is a trial account: it texts verified numbers only. Upgrade it before customers.")


def _registration(gateway: Gateway) -> Finding:
    if gateway.sender.startswith("+1"):
        return Finding(None, "US networks ask for a registration (10DLC or toll-free): see “Registration kit”.")
    return Finding(None, "Ask Twilio what your country's networks want registered.")
