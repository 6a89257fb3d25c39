"""Text-to-record: a rep who chose it is texted when a day of hers comes into its lead time, and once more on the eve,
while nobody has recorded for it; and ten minutes after a take of hers stopped on its way. Each of these once, whatever
crashes and however many workers there are: what was asked is noted on the row, in the transaction that writes the
text. While sending is frozen nobody knows what another copy of us has asked, so it is noted and not texted."""

from __future__ import annotations

import datetime as dt
import threading
from functools import partial

import sqlalchemy as sa
from flask import Flask
from flask_babel import format_date, ngettext
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from vidmsg import clock, logs
from vidmsg.accounts.models import User
from vidmsg.asking import admitting, texting, unasked
from vidmsg.asking.models import RecordLink
from vidmsg.asking.texting import Said
from vidmsg.database import reading, writing
from vidmsg.jobs import jobs
from vidmsg.jobs.pausing import Pause
from vidmsg.messages import deciding, frozen
from vidmsg.messages.models import Message
from vidmsg.milestones import kinds, occasions
from vidmsg.milestones.models import Occurrence
from vidmsg.tokens import new_token

log = logs.get(__name__)

AFTER_A_FAILURE = dt.timedelta(minutes=1)
A_WEEK = 6


class Asking:
    """The clock's part: each second a look, in a thread of its own, one at a time; after a failure a little later."""

    def __init__(self, app: Flask) -> None:
        self._app = app
        self._pause = Pause()
        self._running = threading.Lock()

    def tick(self) -> None:
        """Each second."""
        if self._pause.is_over and self._running.acquire(blocking=False):
            threading.Thread(target=self._look, name="asking", daemon=True).start()

    def _look(self) -> None:
        try:
            with self._app.app_context():
                run()
        except Exception:
            self._pause.begin(AFTER_A_FAILURE)
            log.exception("asking failed")
        finally:
            self._running.release()


def run() -> int:
    """Ask whoever is to be asked now. How many texts were written. One that fails does not keep the others from theirs,
    and is raised in the end."""
    with reading() as session:
        reps = unasked.ready(session)
        days, links = unasked.days(session, reps), unasked.unfinished(session, reps)
    written, errors = 0, []
    for verb in (*(partial(_ask, *day) for day in days), *(partial(_nudge, link) for link in links)):
        try:
            written += verb()
        except Exception as error:
            errors.append(error)
    if written:
        jobs().wake("sms")
    if errors:
        raise errors[0]
    return written


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


def _ask(user_id: int, occurrence_id: int) -> bool:
    """The text and what it is noted by, in one transaction. False when somebody was faster."""
    with writing() as session:
        user = session.get(User, user_id)
        query = sa.select(Occurrence).where(Occurrence.id == occurrence_id).with_for_update()
        occurrence = session.scalars(query).one_or_none()
        if user is None or occurrence is None or not admitting.is_hers(occurrence, user):
            return False
        unsent = session.scalars(unasked.never_left(occurrence.id, user.id)).all()
        zone = user.zone
        on = clock.local(clock.now(), zone).date()
        noted = unasked.stage(occurrence, on, zone, anew=bool(unsent))
        if not noted or not all(_take_back(session, link) for link in unsent):
            return False
        is_frozen = frozen.reason(session) is not None
        if not is_frozen and not _text(session, user, occurrence, on):
            return False
        for name, moment in noted.items():
            setattr(occurrence, name, moment)
    log.info("a rep was asked", user=user_id, occurrence=occurrence_id, texted=not is_frozen)
    return not is_frozen


def _take_back(session: Session, link: RecordLink) -> bool:
    """A text that never left makes room for one that says it as it is now. False when somebody just let it go."""
    message = session.get(Message, link.message_id)
    if message is None or not deciding.cancel(session, message):
        return False
    link.ended_at = clock.now()
    return True


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


def _nudge(link_id: int) -> bool:
    """Tell her once that her take is still on her phone, while her day is to come; with a link of its own, because the
    older one may be over."""
    with writing() as session:
        link = session.get(RecordLink, link_id)
        if link is None:
            return False
        same = (RecordLink.upload_id == link.upload_id, RecordLink.nudged_at.is_(None))
        noted = sa.update(RecordLink).where(*same).values(nudged_at=clock.now()).returning(RecordLink.id)
        first = session.scalars(noted.execution_options(synchronize_session=False)).all()
        user, occurrence = link.user, link.occurrence
        if link_id not in first or frozen.reason(session) is not None or not admitting.is_hers(occurrence, user):
            return False
        if texting.wants(session, user) is None:
            return False
        finish, token = admitting.make(session, occurrence, user, link.upload)
        words = _("Your video for %(name)s is still on your phone.", name=occurrence.person.first_name)
        last = _("Tap to finish: %(link)s", link=texting.address(f"/r/{token}"))
        return _write(session, user, occurrence, finish, Said(words, last), None)
