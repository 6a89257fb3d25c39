"""The door to Twilio, and the only importer of its SDK. A text is handed over by exactly one POST, and what came of it
is one of four outcomes; trying again is the caller's business, for only it knows what was sent before. It may not know
messages, people or the database."""

from __future__ import annotations

import datetime as dt
import ssl
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import requests
import urllib3
from requests.adapters import BaseAdapter
from twilio.base.exceptions import TwilioException, TwilioRestException, TwilioServiceException
from twilio.http.http_client import TwilioHttpClient
from twilio.request_validator import RequestValidator
from twilio.rest import Client

from vidmsg.errors import Sentence
from vidmsg.sms import checking, codes

TIMEOUTS = (5, 20)  # seconds to connect, to wait for an answer; the SDK's own default is for ever
PAGE_SIZE = 200
MOST_NUMBERS = 200
NOT_FOUND = 404
CLOCK_SKEW = dt.timedelta(hours=1)


@dataclass(frozen=True)
class Accepted:
    """Twilio has the text. `status` is its first: queued, or accepted with a Messaging Service."""

    sid: str
    status: str
    segments: int


@dataclass(frozen=True)
class Listed:
    """A text as Twilio knows it."""

    sid: str
    status: str
    error_code: int | None
    body: str
    direction: str
    created_at: dt.datetime | None


@dataclass(frozen=True)
class Number:
    """A number of the account: where Twilio calls when a text or a call comes in, empty where nowhere."""

    sid: str
    phone: str
    texts_to: str
    calls_to: str
    can_text: bool


class GatewayError(Sentence):
    """Twilio could not be asked, or said no; the text is a sentence for whoever runs the installation."""


class NotKnown(GatewayError):
    """Twilio knows no such text."""


class ListingFailed(GatewayError):
    """No complete list could be had, so nothing may be concluded from it."""


@dataclass(eq=False)
class RefusedRetry(Exception):
    """Certainly not accepted; safe to try again after a pause."""

    code: int | None
    message: str


@dataclass(eq=False)
class RefusedFinal(Exception):
    """Certainly not accepted, and trying again would not help. `opted_out`: the number texted STOP to Twilio."""

    code: int | None
    message: str
    opted_out: bool = False


@dataclass(eq=False)
class Unclear(Exception):
    """Nobody knows whether Twilio took the text: it must be looked up, never just sent again."""

    reason: str


class Gateway:
    """One Twilio account and one sender (a number, or a Messaging Service `MG…`). `transport` stands in for the
    network. Cheap to make: the SDK's client is built at its first use."""

    def __init__(
        self,
        account_sid: str,
        auth_token: str,
        api_key: str,
        api_secret: str,
        sender: str,
        transport: BaseAdapter | None = None,
    ) -> None:
        self.account_sid, self.sender = account_sid, sender
        self._auth_token, self._api_key, self._api_secret = auth_token, api_key, api_secret
        self._transport = transport

    @cached_property
    def _client(self) -> Client:
        return self._made(self._api_key, self._api_secret) if self._api_key else self._owner

    @cached_property
    def _owner(self) -> Client:
        """The account itself, which an API key may not read."""
        return self._made(self.account_sid, self._auth_token)

    def _made(self, user: str, password: str) -> Client:
        http = TwilioHttpClient()
        http.timeout = TIMEOUTS  # the constructor takes one number only
        assert http.session is not None
        # A kept connection that the other side closes meanwhile looks like an unclear outcome; a new one can't.
        http.session.headers["Connection"] = "close"
        if self._transport:
            http.session.mount("https://", self._transport)
        return Client(user, password, self.account_sid, http_client=http)

    def send(
        self, to: str, body: str, status_callback: str | None, validity_seconds: int, media_url: str | None = None
    ) -> Accepted:
        """Hand one text over by one POST. `to` in E.164; Twilio drops the text if it could not pass it on within
        `validity_seconds` (1 to 36000). Raises RefusedRetry, RefusedFinal or Unclear."""
        by = {"messaging_service_sid": self.sender} if self.sender.startswith("MG") else {"from_": self.sender}
        more: dict[str, Any] = {"media_url": [media_url]} if media_url else {}
        if status_callback:
            more["status_callback"] = status_callback
        messages = self._client.messages
        try:
            made = messages.create(to=to, body=body, validity_period=validity_seconds, **by, **more)
            return Accepted(_sid(made.sid), str(made.status), int(made.num_segments or 0))
        except (TwilioRestException, TwilioServiceException) as error:
            raise _refusal(error) from None
        except requests.RequestException as error:
            raise _lost(error) from None
        except Exception as error:  # an answer that can't be read: the text may well be on its way
            raise Unclear(f"Twilio's answer can't be read ({type(error).__name__})") from error

    def find(self, to: str, containing: str, since: dt.datetime) -> list[Listed]:
        """Every text to `to` with `containing` in its body, from a complete listing back to `since`.

        Asked by To alone: date_sent is empty until a text is sent, so a filter by date would hide the very texts that
        are in doubt. Raises ListingFailed when any page is missing."""
        try:
            return [one for one in self._listing(to, since - CLOCK_SKEW) if containing in one.body]
        except Exception as error:  # whatever went wrong, the list is not complete
            raise ListingFailed(_told(error)) from error

    def _listing(self, to: str, since: dt.datetime) -> Iterator[Listed]:
        page = self._client.messages.page(to=to, page_size=PAGE_SIZE)
        while page is not None:
            texts = [_listed(instance) for instance in page]
            yield from texts
            if texts and all(one.created_at and one.created_at < since for one in texts):
                return
            page = page.next_page()

    def fetch(self, sid: str) -> Listed:
        """One text as Twilio knows it now. Raises GatewayError, NotKnown where it knows none with this SID."""
        try:
            return _listed(self._client.messages(sid).fetch())
        except Exception as error:
            if getattr(error, "status", None) == NOT_FOUND:
                raise NotKnown(_told(error)) from error
            raise GatewayError(_told(error)) from error

    def signed(self, url: str, form: Mapping[str, str] | str, signature: str | None) -> bool:
        """Whether Twilio made this request. `url` exactly as Twilio was given it (a `#fragment` may be left out or
        not), `form` the whole form (a MultiDict where names repeat) or the raw body of a JSON request."""
        if not signature:
            return False
        validator = RequestValidator(self._auth_token)
        addresses = {url, url.split("#", 1)[0]}
        return any(validator.validate(address, form, signature) for address in addresses)

    def check(self) -> str:
        """Really ask Twilio for the account, by its token, and for its sender, by the key that sends; say in a sentence
        what it answered. Raises GatewayError."""
        try:
            account = checking.account(self._owner, self.account_sid)
            return f"{account}; {checking.sender(self._client, self._owner, self.sender)}."
        except Sentence as error:
            raise GatewayError(str(error)) from error
        except Exception as error:
            raise GatewayError(_told(error)) from error

    def numbers(self) -> list[Number]:
        """The account's numbers. Raises GatewayError."""
        try:
            return [_number(instance) for instance in self._client.incoming_phone_numbers.list(limit=MOST_NUMBERS)]
        except Exception as error:
            raise GatewayError(_told(error)) from error

    def point(self, number: Number, texts_to: str, calls_to: str) -> None:
        """Have Twilio call these addresses, by POST, when a text or a call comes in. Raises GatewayError."""
        try:
            self._client.incoming_phone_numbers(number.sid).update(
                sms_url=texts_to, sms_method="POST", voice_url=calls_to, voice_method="POST"
            )
        except Exception as error:
            raise GatewayError(_told(error)) from error

    def is_trial(self) -> bool:
        """Whether the account may text verified numbers only. Raises GatewayError."""
        try:
            return str(self._owner.api.v2010.accounts(self.account_sid).fetch().type) == "Trial"
        except Exception as error:
            raise GatewayError(_told(error)) from error


def _sid(sid: str | None) -> str:
    if not sid:
        raise ValueError("no sid in the answer")
    return sid


def _number(instance: Any) -> Number:
    able = instance.capabilities
    can_text = bool(able.get("sms") if isinstance(able, dict) else getattr(able, "sms", False))
    return Number(
        _sid(instance.sid), str(instance.phone_number), instance.sms_url or "", instance.voice_url or "", can_text
    )


def _listed(instance: Any) -> Listed:
    return Listed(
        _sid(instance.sid),
        str(instance.status),
        instance.error_code,
        instance.body or "",
        str(instance.direction),
        instance.date_created,
    )


def _refusal(error: TwilioRestException | TwilioServiceException) -> Exception:
    status = error.status
    code = None if error.code == status else error.code  # the SDK fills a missing code with the status
    if not 400 <= status < 500:
        return Unclear(f"Twilio answered {status}")
    known = codes.meaning(code)
    if status == 429 or known.kind is codes.Class.RETRY:
        return RefusedRetry(code, known.sentence if known.kind is codes.Class.RETRY else codes.meaning(20429).sentence)
    return RefusedFinal(code, known.sentence, opted_out=code == codes.OPTED_OUT)


def _lost(error: requests.RequestException) -> Exception:
    """A failed exchange: harmless when no connection ever stood, unclear otherwise."""
    if isinstance(error, requests.ConnectTimeout | requests.exceptions.ProxyError) or _never_connected(error):
        return RefusedRetry(None, "Twilio can't be reached. The text is tried again by itself.")
    return Unclear(f"the connection to Twilio broke ({type(error).__name__})")


def _never_connected(error: requests.RequestException) -> bool:
    cause: Any = error.args[0] if error.args else None
    cause = getattr(cause, "reason", cause)
    inner = cause.args[0] if getattr(cause, "args", None) else None
    unconnected = urllib3.exceptions.NewConnectionError | urllib3.exceptions.ConnectTimeoutError
    return isinstance(cause, unconnected) or isinstance(inner, ssl.SSLCertVerificationError)


def _told(error: Exception) -> str:
    """An error as a sentence for whoever runs the installation."""
    if isinstance(error, TwilioRestException | TwilioServiceException):
        if error.status == 401:
            return codes.meaning(20003).sentence
        return f"Twilio answered {error.status} (error {error.code})."
    if isinstance(error, requests.RequestException):
        return f"Twilio can't be reached ({type(error).__name__}). Check the network."
    if isinstance(error, TwilioException | ValueError | TypeError):
        return "Twilio gave an answer that can't be read. Try again in a while."
    return f"Twilio could not be asked ({type(error).__name__})."
