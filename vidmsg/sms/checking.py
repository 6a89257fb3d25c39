"""Whether account, keys and sender are what the settings say, really asked of Twilio. Both clients are the SDK's, known
here by their shape only; what goes wrong on the way is the gateway's to tell."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from vidmsg.errors import Sentence

UNAUTHORISED, FORBIDDEN, NOT_FOUND = 401, 403, 404


def account(owner: Any, sid: str) -> str:
    """The account, asked for with its own token: hooks are verified with that one, whatever texts are sent with, and a
    wrong one would turn every receipt and every STOP away. Raises Sentence."""
    with _status(
        {UNAUTHORISED},
        "Twilio doesn't know the account or its token. Check TWILIO_ACCOUNT_SID and TWILIO_AUTH_TOKEN; "
        "what comes from Twilio is verified with the token, beside an API key too.",
    ):
        found = owner.api.v2010.accounts(sid).fetch()
    if found.status != "active":
        raise Sentence(f"The Twilio account is {found.status}. Look into Twilio's console.")
    return f"The Twilio account “{found.friendly_name}” is active"


def sender(client: Any, owner: Any, name: str) -> str:
    """Whose number or service it is, asked with the credentials that send. Raises Sentence."""
    with _status(
        {UNAUTHORISED, FORBIDDEN},
        "Twilio refuses the API key. Check TWILIO_API_KEY and TWILIO_API_SECRET, and what it may read.",
    ):
        if name.startswith("MG"):
            client.messages.list(limit=1)
        elif not client.incoming_phone_numbers.list(phone_number=name, limit=1):
            raise Sentence(f"The number {name} doesn't belong to the Twilio account. Check TWILIO_FROM.")
    return _service(owner, name) if name.startswith("MG") else f"texts come from {name}"


def _service(owner: Any, name: str) -> str:
    with _status({NOT_FOUND}, "The Messaging Service is not one of the Twilio account's. Check TWILIO_FROM."):
        found = owner.messaging.v1.services(name).fetch()
    return f"texts go out through the Messaging Service “{found.friendly_name}”"


@contextmanager
def _status(answered: set[int], sentence: str) -> Iterator[None]:
    """What such an answer means here."""
    try:
        yield
    except Exception as error:
        if _of(error) in answered:
            raise Sentence(sentence) from error
        raise


def _of(error: Exception) -> int | None:
    """The status that Twilio answered. With a list the SDK gives the whole answer instead."""
    answer = error.args[-1] if error.args else None
    found: int | None = getattr(error, "status", None) or getattr(answer, "status_code", None)
    return found
