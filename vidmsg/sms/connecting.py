"""Connecting a Twilio account: what there is, what is still missing, and pointing its number at us. It may not know the
database; words are for whoever installs vidmsg."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from vidmsg.sms.gateway import Gateway, GatewayError, Number

TEXTS, CALLS = "/hooks/twilio/inbound", "/hooks/twilio/voice"
HELLO = "vidmsg is connected: this is the first text from your own number."
ARRIVED = frozenset({"delivered", "read"})
LOST = frozenset({"undelivered", "failed", "canceled"})
ASK_EVERY_S, PATIENCE_S = 2.0, 90.0


@dataclass(frozen=True)
class Finding:
    """One thing looked at: whether it is well, and a sentence."""

    works: bool
    sentence: str


def look(gateway: Gateway, base: str) -> list[Finding]:
    """The account as it is, and what is missing. `base`: the public address. Raises GatewayError."""
    return [Finding(True, gateway.check()), *_numbers(gateway, base), *_trial(gateway), _registration(gateway)]


def ours(gateway: Gateway) -> Number | None:
    """The number that texts come from; None with a Messaging Service, whose hooks are set in Twilio's console."""
    return next((number for number in gateway.numbers() if number.phone == gateway.sender), None)


def is_pointed(number: Number, base: str) -> bool:
    """Whether texts and calls that come in are announced to us."""
    return (number.texts_to, number.calls_to) == (base + TEXTS, base + CALLS)


def point(gateway: Gateway, number: Number, base: str) -> None:
    """Have texts and calls announced to us. Raises GatewayError."""
    gateway.point(number, base + TEXTS, base + CALLS)


def try_text(gateway: Gateway, to: str, wait: Callable[[float], None] = time.sleep) -> Finding:
    """Send one text to whoever installs, with her leave, and wait until Twilio knows that it arrived. Raises the
    gateway's refusals."""
    sid = gateway.send(to, HELLO, None, 600).sid
    waited, status = 0.0, ""
    while waited <= PATIENCE_S:
        status = gateway.fetch(sid).status
        if status in ARRIVED:
            return Finding(True, "The text arrived.")
        if status in LOST:
            return Finding(False, "The network did not deliver the text. Is the registration for US numbers complete?")
        wait(ASK_EVERY_S)
        waited += ASK_EVERY_S
    return Finding(False, f"The text is still {status} after {PATIENCE_S:.0f} s. Look into Twilio's log.")


def _numbers(gateway: Gateway, base: str) -> Iterator[Finding]:
    if gateway.sender.startswith("MG"):
        yield Finding(False, f"Set the Messaging Service's “incoming” address to {base}{TEXTS} in Twilio's console.")
        return
    for number in gateway.numbers():
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
    try:
        trial = gateway.is_trial()
    except GatewayError:
        yield Finding(True, "With an API key we can't see whether this is a trial account.")
        return
    if trial:
        yield Finding(False, "This is a trial account: it texts verified numbers only. Upgrade it before customers.")


def _registration(gateway: Gateway) -> Finding:
    if gateway.sender.startswith("+1"):
        return Finding(True, "US networks ask for a registration (10DLC or toll-free): see “Registration kit”.")
    return Finding(True, "Ask Twilio what your country's networks want registered.")
