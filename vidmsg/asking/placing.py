"""What becomes of a take that a rep kept from a text: it goes with the message that is planned for the day, or where
none is, with one made of the organisation's words for such a day, at its usual moment; and the sentence that tells
her."""

from __future__ import annotations

import datetime as dt

import sqlalchemy as sa
from flask_babel import format_date
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from vidmsg import clock
from vidmsg.accounts.models import Organisation, User
from vidmsg.asking import admitting
from vidmsg.asking.models import RecordLink
from vidmsg.composing import beginning
from vidmsg.errors import Sentence
from vidmsg.messages import approval, compose, planned, states, when
from vidmsg.messages.compose import CannotSend, Plan
from vidmsg.messages.models import Message
from vidmsg.messages.when import WrongMoment
from vidmsg.milestones.models import Occurrence
from vidmsg.sms import segments
from vidmsg.tokens import new_token
from vidmsg.videos import choosing
from vidmsg.videos.models import Upload, Video

A_WEEK = 6
WAITING = frozenset({states.SCHEDULED, states.CLAIMED, states.SUBMITTING})


def keep(session: Session, link: RecordLink, upload: Upload) -> None:
    """Keep this take for the link's day. Every link for the day ends. Raises choosing.NotNow."""
    occurrence, user = link.occurrence, link.user
    if _is_somebody_elses(session, message_of(session, occurrence), user):
        choosing.keep(session, upload.video_id)  # nobody hears of it, so what she chose stays
    else:
        choosing.choose(session, upload.video_id)
    link.upload_id = upload.id
    admitting.end(session, link.occurrence_id)
    video = session.get_one(Video, upload.video_id)
    try:
        _place(session, occurrence, user, video)
    except (CannotSend, WrongMoment):
        return  # it is kept all the same, and `sentence` says what is the matter


def sentence(session: Session, link: RecordLink, video: Video) -> str:
    """What comes of it now, for the page after keeping."""
    message, person = message_of(session, link.occurrence), link.occurrence.person
    if message is None:
        return _why_none(session, link, video)
    if message.video_id != video.id:
        return str(_("Another video goes out for this day, so yours waits under your takes."))
    if message.state == states.HELD and message.reason == approval.WAITS:
        return str(_("It waits for a yes from your manager."))
    if message.state in WAITING and message.due_at is not None:
        return _goes_out(message.due_at, person.time_zone, person.first_name)
    if message.state in states.RANK:
        return str(_("It is on its way."))
    return str(_("Its text waits for you. Sign in, look, then send it."))


def message_of(session: Session, occurrence: Occurrence) -> Message | None:
    """The message to the person for this day."""
    mine = (Message.occurrence_id == occurrence.id, Message.person_id == occurrence.person_id)
    return session.scalars(sa.select(Message).where(*mine)).one_or_none()


def _place(session: Session, occurrence: Occurrence, user: User, video: Video) -> None:
    message = message_of(session, occurrence)
    if message is None:
        message = _compose(session, occurrence, user, video)
    if message.video_id == video.id:
        return
    if not _is_somebody_elses(session, message, user):
        planned.attach(session, message, video)


def _is_somebody_elses(session: Session, message: Message | None, user: User) -> bool:
    """Whether it goes with a video that a colleague gave it."""
    other = session.get(Video, message.video_id) if message and message.video_id else None
    return other is not None and other.owner_id != user.id


def _compose(session: Session, occurrence: Occurrence, user: User, video: Video) -> Message:
    person, home = occurrence.person, session.get_one(Organisation, occurrence.organisation_id)
    moment = when.on_the_day(when.day_of(occurrence, home), when.clocks(person, home, person.time_zone))
    begun = _words(session, occurrence, user, video)
    return compose.compose(
        session,
        sender=user,
        person=person,
        video=video,
        body=segments.plain(begun.body),
        words=begun.words,
        request_key=f"asked-{new_token()}",
        due_at=moment.wanted,
        plan=Plan(send_on=moment.send_on, occurrence_id=occurrence.id, template_version_id=begun.version_id),
    )


def _words(session: Session, occurrence: Occurrence, user: User, video: Video) -> beginning.Beginning:
    """The organisation's words for this kind of day. Where they may not go as a first text, because they don't say who
    it is from, our own."""
    text = beginning.Text(user, occurrence.person, occurrence, video, speaks=True)
    begun = beginning.begin(session, text, beginning.offered(session, text), None)
    body, person = segments.plain(begun.body), occurrence.person
    try:
        compose.refuse(session, sender=user, person=person, video=video, body=body, words=begun.words)
    except CannotSend as error:
        if error.code in {"unnamed", "no_opt_out", "too_long", "words_too_long"}:
            return beginning.Beginning(beginning.suggestion(session, text))
        raise
    return begun


def _why_none(session: Session, link: RecordLink, video: Video) -> str:
    try:
        _words(session, link.occurrence, link.user, video)
    except Sentence as reason:
        return str(reason)
    return str(_("Nothing is planned for it yet. Sign in to write its text."))


def _goes_out(due_at: dt.datetime, zone: str, name: str) -> str:
    now, then = clock.local(clock.now(), zone), clock.local(due_at, zone)
    ahead = (then.date() - now.date()).days
    values = {"time": f"{then.hour}:{then.minute:02d}", "name": name}
    if due_at <= clock.now():
        return str(_("It goes out in a moment."))
    if ahead <= 1:
        day = _("today") if ahead == 0 else _("tomorrow")
    else:
        day = format_date(then, "EEEE" if ahead <= A_WEEK else "d MMMM")
    return str(_("It goes out %(day)s %(time)s, %(name)s's time.", day=day, **values))
