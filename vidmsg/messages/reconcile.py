"""Looks again at messages whose moment has come: leases of dead workers, texts of which nobody knows whether they
left, texts that Twilio has said nothing more about. What left is found by its own link token in Twilio's list; what
can't be found twice goes out once more, then a person decides. No transaction is open during a call.

Why two empty listings and fifteen minutes: a model of every crash and delay doubled a text only where Twilio listed
an accepted one later than that (docs/tour.md)."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from flask import current_app
from sqlalchemy.orm import Session

from vidmsg import clock, logs
from vidmsg.database import writing
from vidmsg.messages import due, frozen, links, planned, receipts, states
from vidmsg.messages.models import Attempt, Message
from vidmsg.messages.move import move
from vidmsg.sms import current_gateway
from vidmsg.sms.gateway import GatewayError, Listed, ListingFailed, NotKnown

log = logs.get(__name__)

SETTLED = frozen.SETTLED
EMPTY_ENOUGH = 2
SENDS = 2  # attempts of unknown fate before a person is asked
ASK_WITHOUT_LIST = dt.timedelta(hours=1)  # Twilio's list itself can't be read
LOOK_LEASE = dt.timedelta(minutes=5)
NEXT_LOOK = dt.timedelta(minutes=1)
SLACK = dt.timedelta(minutes=2)  # between Twilio's clock and ours
FORGOTTEN = "Twilio took it, and says now that it knows no such text. Ask, or look at the phone, then decide."


@dataclass(frozen=True)
class Case:
    """A message to be looked up, with what the lookup needs: `tag` is its link's token, or without one the whole body,
    which then must have left after `since` and be the same."""

    message_id: str
    state: str
    attempt_id: str
    sid: str | None
    to: str
    tag: str
    whole: bool
    since: dt.datetime


def look() -> bool:
    """Take up one message whose moment has come. False when there is none."""
    with writing() as session:
        query = due.to_look_at(clock.now()).limit(1).with_for_update(skip_locked=True)
        message = session.scalars(query).one_or_none()
        if message is None:
            return False
        case = _take(session, message)
    if case and case.state == states.UNKNOWN:
        _search(case)
    elif case and case.sid:
        _ask(case.attempt_id, case.sid)
    return True


def _take(session: Session, message: Message) -> Case | None:
    """What is to be done with it outside this transaction; dead leases are mended right here."""
    now = clock.now()
    if message.state == states.CLAIMED:
        move(session, message, states.SCHEDULED, mover=states.SWEEPER)  # no call can have begun
        return None
    if message.state == states.PLANNED:
        if frozen.reason(session) is None:
            planned.fall_due(session, message)
        else:
            message.look_at = now + NEXT_LOOK
        return None
    if message.state == states.HELD:
        planned.day_is_over(session, message)
        return None
    if message.state == states.SUBMITTING:
        move(session, message, states.UNKNOWN, mover=states.SWEEPER, look_at=now)
        return None
    attempt = _latest(session, message.id)
    if message.state == states.UNKNOWN:
        message.look_at = now + LOOK_LEASE
    else:
        message.look_at = receipts.next_question(attempt)
    link = links.current(session, message.id)
    token = link.token if link else links.token_in(attempt.body)
    tag, since = token or attempt.body, attempt.created_at - SLACK
    return Case(message.id, message.state, attempt.id, attempt.sid, attempt.phone, tag, token is None, since)


def _ask(attempt_id: str, sid: str) -> None:
    """No callback has come for long: ask by SID."""
    try:
        found = current_gateway().fetch(sid)
    except NotKnown:
        _forgotten(attempt_id)
        return
    except GatewayError as error:
        log.warning("question failed", attempt=attempt_id, error=str(error))
        return  # the next question stands on the row already
    with writing() as session:
        attempt = session.get_one(Attempt, attempt_id)
        receipts.apply(session, attempt, sid=sid, status=found.status, error_code=found.error_code)


def _forgotten(attempt_id: str) -> None:
    """Twilio does not know a text that it had taken. After the last question nobody but a person can say more."""
    log.warning("a text is not known to Twilio", attempt=attempt_id)
    with writing() as session:
        attempt = session.get_one(Attempt, attempt_id)
        message = session.get_one(Message, attempt.message_id)
        if message.state == states.ACCEPTED and receipts.next_question(attempt) is None:
            who = states.RECONCILER
            move(session, message, states.UNCONFIRMED, mover=who, attempt_id=attempt.id, detail=FORGOTTEN)


def _search(case: Case) -> None:
    listed: list[Listed] | None
    try:
        listed = [] if case.sid else current_gateway().find(case.to, containing=case.tag, since=case.since)
    except ListingFailed as error:
        log.warning("listing failed", message=case.message_id, error=type(error).__name__)
        listed = None
    with writing() as session:
        message = session.get_one(Message, case.message_id)
        attempt = session.get_one(Attempt, case.attempt_id)
        if message.state != states.UNKNOWN:
            return  # a receipt was faster
        sid = attempt.sid or _new_sid(session, case, listed or [])
        if sid:
            attempt.sid, attempt.settled_at, attempt.outcome = sid, attempt.settled_at or clock.now(), "found"
            session.flush()
            move(session, message, states.ACCEPTED, mover=states.RECONCILER, attempt_id=attempt.id, look_at=clock.now())
        else:
            _not_found(session, message, attempt, complete=listed is not None)


def _new_sid(session: Session, case: Case, listed: list[Listed]) -> str | None:
    """The SID in the list that no attempt has yet. More than one means that a text was doubled: it is reported."""
    sids = [entry.sid for entry in listed if not case.whole or _same(entry, case)]
    known = set(session.execute(sa.select(Attempt.sid).where(Attempt.sid.in_(sids))).scalars())
    new = [sid for sid in sids if sid not in known]
    if len(new) > 1:
        log.error("a text was found more than once", message=case.message_id, count=len(new))
    return new[0] if new else None


def _same(entry: Listed, case: Case) -> bool:
    return entry.body.strip() == case.tag.strip() and (entry.created_at is None or entry.created_at >= case.since)


def _not_found(session: Session, message: Message, attempt: Attempt, *, complete: bool) -> None:
    now = clock.now()
    attempt.empty_listings += int(complete)
    to = after_empty(
        complete=complete,
        empties=attempt.empty_listings,
        age=now - attempt.created_at,
        of_unknown_fate=_of_unknown_fate(session, message.id),
        resends=_resends(),
    )
    if to is None:
        message.look_at = max(now + NEXT_LOOK, attempt.created_at + SETTLED)
    else:
        values: dict[str, Any] = {"due_at": now} if to == states.SCHEDULED else {}
        move(session, message, to, mover=states.RECONCILER, attempt_id=attempt.id, **values)


def after_empty(*, complete: bool, empties: int, age: dt.timedelta, of_unknown_fate: int, resends: bool) -> str | None:
    """Where a message goes that a listing did not show, or None: look once more. `complete`: the listing was whole;
    `empties`: how many whole ones showed nothing; `age`: of the attempt; `of_unknown_fate`: its attempts that may have
    become a text. The model in tests/unit/safety runs through every schedule of crashes with this."""
    if complete and empties >= EMPTY_ENOUGH and age >= SETTLED:
        return states.SCHEDULED if resends and of_unknown_fate < SENDS else states.UNCONFIRMED
    if not complete and age >= ASK_WITHOUT_LIST:
        return states.UNCONFIRMED
    return None


def _resends() -> bool:
    choice: str = current_app.config["SETTINGS"].resend_unknown
    return choice == "once"


def _latest(session: Session, message_id: str) -> Attempt:
    latest = sa.select(Attempt).where(Attempt.message_id == message_id).order_by(Attempt.number.desc()).limit(1)
    return session.execute(latest).scalar_one()


def _of_unknown_fate(session: Session, message_id: str) -> int:
    """Attempts that may have become a text. Those that Twilio plainly refused, such as with 429, don't count."""
    count = (
        sa.select(sa.func.count())
        .select_from(Attempt)
        .where(Attempt.message_id == message_id, sa.or_(Attempt.outcome.is_(None), Attempt.outcome != "refused"))
    )
    return session.execute(count).scalar_one()
