"""The practice phone: what customers would hold in their hands, where no real text is sent. It shows the simulated
network's threads as far as the rep may see the people behind the numbers, and answers as they would."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from flask import Blueprint, abort, current_app, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import joinedload

from vidmsg.database import db
from vidmsg.jobs import jobs
from vidmsg.messages import links, story
from vidmsg.messages.models import Attempt, Link, Message
from vidmsg.people.models import Person
from vidmsg.sms.models import SimulatedMessage
from vidmsg.videos import renditions
from vidmsg.videos.models import POSTER
from vidmsg.web import access, policy, polling

if TYPE_CHECKING:
    from vidmsg.sms.simulator import Simulator

phone = Blueprint("phone", __name__, url_prefix="/phone")

MAX_REPLY = 1600


@dataclass(frozen=True)
class Line:
    """A number in the list on the left, with the person behind it and the newest text."""

    person: Person
    latest: SimulatedMessage

    @property
    def number(self) -> str:
        """The number as it stands in addresses, without the plus."""
        return self.latest.customer[1:]


@dataclass(frozen=True)
class Bubble:
    """One text in the thread. `link` and `poster` belong to a text of ours that carries a video."""

    text: SimulatedMessage
    words: str
    link: Link | None = None
    poster: str | None = None
    sender: str = ""


@phone.get("")
@policy.rep
def show() -> ResponseReturnValue:
    """The phone that got a text last."""
    lines = _lines()
    return _page(lines, lines[0].person if lines else None)


@phone.get("/<number>")
@policy.rep
def thread(number: str) -> ResponseReturnValue:
    """The phone of one number (E.164 without its plus)."""
    return _page(_lines(), _person(number))


@phone.get("/<number>/state")
@policy.rep
def state(number: str) -> ResponseReturnValue:
    """The same for the page's script."""
    person = _person(number)
    told = _thread(person)
    return polling.answer(
        {
            "thread": render_template("messages/_thread.html", **told),
            "story": render_template("messages/_story.html", steps=told["steps"]),
            "lines": render_template("messages/_lines.html", lines=_lines(), here=person),
        }
    )


@phone.post("/<number>/reply")
@policy.rep
def reply(number: str) -> ResponseReturnValue:
    """Text back as this person would."""
    person, body = _person(number), request.form.get("body", "").strip()[:MAX_REPLY]
    simulator = _simulator()
    if simulator is None or not body:
        abort(400)
    simulator.reply(f"+{number}", body, current_app.config["SETTINGS"].address + "/hooks/twilio/inbound")
    jobs().wake("sms")
    return redirect(url_for("phone.thread", number=(person.phone or "")[1:]))


def _page(lines: list[Line], person: Person | None) -> ResponseReturnValue:
    told = _thread(person) if person else {"message": None}
    return render_template("messages/phone.html", lines=lines, here=person, **told)


def _simulator() -> Simulator | None:
    """The network in this process; None where it runs as a process of its own."""
    found: Simulator | None = current_app.extensions["simulator"]
    return found


def _lines() -> list[Line]:
    simulator = _simulator()
    threads = simulator.threads() if simulator else []
    numbers = [entry.customer for entry in threads]
    people = db.session.execute(
        sa.select(Person).where(Person.phone.in_(numbers), access.visible(Person)).order_by(Person.id.desc())
    ).scalars()
    by_number = {person.phone: person for person in people}
    return [Line(by_number[entry.customer], entry.latest) for entry in threads if entry.customer in by_number]


def _person(number: str) -> Person:
    if not (number.isascii() and number.isdigit()):
        abort(404)
    query = sa.select(Person).where(Person.phone == f"+{number}", access.visible(Person)).order_by(Person.id)
    person = db.session.execute(query.limit(1)).scalar_one_or_none()
    if person is None:
        abort(404)
    return person


def _thread(person: Person) -> dict[str, Any]:
    simulator = _simulator()
    texts = simulator.thread(person.phone or "") if simulator else []
    ours = _ours([text.sid for text in texts])
    message = _latest(person)
    return {
        "bubbles": [_bubble(text, ours.get(text.sid)) for text in texts],
        "person": person,
        "message": message,
        "host": current_app.config["SETTINGS"].address.split("://", 1)[1],
        "steps": story.steps(db.session, message) if message else [],
    }


def _ours(sids: list[str]) -> dict[str, Message]:
    """Our messages by the SID that the network gave them."""
    query = (
        sa.select(Attempt.sid, Message)
        .join(Message, Message.id == Attempt.message_id)
        .where(Attempt.sid.in_(sids), access.visible(Message))
        .options(joinedload(Message.sender))
    )
    return {sid: message for sid, message in db.session.execute(query) if sid}


def _bubble(text: SimulatedMessage, message: Message | None) -> Bubble:
    link = links.current(db.session, message.id) if message else None
    if message is None or link is None:
        return Bubble(text, text.body)
    poster = renditions.find(db.session, link.video_id, POSTER)
    words = text.body.removesuffix(links.address(current_app.config["SETTINGS"].address, link.token))
    address = url_for("videos.play", video_id=link.video_id, kind=POSTER, number=poster.number) if poster else None
    return Bubble(text, words, link, address, message.sender.first_name)


def _latest(person: Person) -> Message | None:
    query = sa.select(Message).where(Message.phone == person.phone, access.visible(Message), Message.tries > 0)
    return db.session.execute(query.order_by(Message.created_at.desc()).limit(1)).scalar_one_or_none()
