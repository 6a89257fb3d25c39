"""What the page with the camera needs wherever it is opened: what is known about the person, under the lens, and how
long a take may be. It may not know who is asking."""

from __future__ import annotations

import sqlalchemy as sa
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from vidmsg.people.models import Note, Person

LENGTHS = {"maxSeconds": 180, "warnSeconds": 15, "suggestedSeconds": 45}
MOST_CUES = 3


def cues(session: Session, person: Person) -> list[tuple[str, str]]:
    """The newest notes, each with what it is about."""
    words = {"family": _("Family"), "occupation": _("Occupation"), "recreation": _("Recreation"), "dreams": _("Dreams")}
    newest = (
        sa.select(Note).where(Note.person_id == person.id).order_by(Note.at.desc(), Note.id.desc()).limit(MOST_CUES)
    )
    return [(words.get(note.topic or "", _("Note")), note.text) for note in session.execute(newest).scalars()]
