"""The JSON of the simulated Twilio: a text, a page of them, the account, its number, each as Twilio's published
contract has it. Pure: rows in, dictionaries out."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Mapping
from email.utils import format_datetime
from typing import Any
from urllib.parse import urlencode

from werkzeug import Request

from vidmsg import clock
from vidmsg.sms.models import SimulatedMessage
from vidmsg.sms.simulator_store import API_VERSION, INBOUND, RANK

_ERRORS = {
    30001: "Queue overflow",
    30003: "Unreachable destination handset",
    30004: "Message blocked",
    30005: "Unknown destination handset",
    30006: "Landline or unreachable carrier",
    30007: "Message filtered",
    30008: "Unknown error",
    30034: "US A2P 10DLC - message from an unregistered number",
    30036: "Validity period expired",
}


def message(row: SimulatedMessage, account_sid: str) -> dict[str, Any]:
    """A Message resource."""
    uri = f"/{API_VERSION}/Accounts/{account_sid}/Messages/{row.sid}"
    service = row.sender if row.sender.startswith("MG") else None
    ours = None if service else row.sender
    sender, to = (row.customer, ours) if row.direction == INBOUND else (ours, row.customer)
    return {
        "account_sid": account_sid,
        "api_version": API_VERSION,
        "body": row.body,
        "date_created": _date(row.created_at),
        "date_sent": _date(row.sent_at),
        "date_updated": _date(row.updated_at),
        "direction": row.direction,
        "error_code": row.error_code,
        "error_message": _ERRORS.get(row.error_code) if row.error_code else None,
        "from": sender,
        "messaging_service_sid": service,
        "num_media": "1" if row.media_url else "0",
        "num_segments": str(row.segments),
        "price": None,
        "price_unit": "USD",
        "sid": row.sid,
        "status": row.status,
        "subresource_uris": {"media": f"{uri}/Media.json"},
        "to": to,
        "uri": f"{uri}.json",
    }


def ended(row: SimulatedMessage) -> bool:
    """Whether nothing more will happen to the text by itself."""
    return row.direction == INBOUND or RANK[row.status] == RANK["delivered"]


def page(request: Request, key: str, records: list[dict[str, Any]], size: int, more: bool) -> dict[str, Any]:
    """One page of a list, with the addresses of the first and the next."""
    number = request.args.get("Page", 0, int)
    asked = {name: value for name, value in request.args.items() if name not in {"Page", "PageSize", "PageToken"}}

    def address(page_number: int, **token: str) -> str:
        return f"{request.path}?{urlencode({**asked, 'PageSize': size, 'Page': page_number, **token})}"

    following = address(number + 1, PageToken="PA" + records[-1]["sid"]) if more else None
    start = number * size
    return {
        key: records,
        "page": number,
        "page_size": size,
        "start": start,
        "end": start + max(len(records) - 1, 0),
        "uri": address(number),
        "first_page_uri": address(0),
        "next_page_uri": following,
        "previous_page_uri": None,
    }


def account(sid: str) -> dict[str, Any]:
    """An Account resource."""
    made = _date(clock.now())
    return {
        "auth_token": None,
        "date_created": made,
        "date_updated": made,
        "friendly_name": "Practice phone",
        "owner_account_sid": sid,
        "sid": sid,
        "status": "active",
        "subresource_uris": {},
        "type": "Full",
        "uri": f"/{API_VERSION}/Accounts/{sid}.json",
    }


def service(sid: str, account_sid: str) -> dict[str, Any]:
    """A Messaging Service, as far as anybody here reads it."""
    made = clock.now().isoformat(timespec="seconds").replace("+00:00", "Z")
    return {
        "account_sid": account_sid,
        "sid": sid,
        "friendly_name": "Practice service",
        "date_created": made,
        "date_updated": made,
        "url": f"https://messaging.twilio.com/v1/Services/{sid}",
        "links": {},
    }


def number(e164: str, account_sid: str, hooks: Mapping[str, str]) -> dict[str, Any]:
    """An IncomingPhoneNumber resource, as far as anybody here reads it."""
    sid = "PN" + hashlib.sha256(e164.encode()).hexdigest()[:32]
    return {
        "account_sid": account_sid,
        "sid": sid,
        "phone_number": e164,
        "friendly_name": e164,
        "origin": "twilio",
        "capabilities": {"voice": True, "sms": True, "mms": True, "fax": False},
        "status": "in-use",
        "sms_url": hooks.get("SmsUrl", ""),
        "sms_method": hooks.get("SmsMethod", "POST"),
        "voice_url": hooks.get("VoiceUrl"),
        "voice_method": hooks.get("VoiceMethod", "POST"),
        "api_version": API_VERSION,
        "uri": f"/{API_VERSION}/Accounts/{account_sid}/IncomingPhoneNumbers/{sid}.json",
    }


def moment(text: str) -> dt.datetime:
    """A date or a moment of a list's filter, in UTC unless it says otherwise. Raises ValueError."""
    found = dt.datetime.fromisoformat(text)
    return found if found.tzinfo else found.replace(tzinfo=dt.UTC)


def _date(at: dt.datetime | None) -> str | None:
    return format_datetime(at.astimezone(dt.UTC)) if at else None
