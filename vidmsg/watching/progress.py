"""What the rep may know of how her message was received: opened, played, how much of it, how it was felt. Handed to
messages, which shows it; messages itself knows no visits."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy.orm import Session

from vidmsg.messages.models import Link, Message
from vidmsg.messages.progress import Progress
from vidmsg.watching import intervals
from vidmsg.watching.models import Visit


def of(session: Session, message: Message) -> Progress:
    """First moments of opened and played, the most that one phone saw in percent, in how many visits somebody pressed
    play, and the face that was tapped last (loved, smiled, touched or unsure)."""
    visits = session.scalars(
        sa.select(Visit)
        .join(Link, Link.id == Visit.link_id)
        .where(Link.message_id == message.id, Visit.crawler.is_(False))
        .order_by(Visit.id)
    ).all()
    felt = [visit for visit in visits if visit.felt_at is not None]
    return Progress(
        opened_at=min((visit.opened_at for visit in visits if visit.opened_at), default=None),
        played_at=min((visit.played_at for visit in visits if visit.played_at), default=None),
        percent=_seen(visits),
        plays=sum(visit.played_at is not None for visit in visits),
        felt=max(felt, key=lambda visit: (visit.felt_at, visit.id)).felt if felt else None,
    )


def _seen(visits: Sequence[Visit]) -> int:
    """The most that one phone saw, all its visits together. A visit without an id stands alone: we don't guess."""
    phones: defaultdict[object, list[Visit]] = defaultdict(list)
    for visit in visits:
        phones[visit.visitor or visit.id].append(visit)
    return max((_seen_by_one(own) for own in phones.values()), default=0)


def _seen_by_one(visits: list[Visit]) -> int:
    length_s = max((visit.length_s or 0.0 for visit in visits), default=0.0)
    parts = [part for visit in visits for part in visit.intervals]
    return intervals.share(intervals.merge(parts, length_s), length_s)
