"""What stands on the page when a text is begun: our own suggestion, the words of a template filled for this person and
her day, or words for a text that comes late. It only reads."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, replace

from flask_babel import gettext as _
from sqlalchemy.orm import Session

from vidmsg import clock
from vidmsg.accounts.models import User
from vidmsg.composing import merging, templating
from vidmsg.messages.compose import is_first, says_how_to_stop
from vidmsg.messages.models import Template, TemplateVersion
from vidmsg.milestones.models import Occurrence
from vidmsg.people.models import Person
from vidmsg.videos.models import Video

Offered = list[tuple[Template, TemplateVersion]]
_ENDS = frozenset(".!?:…")


@dataclass(frozen=True)
class Beginning:
    """The first words of a text and of its page, the template's version they came from, and why a template that was
    chosen could not be used."""

    body: str
    words: str = ""
    version_id: int | None = None
    problem: str = ""


@dataclass(frozen=True)
class Text:
    """What is going to be written: by whom, to whom, for which day. `speaks`: a video comes with it, now or later."""

    sender: User
    person: Person
    occurrence: Occurrence | None = None
    video: Video | None = None
    speaks: bool = False


def offered(session: Session, text: Text) -> Offered:
    """The templates for this kind of day, then those for any; without a day all."""
    kind = text.occurrence.kind if text.occurrence else None
    return templating.offered(session, text.person.organisation_id, kind)


def begin(session: Session, text: Text, templates: Offered, wanted: int | None) -> Beginning:
    """The words of the template `wanted`; where none is, those made for just this kind of day, if they can be filled;
    else our own. After the day they say so kindly."""
    own = Beginning(_in_time(text, suggestion(session, text)))
    for template, version in templates:
        if template.id == wanted or (wanted is None and text.occurrence and template.kind):
            try:
                return _filled(session, text, version)
            except merging.WrongTemplate as error:
                if template.id == wanted:
                    return replace(own, problem=str(error))
    return own


def suggestion(session: Session, text: Text) -> str:
    """Our own words; the first text to a number says how to stop."""
    organisation = text.sender.organisation.name if text.sender.organisation else ""
    seconds = (text.video.duration_s if text.video else None) or 0
    words = hello(text.person.first_name, text.sender.first_name, organisation)
    return _with_the_way_out(session, text.person, f"{words} {made_you(seconds)}" if text.speaks else words)


def hello(person: str, sender: str, organisation: str) -> str:
    """Who writes, so that nobody opens a stranger's link."""
    names = {"person": person, "sender": sender, "organisation": organisation}
    words: str = _("Hi %(person)s, it's %(sender)s from %(organisation)s.", **names)
    return words


def made_you(seconds: float) -> str:
    """That there is a video; how long it takes, where that is known and short."""
    words: str = _("I made you a short video.")
    if 0 < seconds <= 40:
        words = _("I made you a short video, only half a minute.")
    elif 40 < seconds <= 75:
        words = _("I made you a short video, only a minute.")
    return words


def with_the_way_out(body: str) -> str:
    """The text, with how to stop if it does not say so."""
    if says_how_to_stop(body):
        return body
    stop = "" if body[-1:] in _ENDS else "."
    return f"{body}{stop} {_('Reply STOP to opt out.')}"


def make_good(body: str, day: dt.date | None, goes_on: dt.date) -> str:
    """The words of a text for `day` that goes on another one, with a kind word about that if it comes late."""
    late = goes_on - day if day else dt.timedelta()
    if late <= dt.timedelta():
        return body
    kind: str = _("It comes a day late, but from the heart.")
    if late > dt.timedelta(days=1):
        kind = _("It comes a few days late, but from the heart.")
    way_out = _("Reply STOP to opt out.")
    if body.endswith(way_out):
        return f"{body.removesuffix(way_out).rstrip()} {kind} {way_out}"
    return f"{kind} {body}" if body.endswith(":") else f"{body} {kind}"


def _filled(session: Session, text: Text, version: TemplateVersion) -> Beginning:
    values = templating.values(text.person, text.sender, text.occurrence)
    body = _with_the_way_out(session, text.person, merging.fill(version.body, values))
    return Beginning(_in_time(text, body), merging.fill(version.words, values), version.id)


def _in_time(text: Text, body: str) -> str:
    today = clock.local(clock.now(), text.person.time_zone).date()
    return make_good(body, text.occurrence.planned_on, today) if text.occurrence else body


def _with_the_way_out(session: Session, person: Person, body: str) -> str:
    return with_the_way_out(body) if is_first(session, person) else body
