"""The way out, in four steps that a crash may part anywhere: claim due messages; ask once more whether each may go
and commit the exact body; call Twilio outside any transaction; settle. Nothing here ever sends a text whose fate is
not known: that is for `reconcile` and for people."""

from __future__ import annotations

import datetime as dt
import secrets
import threading
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from flask import current_app
from sqlalchemy.orm import Session, joinedload, lazyload

from vidmsg import clock, logs
from vidmsg.accounts.models import Organisation, User
from vidmsg.database import writing
from vidmsg.jobs import jobs
from vidmsg.messages import caps, due, frozen, hours, leaving, links, obstacles, rate, receipts, states, window
from vidmsg.messages.models import Attempt, Message
from vidmsg.messages.move import move, move_all
from vidmsg.people import consent
from vidmsg.people.models import Person
from vidmsg.sms import codes, current_gateway, segments
from vidmsg.sms.gateway import Accepted, RefusedFinal, RefusedRetry, Unclear
from vidmsg.tokens import new_token

log = logs.get(__name__)

BATCH = 5
LEASE = dt.timedelta(minutes=5)
CALL_LEASE = dt.timedelta(minutes=2)  # connect 5 s and read 20 s fit in several times
CALL_ROOM = dt.timedelta(seconds=60)  # with less of the lease left the call is not begun
VALIDITY = dt.timedelta(hours=4)
FIRST_PAUSE, LONGEST_PAUSE, MAX_TRIES = 20.0, 1800.0, 12
FIRST_LISTING = dt.timedelta(minutes=1)
FIRST_QUESTION = dt.timedelta(minutes=10)
WHOLE = (
    joinedload(Message.person),
    joinedload(Message.video),
    joinedload(Message.sender).options(joinedload(User.organisation), lazyload(User.roles)),
)
"""What is asked of each message before it goes, in one statement."""


@dataclass(frozen=True)
class Submission:
    """What the call to Twilio needs, read before it so that no transaction is open during it."""

    message_id: str
    attempt_id: str
    to: str
    body: str
    validity_seconds: int
    until: dt.datetime


def send_due(stopping: threading.Event) -> bool:
    """Claim a few due messages and send each. False when there was none. At shutdown the rest is handed back."""
    owner = new_token()
    claimed = claim(owner)
    if len(claimed) == BATCH:
        jobs().call_another("sms")  # before the calls, so that many texts soon have all threads
    for message_id in claimed:
        if stopping.is_set():
            _hand_back(message_id, owner)
            continue
        submission = submit(message_id, owner)
        if submission:
            call(submission)
    return bool(claimed)


def claim(owner: str, limit: int = BATCH) -> list[str]:
    """Take up to `limit` due messages for `owner`, for the length of a lease; their ids, the longest due first."""
    now = clock.now()
    with writing() as session:
        if frozen.reason(session) is not None:
            return []
        query = due.claimable(now).limit(limit).with_for_update(skip_locked=True, of=Message)
        ids = session.scalars(query).all()
        a_second = current_app.config["SETTINGS"].texts_a_second
        ids = ids[: rate.take(session, current_gateway().sender, len(ids), now, a_second)]
        lease = {"owner": owner, "look_at": now + LEASE}
        return move_all(session, ids, states.SCHEDULED, states.CLAIMED, mover=states.SENDER, **lease)


def submit(message_id: str, owner: str) -> Submission | None:
    """Ask again whether it may go, and commit the attempt with its exact body; None when it may not, or was lost."""
    now = clock.now()
    with writing() as session:
        message = session.get(Message, message_id, options=WHOLE)
        if message is None or message.state != states.CLAIMED or message.owner != owner:
            return None
        if frozen.reason(session) is not None:
            move(session, message, states.SCHEDULED, mover=states.SENDER)
            return None
        # Two texts to one person in one moment: the second sees the first in the day's count.
        session.get(Person, message.person_id, with_for_update={"key_share": True})
        obstacle = obstacles.find(session, message)
        if obstacle:
            move(session, message, obstacle.state, mover=states.SENDER, detail=obstacle.reason)
            return None
        return _attempt(session, message, now) if _is_its_moment(session, message, now) else None


def call(submission: Submission) -> None:
    """The one call to Twilio for this attempt, and what came of it."""
    if clock.now() > submission.until - CALL_ROOM:
        settle(submission, RefusedRetry(None, "This process slept and did not begin the call."))
        return
    gateway = current_gateway()
    base = current_app.config["SETTINGS"].address
    try:
        accepted = gateway.send(
            submission.to,
            submission.body,
            status_callback=f"{base}/hooks/twilio/status/{submission.message_id}/{submission.attempt_id}",
            validity_seconds=submission.validity_seconds,
        )
    except (RefusedRetry, RefusedFinal, Unclear) as error:
        settle(submission, error)
    else:
        settle(submission, accepted)


def settle(submission: Submission, outcome: Accepted | RefusedRetry | RefusedFinal | Unclear) -> None:
    """Write down what the call came to. Where a receipt was faster, only the attempt is completed."""
    with writing() as session:
        message = session.get_one(Message, submission.message_id)
        attempt = session.get_one(Attempt, submission.attempt_id)
        attempt.settled_at = clock.now()
        ours = message.state == states.SUBMITTING
        to: str
        values: dict[str, Any]
        match outcome:
            case Accepted():
                attempt.outcome, attempt.sid = "accepted", attempt.sid or outcome.sid
                attempt.segments = outcome.segments or attempt.segments
                to, values = states.ACCEPTED, {"look_at": attempt.created_at + FIRST_QUESTION}
            case RefusedRetry():
                attempt.outcome, attempt.error_code = "refused", outcome.code
                to, values = _again(message)
            case RefusedFinal():
                attempt.outcome, attempt.error_code, attempt.error = "refused", outcome.code, outcome.message[:300]
                to, values = states.FAILED, {"error_code": outcome.code, "detail": codes.meaning(outcome.code).sentence}
                _honour_opt_out(session, message, outcome)
            case Unclear():
                attempt.outcome, attempt.error = "unclear", outcome.reason[:300]
                to, values = states.UNKNOWN, {"look_at": clock.now() + FIRST_LISTING}
        if ours:
            move(session, message, to, mover=states.SENDER, attempt_id=attempt.id, **values)
    log.info("attempt settled", message=submission.message_id, attempt=submission.attempt_id, outcome=attempt.outcome)


def _is_its_moment(session: Session, message: Message, now: dt.datetime) -> bool:
    """Whether it leaves now; else it is missed, or put off to when its hours open or there is room in the day's number;
    where that is past its day, somebody decides."""
    opening = leaving.moment(message, now)
    if opening is None:
        move(session, message, states.MISSED, mover=states.SENDER, detail=leaving.missed(message))
        return False
    if opening > now:
        move(session, message, states.SCHEDULED, mover=states.SENDER, due_at=opening)
        return False
    home = session.get_one(Organisation, message.organisation_id)
    used_up = caps.day(session, home)
    if used_up is None:
        return True
    room = leaving.moment(message, caps.next_room(home))
    if room is None:
        move(session, message, states.HELD, mover=states.SENDER, detail=used_up)
    else:
        move(session, message, states.SCHEDULED, mover=states.SENDER, due_at=room, detail=used_up)
    return False


def _attempt(session: Session, message: Message, now: dt.datetime) -> Submission | None:
    body = links.full_body(current_app.config["SETTINGS"].address, message, links.current(session, message.id))
    earlier = session.scalar(sa.select(sa.func.max(Attempt.number)).where(Attempt.message_id == message.id)) or 0
    attempt = Attempt(
        id=new_token(),
        message_id=message.id,
        number=earlier + 1,
        phone=message.phone,
        body=body,
        sender_number=current_gateway().sender,
        segments=segments.count(body).segments,
        created_at=now,
    )
    session.add(attempt)
    session.flush()
    until = now + CALL_LEASE
    if not move(
        session,
        message,
        states.SUBMITTING,
        mover=states.SENDER,
        attempt_id=attempt.id,
        owner=message.owner,
        look_at=until,
        tries=message.tries + 1,
    ):
        session.delete(attempt)
        return None
    open_hours = hours.everywhere(message.sender.organisation, message.person)
    closing = window.closes_at(now, message.person.time_zone, open_hours)
    left = min(VALIDITY, closing - now)
    return Submission(message.id, attempt.id, message.phone, body, max(1, int(left.total_seconds())), until)


def _again(message: Message) -> tuple[str, dict[str, Any]]:
    """Twilio did not take it, and trying again is safe: later, with a growing pause and some chance in it."""
    if message.tries >= MAX_TRIES:
        return states.FAILED, {"detail": "Twilio took no text for hours. Look at the connection, then send it anew."}
    pause = min(FIRST_PAUSE * 2 ** (message.tries - 1), LONGEST_PAUSE) * secrets.SystemRandom().uniform(0.75, 1.25)
    return states.SCHEDULED, {"due_at": clock.now() + dt.timedelta(seconds=pause)}


def _honour_opt_out(session: Session, message: Message, refusal: RefusedFinal) -> None:
    if refusal.opted_out:
        consent.revoke(
            session,
            organisation_id=message.organisation_id,
            phone=message.phone,
            words=receipts.OPTED_OUT_WORDS,
            source=receipts.TWILIO,
        )


def _hand_back(message_id: str, owner: str) -> None:
    with writing() as session:
        message = session.get(Message, message_id)
        if message and message.state == states.CLAIMED and message.owner == owner:
            move(session, message, states.SCHEDULED, mover=states.SENDER)
