"""Writing a message: checks that a person can mend at the keyboard, then one scheduled row with its link. The same
request key gives the same message, so a double click or a repeated POST never makes two. What may change until the
text leaves (consent, holds, hours) is asked again by `sending`; here it is asked so that the rep hears it at once."""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from dataclasses import dataclass

import sqlalchemy as sa
from flask_babel import gettext as _
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from vidmsg import clock, tokens
from vidmsg.accounts.models import User
from vidmsg.errors import Sentence
from vidmsg.messages import approval, hours, leaving, slips, states, timing, window
from vidmsg.messages.models import GREETING, LIBRARY_VIDEO, Attempt, Link, Message, StatusEvent
from vidmsg.people import consent
from vidmsg.people.models import GRANTED, Person
from vidmsg.videos import choosing
from vidmsg.videos.models import BROKEN, PREPARING, RECORDING, REFUSED, Video

MAX_CHARACTERS = 1600  # Twilio's limit for a body, the link included
MAX_WORDS = 280
LINK_ROOM = 100  # what a space and the link may take; PUBLIC_URL is at most 70 characters
_OPT_OUT = re.compile(r"\bSTOP\b|\bopt[ -]?out\b", re.IGNORECASE)


class CannotSend(Sentence):
    """Why this message can't be made. `code` for tests and logs, the text for the rep."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


@dataclass(frozen=True)
class Plan:
    """What a message from the calendar knows beyond its words. `send_on`: the person's day that it is for, past which
    it does not go by itself. `no_video`: it may be planned before its video is there, and this is what happens when
    there is none: ask, text or video (then `fallback`). `approved_by`: a manager's id, whose yes it has already.
    `about_id`: the customer of whom a text to a rep tells."""

    send_on: dt.date | None = None
    occurrence_id: int | None = None
    no_video: str | None = None
    fallback: Video | None = None
    purpose: str = GREETING
    template_version_id: int | None = None
    approved_by: int | None = None
    about_id: int | None = None


NO_PLAN = Plan()


def compose(
    session: Session,
    *,
    sender: User,
    person: Person,
    video: Video | None,
    body: str,
    words: str,
    request_key: str,
    due_at: dt.datetime,
    plan: Plan = NO_PLAN,
) -> Message:
    """A message to `person`, not before `due_at` and not outside her hours; with a link when there is a video, which
    is kept from now on. It is scheduled, or planned while the plan's video is not there, or held for a manager's yes.
    The one that `request_key` (1 to 64 characters, made for the form) or the plan's occurrence stands for already, if
    there is one.

    Raises CannotSend with a sentence."""
    made = _made(session, sender, person, request_key)
    if made:
        return made
    body, words = cleaned(body), cleaned(words)
    if video:
        session.refresh(video, with_for_update=True)  # nobody lets it go between the question and the link
    refuse(session, sender=sender, person=person, video=video, body=body, words=words)
    if plan.no_video == LIBRARY_VIDEO:
        refuse_fallback(plan.fallback, person)
    _make_room(session, person, plan)
    try:
        with session.begin_nested():
            return _insert(session, sender, person, video, body, words, request_key, due_at, plan)
    except IntegrityError:
        made = _made(session, sender, person, request_key) or _planned(session, person, plan)
        if made is None:
            raise
        return made


def refuse(session: Session, *, sender: User, person: Person, video: Video | None, body: str, words: str) -> None:
    """Raise CannotSend when this may not be sent as things stand."""
    _refuse_people(session, sender, person)
    if video is not None:
        refuse_video(video, person)
    if not body:
        raise CannotSend("empty", _("Write a few words first."))
    if len(body) + (LINK_ROOM if video else 0) > MAX_CHARACTERS:
        raise CannotSend("too_long", _("This is too long for one text. Say the rest in the video."))
    if len(words) > MAX_WORDS:
        sentence = _("The words on the page are too long to be large. Keep to %(n)s characters.", n=MAX_WORDS)
        raise CannotSend("words_too_long", sentence)
    field = slips.field_left(f"{body}\n{words}")
    if field:
        raise CannotSend("field", _("“%(field)s” would go out as it stands. Write the word itself.", field=field))
    refuse_first(session, sender, person, body)


def is_first(session: Session, person: Person) -> bool:
    """Whether this number has never had a text from the organisation, as far as we know."""
    ours, texted = Message.organisation_id == person.organisation_id, Attempt.phone == person.phone
    earlier = sa.select(Attempt.id).join(Message, Message.id == Attempt.message_id)
    earlier = earlier.where(ours, texted, Attempt.sid.is_not(None))
    return session.execute(earlier.limit(1)).first() is None


def says_how_to_stop(body: str) -> bool:
    """Whether this text tells how to end all texts."""
    return _OPT_OUT.search(body) is not None


def is_usable(video: Video) -> bool:
    """Whether this video plays, or will."""
    return video.discarded_at is None and video.state not in {REFUSED, BROKEN}


def is_on_its_way(video: Video | None) -> bool:
    """Whether a video is still recorded or prepared, so that its message waits for it."""
    return video is not None and video.state in {RECORDING, PREPARING}


def _made(session: Session, sender: User, person: Person, request_key: str) -> Message | None:
    if not 0 < len(request_key) <= 64:
        raise CannotSend("request_key", _("This page waited too long. Reload it and try once more."))
    made = session.execute(sa.select(Message).where(Message.request_key == request_key)).scalar_one_or_none()
    if made and (made.sender_id != sender.id or made.person_id != person.id):
        raise CannotSend("request_key", _("This page belongs to another text. Reload it and try once more."))
    return made


def _insert(
    session: Session,
    sender: User,
    person: Person,
    video: Video | None,
    body: str,
    words: str,
    request_key: str,
    due_at: dt.datetime,
    plan: Plan,
) -> Message:
    now = clock.now()
    state, reason = _begins_as(sender, video, plan)
    leaves_at = _leaves_at(sender, person, due_at, plan)
    message = Message(
        id=tokens.new_token(),
        organisation_id=person.organisation_id,
        team_id=person.team_id,
        person_id=person.id,
        sender_id=sender.id,
        video_id=video.id if video else None,
        request_key=request_key,
        phone=person.phone,
        body=body,
        words=words,
        state=state,
        reason=reason,
        due_at=leaves_at,
        wanted_at=due_at,
        look_at=leaves_at if state == states.PLANNED else None,
        send_on=plan.send_on,
        occurrence_id=plan.occurrence_id,
        no_video=plan.no_video,
        fallback_video_id=plan.fallback.id if plan.fallback else None,
        purpose=plan.purpose,
        template_version_id=plan.template_version_id,
        approved_by=plan.approved_by,
        about_id=plan.about_id,
        created_at=now,
        changed_at=now,
    )
    _add(session, message, video)
    return message


def _add(session: Session, message: Message, video: Video | None) -> None:
    """The row with its link and its first event."""
    session.add(message)
    session.flush()
    if message.state == states.HELD:
        message.look_at = leaving.day_ends(message)
    if video:
        choosing.keep(session, video.id)
        session.add(Link(message_id=message.id, video_id=video.id, created_at=message.created_at))
    begun = {"to_state": message.state, "detail": message.reason, "at": message.created_at}
    session.add(StatusEvent(message_id=message.id, mover=states.PERSON, **begun))
    session.flush()


def _begins_as(sender: User, video: Video | None, plan: Plan) -> tuple[str, str | None]:
    if video is None and plan.no_video:
        return states.PLANNED, None
    if plan.approved_by is None and approval.is_wanted(sender, plan.purpose):
        return states.HELD, approval.WAITS
    return states.SCHEDULED, None


def _leaves_at(sender: User, person: Person, due_at: dt.datetime, plan: Plan) -> dt.datetime:
    open_hours, zone = hours.of(sender.organisation, person), person.time_zone
    opening = timing.leaves_at(due_at, due_at=due_at, send_on=plan.send_on, zone=zone, hours=open_hours)
    return opening or window.next_open(due_at, zone, open_hours)


def _planned(session: Session, person: Person, plan: Plan) -> Message | None:
    """The message that another process made for the same occurrence and person."""
    return of_occurrence(session, plan.occurrence_id, person) if plan.occurrence_id else None


def of_occurrence(session: Session, occurrence_id: int, person: Person) -> Message | None:
    """This person's message for this occasion; one that was taken back before any try stands in nobody's way."""
    same = (Message.occurrence_id == occurrence_id, Message.person_id == person.id, ~_taken_back())
    return session.execute(sa.select(Message).where(*same)).scalar_one_or_none()


def _taken_back() -> sa.ColumnElement[bool]:
    return sa.and_(Message.state == states.CANCELED, Message.tries == 0)


def _make_room(session: Session, person: Person, plan: Plan) -> None:
    """One occasion has one message. What was taken back, and certainly never left, gives its place to the new one."""
    if plan.occurrence_id is not None:
        same = (Message.occurrence_id == plan.occurrence_id, Message.person_id == person.id, _taken_back())
        session.execute(sa.update(Message).where(*same).values(occurrence_id=None))


def _refuse_people(session: Session, sender: User, person: Person) -> None:
    if not sender.active:
        raise CannotSend("sender", _("This account is closed, so nothing is sent from it."))
    if not person.phone:
        raise CannotSend("no_number", _("%(name)s has no number yet. Add it first.", name=person.first_name))
    latest = consent.current(session, person.organisation_id, person.phone)
    if latest is None:
        sentence = _(
            "%(name)s has not agreed to texts yet, so nothing is sent. Ask first, then note it here.",
            name=person.first_name,
        )
        raise CannotSend("no_consent", sentence)
    if latest.action != GRANTED:
        raise CannotSend("revoked", _("%(name)s asked us to stop. These texts are off.", name=person.first_name))


def refuse_video(video: Video, person: Person) -> None:
    """Raise CannotSend when this video can't go to this person."""
    if video.organisation_id != person.organisation_id or video.team_id != person.team_id:
        raise CannotSend("video", _("This video belongs to another team."))
    if video.discarded_at is not None:
        raise CannotSend("video", _("This video was put away. Record another."))
    if video.state in {REFUSED, BROKEN}:
        raise CannotSend("video", video.problem or _("This video can't be played, so it isn't sent. Record another."))


def refuse_fallback(fallback: Video | None, person: Person) -> None:
    """Raise CannotSend when this is no video that can go to this person in place of another."""
    if fallback is None:
        raise CannotSend("fallback", _("Choose the video that goes when none is recorded in time."))
    refuse_video(fallback, person)


def refuse_first(session: Session, sender: User, person: Person, body: str) -> None:
    """Raise CannotSend for the first words to a number that don't say who writes, or how to stop."""
    if not is_first(session, person):
        return
    organisation = sender.organisation.name if sender.organisation else ""
    if _folded(organisation) not in _folded(body):
        sentence = _("The first text must say who it is from. Write “%(name)s” in it.", name=organisation)
        raise CannotSend("unnamed", sentence)
    if not says_how_to_stop(body):
        raise CannotSend("no_opt_out", _("The first text must say how to stop. Add “Reply STOP to opt out.”"))


def _folded(text: str) -> str:
    straight = unicodedata.normalize("NFKC", text).replace("’", "'").replace("‘", "'")
    return " ".join(straight.casefold().split())


def cleaned(text: str) -> str:
    """The text without control characters and stray blanks at line ends; lines stay."""
    text = text.replace("\r\n", "\n")
    kept = "".join(letter for letter in text if letter == "\n" or unicodedata.category(letter) != "Cc")
    return "\n".join(line.rstrip() for line in kept.split("\n")).strip()
