"""How far the day of a person has come, as one word: needs video, ready, scheduled, sent, watched, missed; planned for
what is beyond the horizon. Derived in SQL from the day's message, its visits and its takes, so that a page of many days
asks once."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import sqlalchemy as sa
from flask_babel import lazy_gettext as _l
from flask_babel.speaklater import LazyString
from sqlalchemy.orm import aliased

from vidmsg.messages import states
from vidmsg.messages.models import Link, Message
from vidmsg.milestones.models import Occurrence
from vidmsg.videos.models import BROKEN, REFUSED, Upload, Video
from vidmsg.watching.models import Visit


@dataclass(frozen=True)
class Standing:
    """A state's key, its word, and its ring (see the rings of templates/parts.html)."""

    key: str
    word: LazyString
    ring: str


NEEDS, READY, SCHEDULED = "needs", "ready", "scheduled"
SENT, WATCHED, MISSED, PLANNED = "sent", "watched", "missed", "planned"
STANDINGS: dict[str, Standing] = {
    one.key: one
    for one in (
        Standing(NEEDS, _l("Needs video"), "dashed"),
        Standing(READY, _l("Ready"), "open"),
        Standing(SCHEDULED, _l("Scheduled"), "half"),
        Standing(SENT, _l("Sent"), "dotted"),
        Standing(WATCHED, _l("Watched"), "full"),
        Standing(MISSED, _l("Missed"), "cross"),
        Standing(PLANNED, _l("Planned"), "dashed"),
    )
}
_GONE = (states.ACCEPTED, states.SENT, states.DELIVERED)
_ON_ITS_WAY = (states.SCHEDULED, states.CLAIMED, states.SUBMITTING, states.UNKNOWN)
_NOT_SENT = (states.MISSED, states.FAILED, states.UNDELIVERED, states.SUPPRESSED, states.UNCONFIRMED)


@lru_cache(maxsize=8)  # a page puts it into several questions
def expression(today: dt.date) -> sa.ColumnElement[str]:
    """The key of the state of an Occurrence row, as a correlated subquery. `today` is the reader's."""
    message = aliased(Message)
    played = sa.exists().where(Link.message_id == message.id, Visit.link_id == Link.id, Visit.played_at.is_not(None))
    of_message = sa.case(
        (sa.and_(message.state.in_(_GONE), played), WATCHED),
        (message.state.in_(_GONE), SENT),
        (message.state.in_(_ON_ITS_WAY), SCHEDULED),
        (message.state.in_(_NOT_SENT), MISSED),
        (sa.and_(message.state != states.CANCELED, message.video_id.is_not(None)), READY),
        else_=None,
    )
    # Said so that the index by occurrence is taken, in which most have nothing, and not the one by person.
    mine = (message.occurrence_id == Occurrence.id, message.person_id + 0 == Occurrence.person_id)
    told = sa.select(of_message).where(*mine).correlate(Occurrence).scalar_subquery()
    otherwise: Any = sa.case((Occurrence.planned_on < today, MISSED), (has_take(), READY), else_=NEEDS)
    return sa.func.coalesce(told, otherwise)


def has_take() -> sa.ColumnElement[bool]:
    """Somebody recorded for this Occurrence, kept it, and it plays, or will: what is left is its text."""
    usable = (Video.kept_at.is_not(None), Video.discarded_at.is_(None), Video.state.not_in((REFUSED, BROKEN)))
    return sa.exists().where(Upload.occurrence_id == Occurrence.id, Video.id == Upload.video_id, *usable)
