"""What this feature itself has to tell about a person: when she came, and what was said about texts."""

from __future__ import annotations

from collections.abc import Iterator

from flask_babel import gettext as _
from sqlalchemy.orm import Session

from vidmsg.people import consent
from vidmsg.people.models import GRANTED, Consent, Person
from vidmsg.people.timeline import TimelineEntry


def entries(session: Session, person: Person) -> Iterator[TimelineEntry]:
    """The beginning, and every entry of the ledger for her number."""
    who = person.owner.first_name if person.owner else None
    yield TimelineEntry(
        person.created_at, _("%(name)s is here", name=person.first_name), _("Added by %(who)s.", who=who) if who else ""
    )
    for entry in consent.of_person(session, person):
        yield _said(entry, person)


def _said(entry: Consent, person: Person) -> TimelineEntry:
    if entry.action == GRANTED:
        return TimelineEntry(
            entry.at, _("%(name)s said yes to texts", name=person.first_name), where(entry.source), kind="consent"
        )
    if entry.source == consent.BY_TEXT:
        return TimelineEntry(
            entry.at, _("%(name)s asked us to stop", name=person.first_name), _("By text."), entry.words, "consent"
        )
    return TimelineEntry(
        entry.at, _("%(name)s wants no more texts", name=person.first_name), where(entry.source), kind="consent"
    )


def where(source: str) -> str:
    """Where something was said, as the end of a sentence."""
    words = {
        "in person": _("In person."),
        "phone": _("On the phone."),
        "paper form": _("On paper."),
        "web form": _("On a web form."),
        consent.BY_TEXT: _("By text."),
        consent.FROM_LIST: _("Marked so in a list."),
        consent.LIST_UNDONE: _("The list that said yes was taken back."),
    }
    return str(words.get(source, source))
