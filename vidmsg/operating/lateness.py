"""Why a text that is due has not left, as a sentence: what holds all of them back, else what holds this one."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import sqlalchemy as sa
from flask import current_app
from flask_babel import gettext as _
from flask_babel import ngettext
from sqlalchemy.orm import Session

from vidmsg import clock
from vidmsg.jobs import beats
from vidmsg.jobs.beats import WorkerBeat
from vidmsg.messages import due, frozen, leaving
from vidmsg.messages.compose import is_on_its_way
from vidmsg.messages.models import Message


@dataclass(frozen=True)
class Circumstances:
    """What holds for all texts now: why sending is frozen, who works, how many are due, how many leave a second (0: as
    many as can)."""

    frozen: str | None
    workers: list[WorkerBeat]
    due: int
    a_second: float

    @property
    def is_served(self) -> bool:
        """Whether any worker is alive."""
        now = clock.now()
        return any(worker.is_alive(now) for worker in self.workers)

    @property
    def drains_in(self) -> dt.timedelta:
        """How long what is due takes at the rate that is allowed."""
        return dt.timedelta(seconds=self.due / self.a_second) if self.a_second else dt.timedelta()


def circumstances(session: Session) -> Circumstances:
    """As they are now."""
    line = sa.select(sa.func.count()).select_from(Message).where(due.IS_SCHEDULED, Message.due_at <= clock.now())
    waiting = session.execute(line).scalar_one()
    a_second: float = current_app.config["SETTINGS"].texts_a_second
    return Circumstances(frozen.reason(session), list(beats.seen(session)), waiting, a_second)


def why(message: Message, now: Circumstances) -> str:
    """Why this one has not left. Its person, sender and video should be loaded."""
    if now.frozen:
        return str(_("Sending is paused, so it waits with all others."))
    if not now.is_served:
        return str(_("No worker is running."))
    if is_on_its_way(message.video):
        return str(_("Its video is still being prepared."))
    opening = leaving.moment(message, clock.now())
    if opening is None:
        return str(_("Its day is over: it becomes “missed” in a moment, and you are asked."))
    if opening > clock.now():
        return _quiet(message, opening)
    if now.drains_in > dt.timedelta(minutes=1):
        minutes = round(now.drains_in.total_seconds() / 60)
        words = _("Texts leave no faster than your Twilio number allows, and %(due)s are in line.", due=now.due)
        return f"{words} {ngettext('That takes a minute.', 'That takes %(num)s minutes.', minutes)}"
    return str(_("It should leave any moment. If it stays, the worker's log says why."))


def _quiet(message: Message, opening: dt.datetime) -> str:
    name, zone = message.person.first_name, message.person.time_zone
    here, then = (clock.local(moment, zone) for moment in (clock.now(), opening))
    times = {"now": f"{here.hour}:{here.minute:02d}", "then": f"{then.hour}:{then.minute:02d}"}
    return str(_("It is %(now)s for %(name)s, so it waits until %(then)s there.", name=name, **times))
