"""Every schedule of crashes and lost words that one message can meet, with at most four faults, run through the shipped
table of moves and the shipped rules of looking up: none is lost, and none doubled while Twilio's list settles in time.

The world is small and honest: a worker that may die between any two steps, a network that may lose a request or an
answer, a Twilio that may refuse, accept late, list late or forget to call back. What a worker decides is asked of the
application itself (`states.allowed`, `reconcile.after_empty`, `receipts.STATUSES`), so that a change there is tried
here."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cache

import pytest

from vidmsg.messages import receipts, reconcile, states

MOST_FAULTS = 4
LATE = dt.timedelta(minutes=10)  # how much later than the answer Twilio may accept, or list: within SETTLED
TOO_LATE = dt.timedelta(minutes=40)
MINUTE = dt.timedelta(minutes=1)


@dataclass(frozen=True)
class World:
    """One moment: what our row says, what the worker holds, what Twilio has. Minutes since the beginning."""

    state: str = states.SCHEDULED
    now: int = 0
    attempts: int = 0  # calls that may have become a text
    refused: int = 0
    attempt_at: int = 0
    empties: int = 0
    known: int = 0  # texts whose SID we have
    texts: tuple[int, ...] = ()  # minutes from which Twilio lists each text that it took
    worker: str = "idle"  # what a living worker does next
    faults: int = 0


def move(world: World, to: str, mover: str, **values: object) -> World:
    """The move that the application would make; the table has to know it."""
    assert states.allowed(world.state, to, mover), (world.state, to, mover)
    return replace(world, state=to, **values)  # type: ignore[arg-type]


def steps(world: World, listed_after: int) -> Iterator[World]:
    """Every way in which it may go on from here."""
    match world.state:
        case states.SCHEDULED:
            yield move(world, states.CLAIMED, states.SENDER, worker="claimed")
            if world.faults < MOST_FAULTS:
                yield replace(world, faults=world.faults + 1)  # killed before the claim was committed
        case states.CLAIMED:
            yield from _claimed(world)
        case states.SUBMITTING:
            yield from _submitting(world, listed_after)
        case states.UNKNOWN:
            yield from _unknown(world)
        case states.ACCEPTED | states.SENT:
            yield from _left(world)


def _claimed(world: World) -> Iterator[World]:
    if world.worker == "idle":  # its worker died: the lease runs out, and no call can have begun
        yield move(world, states.SCHEDULED, states.SWEEPER, now=world.now + 5)
        return
    begun = {"attempts": world.attempts + 1, "attempt_at": world.now, "empties": 0}
    yield move(world, states.SUBMITTING, states.SENDER, worker="calling", **begun)
    if world.faults < MOST_FAULTS:
        yield replace(world, worker="idle", faults=world.faults + 1)  # killed before the attempt's row


def _submitting(world: World, listed_after: int) -> Iterator[World]:
    if world.worker == "idle":  # the lease of the call ran out
        yield move(world, states.UNKNOWN, states.SWEEPER, now=world.now + 2)
    elif world.worker == "calling":
        yield from _calls(world, listed_after)
    else:
        yield from _answered(world)


def _calls(world: World, listed_after: int) -> Iterator[World]:
    at_once = (*world.texts, world.now)
    yield replace(world, texts=at_once, worker="accepted")
    if world.faults == MOST_FAULTS:
        return
    one_more = {"faults": world.faults + 1}
    later = (*world.texts, world.now + listed_after)
    yield replace(world, worker="idle", **one_more)  # killed before the socket
    yield replace(world, worker="refused", **one_more)  # 429, or no connection
    yield replace(world, worker="unclear", **one_more)  # the request was lost
    yield replace(world, texts=at_once, worker="unclear", **one_more)  # the answer was lost
    yield replace(world, texts=at_once, worker="idle", **one_more)  # killed with the answer unread
    yield replace(world, texts=later, worker="unclear", **one_more)  # timed out, accepted later
    yield replace(world, texts=later, worker="accepted", **one_more)  # accepted, listed late
    if world.faults + 1 < MOST_FAULTS:
        yield replace(world, texts=later, worker="idle", faults=world.faults + 2)  # killed, and listed late


def _answered(world: World) -> Iterator[World]:
    """The answer is in the worker's hands, and not yet written."""
    if world.faults < MOST_FAULTS:
        yield replace(world, worker="idle", faults=world.faults + 1)  # killed before the commit
    match world.worker:
        case "accepted":
            yield move(world, states.ACCEPTED, states.SENDER, known=world.known + 1, worker="idle")
        case "refused":
            back = {"refused": world.refused + 1, "worker": "idle", "now": world.now + 1}
            yield move(world, states.SCHEDULED, states.SENDER, **back)
        case "unclear":
            yield move(world, states.UNKNOWN, states.SENDER, worker="idle", now=world.now + 1)
    if world.worker in {"accepted", "unclear"} and len(world.texts) > world.known:  # a callback was faster
        yield move(world, states.DELIVERED, states.RECEIPTS, known=world.known + 1, worker="idle")


def _unknown(world: World) -> Iterator[World]:
    listed = sum(1 for since in world.texts if since <= world.now)
    found = listed > world.known
    if found:
        yield move(world, states.ACCEPTED, states.RECONCILER, known=world.known + 1)
        yield move(world, states.DELIVERED, states.RECEIPTS, known=world.known + 1)  # or its callback comes
    else:
        yield _not_found(world, complete=True)
    if world.faults < MOST_FAULTS:
        failed = replace(world, faults=world.faults + 1)
        yield _not_found(failed, complete=False)  # the list can't be read
        if found and world.now - world.attempt_at < minutes(reconcile.SETTLED):
            yield _not_found(failed, complete=True)  # a stale list, within the time that it has
        yield replace(failed, now=failed.now + 1)  # killed while looking: it looks again


def _not_found(world: World, *, complete: bool) -> World:
    empties = world.empties + int(complete)
    to = reconcile.after_empty(
        complete=complete,
        empties=empties,
        age=(world.now - world.attempt_at) * MINUTE,
        of_unknown_fate=world.attempts - world.refused,
        resends=True,
    )
    if to is None:
        settled = world.attempt_at + minutes(reconcile.SETTLED)
        return replace(world, empties=empties, now=max(world.now + 1, settled))
    return move(world, to, states.RECONCILER, empties=empties)


def _left(world: World) -> Iterator[World]:
    """Receipts come in any order; a lost one, and one that a crash cut off, is asked for by SID."""
    for status in ("sent", "delivered"):
        to = receipts.STATUSES[status]
        if not states.allowed(world.state, to, states.RECEIPTS):
            continue
        yield move(world, to, states.RECEIPTS)
        if world.faults < MOST_FAULTS:
            yield replace(move(world, to, states.RECEIPTS), faults=world.faults + 1)


def minutes(span: dt.timedelta) -> int:
    return round(span / MINUTE)


@cache
def schedules(world: World, listed_after: int) -> Counter[tuple[str, int]]:
    """How many schedules lead from here to each end, which is a state and the number of texts on the phone."""
    ends: Counter[tuple[str, int]] = Counter()
    going_on = list(steps(world, listed_after))
    for after in going_on:
        ends += schedules(after, listed_after)
    if not going_on:
        ends[world.state, len(world.texts)] += 1
    return ends


@pytest.fixture(scope="module")
def in_time() -> Counter[tuple[str, int]]:
    return schedules(World(), minutes(LATE))


def test_there_are_many_schedules(in_time: Counter[tuple[str, int]]) -> None:
    assert sum(in_time.values()) >= 12_000


def test_no_text_is_doubled_while_the_list_settles_in_time(in_time: Counter[tuple[str, int]]) -> None:
    assert {texts for _state, texts in in_time} <= {0, 1}


def test_no_text_is_lost(in_time: Counter[tuple[str, int]]) -> None:
    """It is on the phone and known to be, or a person is asked."""
    assert {state for state, _texts in in_time} == {states.DELIVERED, states.UNCONFIRMED}
    assert not [end for end in in_time if end[0] == states.DELIVERED and end[1] != 1]


def test_without_a_fault_it_just_arrives() -> None:
    assert set(schedules(World(faults=MOST_FAULTS), minutes(LATE))) == {(states.DELIVERED, 1)}


def test_a_person_is_asked_only_after_two_faults() -> None:
    assert not [end for end in schedules(World(faults=MOST_FAULTS - 1), minutes(LATE)) if end[0] != states.DELIVERED]


def test_a_list_that_settles_too_late_is_what_could_double() -> None:
    """The honest limit; and it shows that this model would see a double."""
    assert 2 in {texts for _state, texts in schedules(World(), minutes(TOO_LATE))}


def test_a_shorter_wait_would_double(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reconcile, "SETTLED", 5 * MINUTE)
    schedules.cache_clear()
    assert 2 in {texts for _state, texts in schedules(World(), minutes(LATE))}
    schedules.cache_clear()


def test_one_empty_list_would_double(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reconcile, "after_empty", lambda **_known: states.SCHEDULED)
    schedules.cache_clear()
    assert 2 in {texts for _state, texts in schedules(World(), minutes(LATE))}
    schedules.cache_clear()


@pytest.mark.parametrize("mover", [states.SWEEPER, states.SENDER])
def test_a_lost_call_that_was_simply_sent_again_would_double(mover: str) -> None:
    """Why the table does not know submitting → scheduled for the sweeper, nor unknown → scheduled for the sender."""
    before = states.SUBMITTING if mover == states.SWEEPER else states.UNKNOWN
    assert not states.allowed(before, states.SCHEDULED, mover)


@pytest.mark.parametrize(
    ("complete", "empties", "age", "of_unknown_fate", "resends", "to"),
    [
        (True, 2, 14, 1, True, None),  # Twilio may still list it
        (True, 1, 20, 1, True, None),
        (True, 2, 15, 1, True, states.SCHEDULED),
        (True, 2, 15, 2, True, states.UNCONFIRMED),
        (True, 2, 15, 1, False, states.UNCONFIRMED),
        (False, 9, 59, 1, True, None),
        (False, 0, 60, 1, True, states.UNCONFIRMED),
    ],
)
def test_when_a_text_that_is_not_listed_goes_again(
    complete: bool, empties: int, age: int, of_unknown_fate: int, resends: bool, to: str | None
) -> None:
    known = {"complete": complete, "empties": empties, "of_unknown_fate": of_unknown_fate, "resends": resends}
    assert reconcile.after_empty(age=age * MINUTE, **known) == to
