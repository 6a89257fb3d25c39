"""Pauses of the clock's work: each second it asks whether its pause is over. A clock that is put back, by a person or
by the machine, must not make a pause longer than it was meant to be. It may not know what pauses."""

from __future__ import annotations

import datetime as dt

from vidmsg import clock


class Pause:
    """Over from the beginning; begun, it lasts as long as was said."""

    def __init__(self) -> None:
        self._until = dt.datetime.min.replace(tzinfo=dt.UTC)
        self._long = dt.timedelta()

    def begin(self, long: dt.timedelta) -> None:
        """From now on."""
        self._until, self._long = clock.now() + long, long

    @property
    def is_over(self) -> bool:
        """An end that is further ahead than the whole pause was written by a clock that has been put back since."""
        left = self._until - clock.now()
        return left <= dt.timedelta() or left > self._long
