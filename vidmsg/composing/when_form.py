"""The part of a form in which a person says when a text shall go, and the choices as the page offers them, each with
both local times."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass

from flask_babel import gettext as _
from flask_wtf import FlaskForm
from wtforms import StringField

from vidmsg import clock
from vidmsg.composing import both_clocks
from vidmsg.composing.both_clocks import Said
from vidmsg.messages import when
from vidmsg.messages.when import DAY, NOW, OTHER, THEIRS, Clocks, Day, Moment, WrongMoment

_TIME = re.compile(r"\d{1,2}:\d{2}(?::\d{2})?")
USUAL = dt.time(9, 10)


@dataclass(frozen=True)
class Choice:
    """One of the three. `said` is None for another moment that is not chosen yet; `at_once`: it goes this minute."""

    key: str
    word: str
    said: Said | None
    is_today: bool = False
    at_once: bool = False


class WhenForm(FlaskForm):  # type: ignore[misc, unused-ignore]
    """On the day, now, or another moment: `day` and `at` by the clock of the person or of the one who chooses."""

    when = StringField()
    day = StringField()
    at = StringField()
    clock = StringField()

    def suggest(self, clocks: Clocks, day: Day | None) -> None:
        """What stands in the fields of another moment before somebody has written there."""
        today = clock.local(clock.now(), clocks.theirs).date()
        self.day.data = self.day.data or str(max(day.on, today) if day else today)
        self.at.data = self.at.data or (day.at if day else USUAL).strftime("%H:%M")
        self.clock.data = self.clock.data or THEIRS

    def moment(self, clocks: Clocks, day: Day | None) -> Moment:
        """What was chosen; without a word on the day, or where there is none, now. Raises WrongMoment."""
        key = self.when.data or (DAY if day else NOW)
        if key == OTHER:
            return self.other(clocks)
        return when.on_the_day(day, clocks) if key == DAY and day else when.now(clocks)

    def other(self, clocks: Clocks) -> Moment:
        """The other moment, as it is written. Raises WrongMoment."""
        return when.at(_date(self.day.data or ""), _time(self.at.data or ""), self.clock.data or THEIRS, clocks)

    def choices(self, clocks: Clocks, day: Day | None) -> list[Choice]:
        """What can be chosen, in order; a day that is over is not offered. The first is meant when nothing is said."""
        offered = [_choice(NOW, _("Now"), both_clocks.present(present := when.now(clocks), clocks), present, clocks)]
        try:
            if day:
                on = when.on_the_day(day, clocks)
                offered.insert(0, _choice(DAY, _("On the day"), both_clocks.say(on, clocks), on, clocks))
        except WrongMoment:
            pass
        try:
            chosen = self.other(clocks) if self.when.data == OTHER else None
        except WrongMoment:
            chosen = None
        said = both_clocks.say(chosen, clocks) if chosen else None
        return [*offered, Choice(OTHER, str(_("Another time")), said)]


def _choice(key: str, word: str, said: Said, moment: Moment, clocks: Clocks) -> Choice:
    present = clock.now()
    is_today = clock.local(moment.goes_at, clocks.theirs).date() == clock.local(present, clocks.theirs).date()
    return Choice(key, str(word), said, is_today, moment.goes_at <= present)


def _date(text: str) -> dt.date:
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        raise WrongMoment(_("Choose a day that the calendar has.")) from None


def _time(text: str) -> dt.time:
    try:
        hour, minute = text.split(":")[:2] if _TIME.fullmatch(text) else ("", "")
        return dt.time(int(hour), int(minute))
    except ValueError:
        raise WrongMoment(_("Write a time of the day, such as 9:10.")) from None
