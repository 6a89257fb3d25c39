"""How the simulated network behaves: which numbers fail and how, which words opt out, what Twilio answers by itself.
The magic numbers are those of Twilio's own test credentials, and a series of ours for texts that are accepted but
don't arrive. Pure: knows no rows and no requests."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

import phonenumbers

PRACTICE_NUMBER = "+12065550199"  # 555-01xx is kept for fiction: it rings nowhere
PRACTICE_SERVICE = "MG" + "0" * 32
LONGEST_BODY = 1600
LONGEST_VALIDITY = 36_000

STOP, START, HELP = "STOP", "START", "HELP"
KEYWORDS = {
    **dict.fromkeys(("STOP", "STOPALL", "UNSUBSCRIBE", "CANCEL", "END", "QUIT", "OPTOUT", "REVOKE"), STOP),
    **dict.fromkeys(("START", "YES", "UNSTOP"), START),
    **dict.fromkeys(("HELP", "INFO"), HELP),
}
ANSWERS = {
    STOP: "You won't get any more texts from this number. Reply START to get them again.",
    START: "You will get texts from this number again. Reply STOP to get no more, HELP for help.",
    HELP: "Reply STOP to get no more texts. Message and data rates may apply.",
}


@dataclass(frozen=True)
class Refusal:
    """A request that Twilio turns down: HTTP status, Twilio's code, its words."""

    status: int
    code: int
    message: str


UNKNOWN_RESOURCE = Refusal(404, 20404, "The requested resource was not found")
UNAUTHORISED = Refusal(401, 20003, "Authenticate")
NOT_ALLOWED = Refusal(405, 20004, "Method not allowed")
NOT_CANCELABLE = Refusal(400, 30409, "This message cannot be canceled")
NOT_FINISHED = Refusal(409, 20009, "Cannot delete or redact this message because its delivery has not been completed")

_TO = {
    "+15005550001": Refusal(400, 21211, "Invalid 'To' Phone Number"),
    "+15005550002": Refusal(400, 21612, "The 'To' phone number is not currently reachable via SMS"),
    "+15005550003": Refusal(400, 21408, "Permission to send an SMS has not been enabled for this region"),
    "+15005550004": Refusal(400, 21610, "Attempt to send to unsubscribed recipient"),
    "+15005550009": Refusal(400, 21614, "'To' number is not a valid mobile number"),
}
_FROM = {
    "+15005550001": Refusal(400, 21212, "Invalid 'From' Phone Number"),
    "+15005550007": Refusal(400, 21606, "The 'From' phone number is not a valid, SMS-capable number for your account"),
    "+15005550008": Refusal(429, 21611, "This 'From' number has exceeded the maximum number of queued messages"),
}
TEST_SENDER = "+15005550006"
# The last four digits say which error the text ends with: +1 500 555 3003 is never reached (30003).
UNDELIVERED = {
    f"+1500555{code - 27000}": code for code in (30001, 30003, 30004, 30005, 30006, 30007, 30008, 30034, 30036)
}


def refuses(form: Mapping[str, str], number: str, media: bool) -> Refusal | None:
    """Why Twilio would not take this form from the owner of `number`, or None."""
    return _bad_content(form, media) or _bad_sender(form, number) or _bad_recipient(form.get("To", ""))


def keyword(body: str) -> str | None:
    """STOP, START or HELP if the text is one such word and nothing else, as the networks read it."""
    return KEYWORDS.get(body.strip().upper())


def final_status(to: str) -> tuple[str, int | None]:
    """How a text to this number ends: its last status, and the error."""
    code = UNDELIVERED.get(to)
    return ("undelivered", code) if code else ("delivered", None)


def _bad_content(form: Mapping[str, str], media: bool) -> Refusal | None:
    body, callback, validity = form.get("Body", ""), form.get("StatusCallback", ""), form.get("ValidityPeriod", "1")
    if not body and not media:
        return Refusal(400, 21602, "Message body is required")
    if len(body) > LONGEST_BODY:
        return Refusal(400, 21617, "The concatenated message body exceeds the 1600 character limit")
    if callback and (urlsplit(callback).scheme not in {"http", "https"} or not urlsplit(callback).netloc):
        return Refusal(400, 21609, "The 'StatusCallback' URL is not a valid URL")
    if not validity.isascii() or not validity.isdigit() or not 1 <= int(validity) <= LONGEST_VALIDITY:
        return Refusal(400, 90007, "Invalid validity period value")
    return None


def _bad_sender(form: Mapping[str, str], number: str) -> Refusal | None:
    sender = form.get("From", "")
    if form.get("MessagingServiceSid"):
        return None
    if not sender:
        return Refusal(400, 21603, "A 'From' phone number is required")
    if sender in {number, TEST_SENDER}:
        return None
    return _FROM.get(sender, _FROM["+15005550007"])


def _bad_recipient(to: str) -> Refusal | None:
    if not to:
        return Refusal(400, 21604, "A 'To' phone number is required")
    return _TO.get(to) or (None if _is_number(to) else _TO["+15005550001"])


def _is_number(text: str) -> bool:
    try:
        return phonenumbers.is_possible_number(phonenumbers.parse(text, None))
    except phonenumbers.NumberParseException:
        return False
