"""Faults on demand for the simulated Twilio: what goes wrong next, or how often by chance, for texts that are handed
over, for its list, for questions about one text, and for its callbacks. A rule of the simulator (see simulator_api),
and asked by the server before each callback. For tests and benches; knows HTTP, but no rows."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import secrets
import threading
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime
from typing import Any

from werkzeug import Request, Response

from vidmsg import clock

Proceed = Callable[[], Response]

SEND, LIST, FETCH, CALLBACK = "send", "list", "fetch", "callback"
REFUSED, BUSY, BROKEN_BEFORE, BROKEN_AFTER = "refused", "busy", "broken_before", "broken_after"
SLOW, LATE, HALF, GARBLED, WRONG_SID = "slow", "late", "half", "garbled", "wrong_sid"
STALE, BROKEN = "stale", "broken"
LOST, DOUBLED, REORDERED = "lost", "doubled", "reordered"
KNOWN = {
    SEND: (REFUSED, BUSY, BROKEN_BEFORE, BROKEN_AFTER, SLOW, LATE, HALF, GARBLED, WRONG_SID),
    LIST: (STALE, BROKEN),
    FETCH: (BROKEN,),
    CALLBACK: (LOST, DOUBLED, REORDERED),
}


@dataclass(frozen=True)
class Plan:
    """`next`: faults as `{"on", "fault", "to"}`, each for one request, those for one number only with `to`; `chances`:
    how likely each other request of a kind meets which fault, drawn by `seed`, the same each time. `slow_s`: real
    seconds that a slow answer takes; `late_s`: after how long by the clock a late text is accepted; `stale_s`: how old
    a text is when a stale list begins to show it."""

    next: tuple[Mapping[str, str], ...] = ()
    chances: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    seed: str = ""
    slow_s: float = 1.0
    late_s: float = 300.0
    stale_s: float = 600.0

    @classmethod
    def of(cls, told: Mapping[str, Any]) -> Plan:
        """The plan that a test sent. Raises ValueError for a fault that there is not."""
        plan = cls(**{**told, "next": tuple(told.get("next", ()))})
        pairs = [(one["on"], one["fault"]) for one in plan.next]
        pairs += [(kind, name) for kind, named in plan.chances.items() for name in named]
        unknown = [pair for pair in pairs if pair[1] not in KNOWN.get(pair[0], ())]
        if unknown:
            raise ValueError(f"no such fault: {unknown}")
        return plan


class Faults:
    """What goes wrong. `rule` belongs into Simulator.rules."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._taking = threading.Lock()
        self._late: list[tuple[dt.datetime, Proceed]] = []
        self.met: Counter[str] = Counter()
        self.order(Plan())

    def order(self, plan: Plan) -> None:
        """From now on this goes wrong, and nothing of before."""
        with self._lock:
            self._plan, self._next, self._asked = plan, list(plan.next), Counter[str]()

    def rule(self, request: Request, proceed: Proceed) -> Response:
        """Answers in the network's place where something goes wrong."""
        self.accept_late()
        kind = _kind(request)
        if kind is None:
            return proceed()
        fault = self.draw(kind, request.form.get("To") or request.args.get("To", ""))
        if kind == SEND:
            return self._send(fault, request, proceed)
        if fault == BROKEN:
            return _error(500, 20500)
        return self._stale(proceed()) if fault == STALE else proceed()

    def draw(self, kind: str, to: str) -> str | None:
        """The fault that this request or callback meets, or None."""
        with self._lock:
            for one in self._next:
                if one["on"] == kind and one.get("to", to) == to:
                    self._next.remove(one)
                    return self._noted(kind, one["fault"])
            self._asked[kind] += 1
            drawn = _chance(f"{self._plan.seed}/{kind}/{self._asked[kind]}")
            for name, likely in self._plan.chances.get(kind, {}).items():
                drawn -= likely
                if drawn < 0:
                    return self._noted(kind, name)
        return None

    def accept_late(self) -> None:
        """Take the texts whose late moment has come. Whoever asks meanwhile waits until they are taken: else a list
        would miss them, long after their moment."""
        with self._taking:
            with self._lock:
                now = clock.now()
                ripe = [proceed for at, proceed in self._late if at <= now]
                self._late = [(at, proceed) for at, proceed in self._late if at > now]
            for proceed in ripe:
                proceed()

    def _noted(self, kind: str, name: str) -> str:
        self.met[f"{kind} {name}"] += 1
        return name

    def _send(self, fault: str | None, request: Request, proceed: Proceed) -> Response:
        match fault:
            case "refused":
                return _error(400, 21612)
            case "busy":
                return _error(429, 20429)
            case "broken_before":
                return _error(500, 20500)
            case "late":
                request.form  # noqa: B018  (read now: later the connection is gone)
                with self._lock:
                    self._late.append((clock.now() + dt.timedelta(seconds=self._plan.late_s), proceed))
                return _error(504, 20504)
        answer = proceed()
        if fault == SLOW:
            threading.Event().wait(self._plan.slow_s)
        return _spoilt(answer, fault) if answer.status_code == 201 else answer

    def _stale(self, answer: Response) -> Response:
        """The list as it was a while ago."""
        content = json.loads(answer.get_data())
        before = clock.now() - dt.timedelta(seconds=self._plan.stale_s)
        content["messages"] = [one for one in content.get("messages", []) if _made(one) <= before]
        return Response(json.dumps(content), answer.status_code, content_type="application/json")


def _kind(request: Request) -> str | None:
    if request.path.endswith("/Messages.json"):
        return SEND if request.method == "POST" else LIST
    return FETCH if "/Messages/" in request.path and request.method == "GET" else None


def _spoilt(answer: Response, fault: str | None) -> Response:
    """The answer to a text that was accepted, as it arrives."""
    whole = answer.get_data()
    match fault:
        case "broken_after":
            return _error(500, 20500)
        case "half":
            told = {"Content-Length": str(len(whole))}
            return Response(whole[: len(whole) // 2], 201, told, content_type="application/json")
        case "garbled":
            return Response(b"<html>201 Created</html>", 201, content_type="application/json")
        case "wrong_sid":
            content = {**json.loads(whole), "sid": "SM" + secrets.token_hex(16)}
            return Response(json.dumps(content), 201, content_type="application/json")
    return answer


def _error(status: int, code: int) -> Response:
    content = {"code": code, "message": "on demand", "more_info": "", "status": status}
    return Response(json.dumps(content), status, content_type="application/json")


def _made(text: Mapping[str, Any]) -> dt.datetime:
    return parsedate_to_datetime(str(text["date_created"]))


def _chance(of: str) -> float:
    """Between 0 and 1, as good as drawn, and the same each time."""
    return int.from_bytes(hashlib.sha256(of.encode()).digest()[:8], "big") / 2**64
