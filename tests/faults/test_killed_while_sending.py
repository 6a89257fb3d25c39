"""A text goes out exactly once, wherever the process that sends it dies. Sixteen points on its way, three ways to go on
after the SIGKILL, two databases; the judge is the log of a Twilio that lives on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest

from tests.faults.conftest import House
from tests.faults.jobs import LEFT
from tests.faults.points import POINTS
from vidmsg.messages import states

AT_ONCE, AFTER_THE_LEASE, SECOND_WORKER = "at once", "after the lease", "beside a second worker"
AFTERWARDS = (0, 3, 6, 17, 24, 40, 75)  # minutes after the death at which somebody works on
LEASE_OVER = 6


@dataclass(frozen=True)
class Before:
    """What has to happen so that a point is come to: where an earlier worker died, at which minutes the doomed one
    works, what goes wrong at Twilio, whether it is the web process that dies."""

    first_death: str = ""
    minutes: tuple[float, ...] = (0,)
    fault: str = ""
    web: bool = False


UNREAD = "reading: Twilio's answer is there, unread"
UNSENT = "submitting: attempt committed, no call yet"
BEFORE = {
    "refused": Before(fault="busy"),
    "receipt": Before(web=True),
    "answered": Before(web=True),
    "sweeping": Before(UNREAD, (3,)),
    "finding": Before(UNREAD, (3,)),
    "resending": Before(UNSENT, (3, 17)),
}


@pytest.mark.parametrize("recovery", [AT_ONCE, AFTER_THE_LEASE, SECOND_WORKER])
@pytest.mark.parametrize("point", POINTS, ids=lambda point: point.split(":")[0])
def test_a_text_goes_out_exactly_once(house: House, point: str, recovery: str) -> None:
    phone, name = house.number(), point.split(":")[0]
    before = BEFORE.get(name, Before())
    doomed = _to_its_point(house, phone, point, before)
    died_at = before.minutes[-1]
    later = [died_at + minute for minute in AFTERWARDS]
    how = {"phone": phone, "birthday": name == "planning", "hear": before.web}
    if recovery == SECOND_WORKER:
        second = house.start("go_on", minutes=later, **how)
        doomed.kill()
        told = second.result()
    else:
        doomed.kill()
        waits = LEASE_OVER if recovery == AFTER_THE_LEASE else 0
        told = house.do("go_on", minutes=[minute for minute in later if minute >= died_at + waits], **how)
    _judge(house, phone, told)
    assert told["state"] == states.DELIVERED or not before.web
    assert told["days"] == int(name == "planning")


def _to_its_point(house: House, phone: str, point: str, before: Before) -> Any:
    if before.fault:
        house.twilio.goes_wrong({"on": "send", "fault": before.fault, "to": phone})
    new = {"phone": phone, "new": True, "birthday": point.startswith("planning")}
    if before.first_death:
        first = house.start("go_on", before.first_death, minutes=[0], **new)
        first.reach()
        first.kill()
        new["new"] = False
    if before.web:
        house.do("go_on", minutes=[0], **new)
        doomed = house.start("call_back", point, phone=phone, status="sent")
    else:
        doomed = house.start("go_on", point, minutes=before.minutes, **new)
    doomed.reach()
    return doomed


def _judge(house: House, phone: str, told: dict[str, Any]) -> None:
    """One text with her link; our rows say that it left, know which it is, and can tell how it came."""
    (text,) = house.twilio.texts(phone)
    assert text.endswith(told["token"])
    assert told["state"] in LEFT, told
    assert len([sid for _, _, sid in told["attempts"] if sid]) == 1, told
    assert told["way"][-1][1] == told["state"]
    for (_, came_to), (went_from, _) in zip(told["way"], told["way"][1:], strict=False):
        assert came_to == went_from, told["way"]
