"""What goes wrong outside of us costs nobody a text and gives nobody two: the way to Twilio, Twilio itself, the
database in the moment after a text has left. What a rep sees meanwhile, and what the judge's log holds in the end."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import pytest

from tests.faults.conftest import House
from tests.faults.jobs import LEFT
from vidmsg.messages import states

LATER = [3, 6, 17, 24, 40, 75]  # minutes


@dataclass(frozen=True)
class Fault:
    """`at_twilio`: what goes wrong there, in order; `here`: what is broken for the process that sends. `seen`: the
    state that the rep sees right after it. `attempts`: how many calls it took in the end."""

    name: str
    seen: str
    attempts: int
    at_twilio: tuple[tuple[str, str], ...] = ()
    here: str = ""
    database: str = "sqlite"
    plan: dict[str, Any] = field(default_factory=dict)


TEXTING = [
    Fault("no name is found", states.SCHEDULED, 2, here="no_name"),
    Fault("nobody listens", states.SCHEDULED, 2, here="no_connection"),
    Fault("no TLS", states.UNKNOWN, 2, here="no_tls"),
    Fault("429", states.SCHEDULED, 2, (("send", "busy"),)),
    Fault("500 before it is accepted", states.UNKNOWN, 2, (("send", "broken_before"),)),
    Fault("500 after it is accepted", states.UNKNOWN, 1, (("send", "broken_after"),)),
    Fault("no answer in time", states.UNKNOWN, 1, (("send", "slow"),), here="impatient", plan={"slow_s": 0.5}),
    Fault("accepted minutes later", states.UNKNOWN, 1, (("send", "late"),), plan={"late_s": 600}),
    Fault("half an answer", states.UNKNOWN, 1, (("send", "half"),)),
    Fault("an answer that is no JSON", states.UNKNOWN, 1, (("send", "garbled"),)),
    Fault("the SID of no text", states.ACCEPTED, 1, (("send", "wrong_sid"),)),
    Fault("the list fails", states.UNKNOWN, 1, (("send", "broken_after"), ("list", "broken"), ("list", "broken"))),
    Fault("the list is old", states.UNKNOWN, 1, (("send", "broken_after"), ("list", "stale"))),
]
DATABASE = [
    Fault("busy", states.SUBMITTING, 1, here="busy"),
    Fault("full", states.SUBMITTING, 1, here="full"),
    Fault("a commit fails", states.SUBMITTING, 1, here="commit_fails"),
    Fault("dropped", states.SUBMITTING, 1, here="dropped", database="postgres"),
    Fault("deadlock", states.SUBMITTING, 1, here="deadlock", database="postgres"),
]


@pytest.mark.parametrize(
    ("house", "fault"),
    [pytest.param(fault.database, fault, id=fault.name) for fault in [*TEXTING, *DATABASE]],
    indirect=["house"],
)
def test_one_text_leaves_whatever_goes_wrong(house: House, fault: Fault) -> None:
    phone = house.number()
    wrong = [{"on": on, "fault": name, "to": phone} for on, name in fault.at_twilio]
    house.twilio.goes_wrong(*wrong, **fault.plan)
    told = house.do("go_on", phone=phone, minutes=[0], new=True, breaks=fault.here)
    assert told["state"] == fault.seen
    told = house.do("go_on", phone=phone, minutes=LATER)
    (text,) = house.twilio.texts(phone)
    assert text.endswith(told["token"])
    assert told["state"] in LEFT
    assert len(told["attempts"]) == fault.attempts


@pytest.mark.parametrize("house", ["sqlite"], indirect=True)
def test_where_twilios_list_stays_away_a_person_is_asked(house: House) -> None:
    phone = house.number()
    house.twilio.goes_wrong({"on": "send", "fault": "broken_after", "to": phone}, chances={"list": {"broken": 1.0}})
    told = house.do("go_on", phone=phone, minutes=[0, *LATER], new=True)
    assert (told["state"], len(told["attempts"])) == (states.UNCONFIRMED, 1)
    assert len(house.twilio.texts(phone)) == 1


@pytest.mark.parametrize("house", ["sqlite"], indirect=True)
def test_where_a_second_attempt_is_lost_too_a_person_is_asked(house: House) -> None:
    phone = house.number()
    house.twilio.goes_wrong(*[{"on": "send", "fault": "broken_before", "to": phone}] * 2)
    told = house.do("go_on", phone=phone, minutes=[0, *LATER], new=True)
    assert (told["state"], len(told["attempts"])) == (states.UNCONFIRMED, 2)
    assert house.twilio.texts(phone) == []


def test_stop_between_claim_and_call_is_obeyed(house: House) -> None:
    phone = house.number()
    sender = house.start("go_on", "claimed: committed, nothing else", phone=phone, minutes=[0], new=True)
    sender.reach()
    house.do("stop_texting", phone=phone)
    sender.go_on()
    told = sender.result()
    assert (told["state"], house.twilio.texts(phone)) == (states.SUPPRESSED, [])
    assert "asked us to stop" in told["reason"]
