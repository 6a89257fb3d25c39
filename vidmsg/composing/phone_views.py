"""The practice phone: what customers would hold in their hands, where no real text is sent. It shows the simulated
network's threads as far as the rep may see the people behind the numbers, and answers as they would."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from flask import Blueprint, abort, current_app, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import joinedload

from vidmsg.composing import story
from vidmsg.database import db
from vidmsg.jobs import jobs
from vidmsg.messages import links
from vidmsg.messages.models import Attempt, Inbound, Link, Message
from vidmsg.people.models import Person
from vidmsg.sms import current_simulator
from vidmsg.sms.models import SimulatedMessage
from vidmsg.videos import renditions
from vidmsg.videos.models import POSTER
from vidmsg.web import access, policy, polling

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
    """One text in the thread. `link` and `poster` belong to a text of ours that carries a video; `path` is that of an
    address of ours in the words themselves."""

    text: SimulatedMessage
    words: str
    link: Link | None = None
    poster: str | None = None
    sender: str = ""
    path: str = ""


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
            "thread": render_template("composing/_thread.html", **told),
            "story": render_template("composing/_story.html", steps=told["steps"]),
            "lines": render_template("composing/_lines.html", lines=_lines(), here=person),
        }
    )


@phone.post("/<number>/reply")
@policy.rep
def reply(number: str) -> ResponseReturnValue:
    """Text back as this person would."""
    person, body = _person(number), request.form.get("body", "").strip()[:MAX_REPLY]
    simulator = current_simulator()
    if simulator is None or not body:
        abort(400)
    simulator.reply(f"+{number}", body, current_app.config["SETTINGS"].address + "/hooks/twilio/inbound")
    jobs().wake("sms")
    return redirect(url_for("phone.thread", number=(person.phone or "")[1:]))


def _page(lines: list[Line], person: Person | None) -> ResponseReturnValue:
    told = _thread(person) if person else {"message": None}
    return render_template("composing/phone.html", lines=lines, here=person, **told)


def _lines() -> list[Line]:
    simulator = current_simulator()
    numbers = [entry.customer for entry in simulator.threads()] if simulator else []
    people = db.session.execute(
        sa.select(Person).where(Person.phone.in_(numbers), access.visible(Person)).order_by(Person.id.desc())
    ).scalars()
    by_number = {person.phone: person for person in people}
    threads = [(by_number[number], _texts(number)) for number in numbers if number in by_number]
    return [Line(person, texts[-1]) for person, texts in threads if texts]


def _person(number: str) -> Person:
    if not (number.isascii() and number.isdigit()):
        abort(404)
    query = sa.select(Person).where(Person.phone == f"+{number}", access.visible(Person)).order_by(Person.id)
    person = db.session.execute(query.limit(1)).scalar_one_or_none()
    if person is None:
        abort(404)
    return person


def _texts(number: str) -> list[SimulatedMessage]:
    """What went to and fro with this number, without other teams' texts and the answers to them: somebody in another
    team may know the same number."""
    simulator = current_simulator()
    texts = simulator.thread(number) if simulator else []
    sids, behind_the_wall = [text.sid for text in texts], sa.not_(access.visible(Message))
    sent = db.session.execute(
        sa.select(Attempt.sid, Attempt.body).join(Message).where(Attempt.phone == number, behind_the_wall)
    ).all()
    answers = db.session.execute(sa.select(Inbound.sid).join(Message).where(Inbound.sid.in_(sids), behind_the_wall))
    hidden = {sid for sid, _body in sent} | set(answers.scalars())
    unsettled = {body for sid, body in sent if sid is None}  # the network has it, and we don't know its SID yet
    return [text for text in texts if text.sid not in hidden and text.body not in unsettled]


def _thread(person: Person) -> dict[str, Any]:
    texts = _texts(person.phone or "")
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
        return _plain(text, message is not None)
    poster = renditions.find(db.session, link.video_id, POSTER)
    words = text.body.removesuffix(links.address(current_app.config["SETTINGS"].address, link.token))
    address = url_for("videos.play", video_id=link.video_id, kind=POSTER, number=poster.number) if poster else None
    return Bubble(text, words, link, address, message.sender.first_name)


def _plain(text: SimulatedMessage, is_ours: bool) -> Bubble:
    """Without a video; an address of ours at its end can be tapped."""
    base, token = current_app.config["SETTINGS"].address, links.token_in(text.body)
    before, ours, path = text.body.rpartition(f"{base}/")
    if not (is_ours and token and ours and path.endswith(token)):
        return Bubble(text, text.body)
    return Bubble(text, before, path=f"/{path.strip()}")


def _latest(person: Person) -> Message | None:
    query = sa.select(Message).where(Message.phone == person.phone, access.visible(Message), Message.tries > 0)
    return db.session.execute(query.order_by(Message.created_at.desc()).limit(1)).scalar_one_or_none()
