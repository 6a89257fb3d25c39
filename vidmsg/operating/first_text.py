"""The first text that the page about Twilio sends: once for each form that was shown, however often somebody clicks.
The row is there before the call, and what came of it stands on it. It may not know Twilio."""

from __future__ import annotations

import datetime as dt
import re

from flask_babel import gettext as _
from sqlalchemy.exc import IntegrityError

from vidmsg import clock
from vidmsg.accounts import audit
from vidmsg.database import reading, writing
from vidmsg.operating.models import FirstText

KEY = re.compile(r"[\w-]{22}", re.ASCII)
PATIENCE = dt.timedelta(minutes=1)  # a call takes half of that at most


def begin(key: str, user_id: int, organisation_id: int) -> bool:
    """Take the form with this key for ours to send; False when another click has."""
    row = FirstText(key=key, user_id=user_id, organisation_id=organisation_id, at=clock.now())
    try:
        with writing() as session:
            session.add(row)
    except IntegrityError:
        return False
    return True


def left(key: str, sid: str) -> None:
    """Twilio has it."""
    with writing() as session:
        row = session.get_one(FirstText, key)
        row.sid = sid
        audit.record(session, row.user_id, row.organisation_id, "twilio.try", f"text:{sid}")


def failed(key: str, trouble: str) -> None:
    """It did not leave, or nobody knows; in a sentence."""
    with writing() as session:
        session.get_one(FirstText, key).trouble = trouble[:300]


def find(key: str, organisation_id: int) -> FirstText | None:
    """The text of that form, if one was begun."""
    if not KEY.fullmatch(key):
        return None
    with reading() as session:
        row = session.get(FirstText, key)
    return row if row is not None and row.organisation_id == organisation_id else None


def trouble(row: FirstText) -> str | None:
    """What went wrong before Twilio could tell anything of it; None: nothing, as far as we know."""
    if row.trouble or row.sid:
        return row.trouble
    return lost() if clock.now() > row.at + PATIENCE else None


def lost() -> str:
    """Nobody knows whether it left."""
    return str(_("Twilio's answer got lost. Look whether the text arrived before you try again."))
