"""Sending frozen: after a restore, on a copy, or at another address, what is due here may have left from elsewhere.
Nothing is claimed until each past-due message was looked up at Twilio (see thawing.py) and a manager lifts it."""

from __future__ import annotations

import datetime as dt

import sqlalchemy as sa
from flask_babel import gettext as _
from flask_babel import ngettext
from sqlalchemy.orm import Session

from vidmsg import clock, logs
from vidmsg.accounts import audit
from vidmsg.accounts.models import Installation, User
from vidmsg.errors import Sentence
from vidmsg.messages import states, wording
from vidmsg.messages.models import Message, StatusEvent
from vidmsg.messages.move import move

log = logs.get(__name__)

SETTLED = dt.timedelta(minutes=15)
"""So long after the freeze began Twilio lists everything that left before it, as after a crash (see reconcile.py); and
so long after its own moment a message that fell due since then, if another copy still runs and sent it."""
OPEN = (states.PLANNED, states.SCHEDULED)
PUT_ASIDE = (states.HELD, states.MISSED, states.UNCONFIRMED)  # somebody may have let it go elsewhere
WAITING = (*OPEN, *PUT_ASIDE)
PENDING = (*WAITING, states.CLAIMED, states.SUBMITTING, states.UNKNOWN)
ANOTHER_LEFT = "Another text went to this number about then, perhaps this one. Look, then send it or not."
JUST_DUE = "It was due just before texts began to leave again, so another copy may have sent it. Look, then decide."


class NotYet(Sentence):
    """Sending can't begin again yet."""


def reason(session: Session) -> str | None:
    """Why nothing is sent, or None: sending is not frozen."""
    return session.scalar(sa.select(Installation.frozen_reason).limit(1))


def begin(session: Session, why: str) -> None:
    """Freeze. Already frozen: the time begins anew, because something changed once more."""
    session.execute(sa.update(Installation).values(frozen_reason=why[:200], frozen_at=clock.now()))
    log.warning("sending is frozen", reason=why)


def refuse(session: Session) -> None:
    """Raise NotYet while sending is frozen: one that was put aside is looked up first, before somebody lets it go."""
    if reason(session) is not None:
        raise NotYet(_("Sending is paused, as this may have left from elsewhere. Let it go when texts leave again."))


def at_start(session: Session, row: Installation, *, address: str, storage_is_new: bool) -> None:
    """What every process asks before it works: is this still the installation that it was? `address` is the setting,
    empty for the local one. Where nothing is pending nothing can be doubled, so nothing is frozen."""
    if row.public_url != address:
        if row.public_url is not None and any_pending(session):
            begin(session, f"The address of this installation changed to {address or 'this machine'}.")
        row.public_url = address
    if storage_is_new and any_pending(session):
        begin(session, "The videos lie in another place than before, so this may be a copy.")
    session.flush()


def past_due(now: dt.datetime) -> sa.Select[Message]:
    """Messages that should have left by now, and may have left from elsewhere."""
    return sa.select(Message).where(Message.state.in_(WAITING), Message.due_at <= now)


def unlooked(now: dt.datetime, frozen_at: dt.datetime) -> sa.Select[Message]:
    """Those of them of which Twilio's list can be trusted, and that were not looked up since then."""
    looked = sa.exists().where(
        StatusEvent.message_id == Message.id,
        StatusEvent.mover == states.RECONCILER,
        StatusEvent.to_state == StatusEvent.from_state,
        StatusEvent.at >= frozen_at + SETTLED,
        StatusEvent.at >= Message.due_at,
    )
    return past_due(now - SETTLED).where(~looked).order_by(Message.due_at, Message.id)


def left(session: Session) -> int:
    """How many messages are still to be looked up before it can be lifted."""
    began, now = session.scalar(sa.select(Installation.frozen_at)), clock.now()
    query = unlooked(now, began) if began and now >= began + SETTLED else past_due(now)
    return session.scalar(sa.select(sa.func.count()).select_from(query.order_by(None).subquery())) or 0


def lift(session: Session, by: User) -> None:
    """Send again. What was due in the last minutes is put before a person, because Twilio may not list it yet. Raises
    NotYet while something else may still be found to have left."""
    row = session.scalars(sa.select(Installation).with_for_update()).one()
    if row.frozen_reason is None:
        return
    waiting = left(session)
    if waiting and row.frozen_at and clock.now() < row.frozen_at + SETTLED:
        ready = wording.when(row.frozen_at + SETTLED)
        raise NotYet(_("Twilio's list can be trusted from %(at)s on. Come back then.", at=ready))
    if waiting:
        words = ngettext("%(num)s message is", "%(num)s messages are", waiting)
        raise NotYet(_("%(words)s still looked up. Come back in a moment.", words=words))
    just_due = Message.due_at > clock.now() - SETTLED, Message.state.in_(OPEN)
    for message in session.scalars(past_due(clock.now()).where(*just_due)):
        move(session, message, states.HELD, mover=states.PERSON, detail=JUST_DUE)
    row.frozen_reason = row.frozen_at = None
    audit.record(session, by.id, by.organisation_id, "sending.lift")


def any_pending(session: Session) -> bool:
    """Whether a message may still leave, or may be leaving."""
    return session.execute(sa.select(Message.id).where(Message.state.in_(PENDING)).limit(1)).first() is not None
