"""Text-to-record: a rep who chose it is texted when a day of hers comes into its lead time, and once more on the eve,
while nobody has recorded for it; and ten minutes after a take of hers stopped on its way. Each of these once, whatever
crashes and however many workers there are: what was asked is noted on the row, in the transaction that writes the
text. While sending is frozen nobody knows what another copy of us has asked, so it is noted and not texted."""

from __future__ import annotations

import datetime as dt
import threading

import sqlalchemy as sa
from flask import Flask
from flask_babel import format_date, ngettext
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from vidmsg import clock, logs
from vidmsg.accounts.models import User
from vidmsg.calendar import admitting, texting, today
from vidmsg.calendar.models import RecordLink
from vidmsg.calendar.texting import Said
from vidmsg.database import reading, writing
from vidmsg.messages import frozen
from vidmsg.milestones import kinds, occasions
from vidmsg.milestones.models import Occurrence
from vidmsg.tokens import new_token
from vidmsg.videos.models import OPEN, TAKE, Upload, Video

log = logs.get(__name__)

EVERY = dt.timedelta(seconds=10)
PAUSE = dt.timedelta(minutes=1)  # after a failure
STOPPED = dt.timedelta(minutes=10)
A_WEEK = 6
BATCH = 50
_IS_OPEN = Upload.state == sa.literal(OPEN, literal_execute=True)  # written out, so that the partial index is taken


class Asking:
    """The clock's part: every few seconds a look, in a thread of its own, one at a time."""

    def __init__(self, app: Flask) -> None:
        self._app = app
        self._not_before = dt.datetime.min.replace(tzinfo=dt.UTC)
        self._running = threading.Lock()

    def tick(self) -> None:
        """Each second."""
        now = clock.now()
        if now < self._not_before and self._not_before - now < PAUSE + EVERY:
            return
        if self._running.acquire(blocking=False):
            self._not_before = now + EVERY
            threading.Thread(target=self._look, name="asking", daemon=True).start()

    def _look(self) -> None:
        try:
            with self._app.app_context():
                run()
        except Exception:
            self._not_before = clock.now() + PAUSE
            log.exception("asking failed")
        finally:
            self._running.release()


def run() -> int:
    """Ask whoever is to be asked now. How many texts were written."""
    with reading() as session:
        chose = sa.select(User).where(User.text_to_record.is_(True), User.active.is_(True))
        reps = [user for user in session.scalars(chose) if texting.may_now(session, user)]
        due = [(user.id, occurrence) for user in reps for occurrence in _due(session, user)]
        unfinished = _unfinished(session)
    asked = [_ask(user_id, occurrence_id) for user_id, occurrence_id in due]
    nudged = [_nudge(link_id) for link_id in unfinished]
    return sum(asked) + sum(nudged)


def stage(occurrence: Occurrence, on: dt.date, zone: str) -> dict[str, dt.datetime]:
    """What is noted with the text that is due when her clock shows the day `on`; nothing while none is. That the day is
    within its lead time the caller knows."""
    ahead = (occurrence.planned_on - on).days
    asked, reminded = (_date(moment, zone) for moment in (occurrence.asked_at, occurrence.reminded_at))
    put_off = occurrence.snoozed_until
    if ahead < 0 or asked == on or (put_off is not None and put_off > on):
        return {}
    first = asked is None or (put_off is not None and asked < put_off)
    eve = ahead == 1 and (reminded is None or reminded < on)
    now = clock.now()
    if first:
        return {"asked_at": now, **({"reminded_at": now} if ahead <= 1 else {})}
    return {"reminded_at": now} if eve else {}


def what(occurrence: Occurrence) -> str:
    """The occasion in as few words as a text to a rep wants: "5 years", "40th birthday"."""
    yearly = kinds.of(occurrence.kind).comes == kinds.YEARLY and occurrence.kind != "birthday"
    if yearly and occurrence.count:
        return str(ngettext("%(num)s year", "%(num)s years", occurrence.count))
    return occasions.spoken(occurrence)


def when(day: dt.date, on: dt.date) -> str:
    """The day as it is said on the day `on`."""
    ahead = (day - on).days
    if ahead <= 1:
        return str(_("today") if ahead <= 0 else _("tomorrow"))
    if ahead <= A_WEEK:
        return str(_("on %(day)s", day=format_date(day, "EEEE")))
    return str(_("on %(day)s", day=format_date(day, "d MMMM")))


def _due(session: Session, user: User) -> list[int]:
    """Her open days that want a text now."""
    ids = [one.occurrence_id for one in today.due(session, user) if one.agreed and one.away >= 0]
    zone = texting.zone(user)
    on = clock.local(clock.now(), zone).date()
    rows = session.scalars(sa.select(Occurrence).where(Occurrence.id.in_(ids)).order_by(Occurrence.planned_on))
    return [row.id for row in rows if stage(row, on, zone)]


def _ask(user_id: int, occurrence_id: int) -> bool:
    """The text and what it is noted by, in one transaction. False when somebody was faster."""
    with writing() as session:
        user = session.get_one(User, user_id)
        zone = texting.zone(user)
        on = clock.local(clock.now(), zone).date()
        query = sa.select(Occurrence).where(Occurrence.id == occurrence_id, Occurrence.skipped_at.is_(None))
        occurrence = session.scalars(query.with_for_update()).one_or_none()
        noted = stage(occurrence, on, zone) if occurrence and occurrence.assignee_id == user_id else {}
        if occurrence is None or not noted:
            return False
        is_frozen = frozen.reason(session) is not None
        if not is_frozen and not _text(session, user, occurrence, on):
            return False
        for name, moment in noted.items():
            setattr(occurrence, name, moment)
    log.info("a rep was asked", user=user_id, occurrence=occurrence_id, texted=not is_frozen)
    return not is_frozen


def _text(session: Session, user: User, occurrence: Occurrence, on: dt.date) -> bool:
    if texting.wants(session, user) is None:
        return False
    link, token = admitting.make(session, occurrence, user)
    name, day = occurrence.person.first_name, when(occurrence.planned_on, on)
    words = _("%(name)s: %(what)s %(day)s.", name=name, what=what(occurrence), day=day)
    last = _("Record 20 s: %(link)s", link=texting.address(f"/r/{token}"))
    return _write(session, user, occurrence, link, Said(words, last), on)


def _write(
    session: Session, user: User, occurrence: Occurrence, link: RecordLink, said: Said, on: dt.date | None
) -> bool:
    about, key = occurrence.person, f"ask-{new_token()}"
    message = texting.to_rep(session, user, said, key=key, about=about, send_on=on)
    if message is None:
        session.delete(link)
        return False
    link.message_id = message.id
    return True


def _unfinished(session: Session) -> list[int]:
    """Links whose take began, and stopped on its way ten minutes ago, and nobody said so yet."""
    query = (
        sa.select(sa.func.max(RecordLink.id))
        .join(Upload, Upload.id == RecordLink.upload_id)
        .join(Video, Video.id == Upload.video_id)
        .where(_IS_OPEN, Upload.moved_at < clock.now() - STOPPED, Upload.kind == TAKE)
        .where(Video.discarded_at.is_(None), RecordLink.nudged_at.is_(None))
        .group_by(Upload.id)
    )
    return list(session.scalars(query.limit(BATCH)))


def _nudge(link_id: int) -> bool:
    """Tell her once that her take is still on her phone; with a link of its own, because the older one may be over."""
    with writing() as session:
        link = session.get_one(RecordLink, link_id)
        same = (RecordLink.upload_id == link.upload_id, RecordLink.nudged_at.is_(None))
        noted = sa.update(RecordLink).where(*same).values(nudged_at=clock.now()).returning(RecordLink.id)
        first = session.scalars(noted.execution_options(synchronize_session=False)).all()
        user, occurrence = link.user, link.occurrence
        if link_id not in first or frozen.reason(session) is not None or occurrence.assignee_id != user.id:
            return False
        if texting.wants(session, user) is None:
            return False
        finish, token = admitting.make(session, occurrence, user, link.upload)
        words = _("Your video for %(name)s is still on your phone.", name=occurrence.person.first_name)
        last = _("Tap to finish: %(link)s", link=texting.address(f"/r/{token}"))
        return _write(session, user, occurrence, finish, Said(words, last), None)


def _date(moment: dt.datetime | None, zone: str) -> dt.date | None:
    return clock.local(moment, zone).date() if moment else None
