"""The clock's part in the calendar: each second one quick look whether a date has to be planned, and if so planning, in
a thread of its own beside the clock. So the night's work begins when the organisation's day does, and an edit is
followed within a second or two."""

from __future__ import annotations

import datetime as dt
import threading

from flask import Flask

from vidmsg import logs
from vidmsg.calendar import planning
from vidmsg.jobs.pausing import Pause

log = logs.get(__name__)

AFTER_A_FAILURE = dt.timedelta(minutes=1)


class Nightly:
    """Plans in one thread at a time; after a failure it waits a little."""

    def __init__(self, app: Flask) -> None:
        self._app = app
        self._pause = Pause()
        self._running = threading.Lock()

    def tick(self) -> None:
        """Each second."""
        if not self._pause.is_over or self._running.locked() or not planning.is_due():
            return
        if self._running.acquire(blocking=False):
            threading.Thread(target=self._plan, name="planning", daemon=True).start()

    def _plan(self) -> None:
        try:
            with self._app.app_context():
                looked_at = planning.run()
            log.info("planned", milestones=looked_at)
        except Exception:
            self._pause.begin(AFTER_A_FAILURE)
            log.exception("planning failed")
        finally:
            self._running.release()
