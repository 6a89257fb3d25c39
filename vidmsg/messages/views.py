"""Pages about messages for the rep: writing one, and what became of it, live. Conditions and sentences are the verbs';
a view asks them, writes in one short transaction and renders."""

from __future__ import annotations

import datetime as dt
from typing import Any

import sqlalchemy as sa
from flask import Blueprint, current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import BooleanField, HiddenField, TextAreaField

from vidmsg import clock, tokens
from vidmsg.database import db, writing
from vidmsg.jobs import jobs
from vidmsg.messages import compose as composing
from vidmsg.messages import (
    cost,
    deciding,
    hours,
    links,
    merging,
    progress,
    replies,
    states,
    story,
    templating,
    window,
)
from vidmsg.messages.models import Inbound, Message, Template, TemplateVersion
from vidmsg.people import consent, history
from vidmsg.people.models import GRANTED, Person
from vidmsg.sms import segments
from vidmsg.videos import renditions, telling
from vidmsg.videos.models import POSTER, Video
from vidmsg.web import access, moments, policy, polling

messages = Blueprint("messages", __name__)

A_MOMENT = dt.timedelta(seconds=1)
LINK_SAMPLE = "x" * 22  # as long as a token, for counting before there is one


class WriteForm(FlaskForm):  # type: ignore[misc, unused-ignore]
    """One text. `request_key` stands for this page: sending it twice makes one message."""

    body = TextAreaField(_l("Your text"))
    words = TextAreaField(_l("On the page, in large letters"))
    plain = BooleanField(_l("Plain quotes and dashes, so that it fits in fewer texts"), default=True)
    request_key = HiddenField()
    template = HiddenField()


@messages.route("/people/<int:person_id>/write", methods=["GET", "POST"])
@policy.rep
def write(person_id: int) -> ResponseReturnValue:
    """A few words to a person, with a video (`?video=`), or as an answer to a text (`?reply=`)."""
    person = access.get_or_404(Person, person_id)
    video = access.get_or_404(Video, request.args["video"]) if request.args.get("video") else None
    reply = _reply_to(person)
    form = WriteForm()
    if request.method == "POST" and form.validate():
        answer = _send(form, person, video, reply)
        if answer:
            return answer
    elif request.method == "GET":
        form.request_key.data = tokens.new_token()
        _begin(form, person, video, reply)
    around = _desk(form, person, video)
    return render_template("messages/write.html", form=form, person=person, video=video, reply=reply, **around)


@messages.get("/messages/<message_id>")
@policy.rep
def show(message_id: str) -> ResponseReturnValue:
    """What became of one message."""
    message = access.get_or_404(Message, message_id)
    link, zone = links.current(db.session, message.id), moments.zone()
    return render_template(
        "messages/show.html",
        message=message,
        link=link,
        poster=_poster(message.video),
        deciding=deciding,
        address=links.address(_base(), link.token) if link else None,
        today=clock.local(clock.now(), zone).date(),
        last_day=clock.local(link.expires_at - A_MOMENT, zone) if link and link.expires_at else None,
        waiting_reply=replies.last_unseen(db.session, message),
        **_story(message),
    )


@messages.get("/messages/<message_id>/state")
@policy.rep
def state(message_id: str) -> ResponseReturnValue:
    """The same for the page's script: the story as a piece of the page, and whether there is more to wait for."""
    message = access.get_or_404(Message, message_id)
    told = _story(message)
    return polling.answer(
        {
            "state": message.state,
            "chip": render_template("messages/_chip.html", chip_parts=told["chip_parts"]),
            "story": render_template("messages/_story.html", steps=told["steps"]),
        }
    )


def _send(form: WriteForm, person: Person, video: Video | None, reply: Inbound | None) -> ResponseReturnValue | None:
    body = form.body.data or ""
    body = segments.plain(body) if form.plain.data else body
    try:
        with writing() as session:
            message = composing.compose(
                session,
                sender=session.get_one(type(access.me()), access.me().id),
                person=session.get_one(Person, person.id),
                video=session.get(Video, video.id) if video else None,
                body=body,
                words=form.words.data or "",
                request_key=form.request_key.data or "",
                due_at=clock.now(),
            )
            message.template_version_id = message.template_version_id or _version(form)
            if reply:
                replies.mark_seen(session.get_one(Inbound, reply.id))
    except composing.CannotSend as error:
        field = form.words if error.code == "words_too_long" else form.body
        field.errors = [str(error)]
        return None
    if composing.other_link(body):
        flash(_("There is a second link in the text. Phone networks distrust that, so it may not arrive."), "error")
    jobs().wake("sms")
    return redirect(url_for("messages.show", message_id=message.id))


def _begin(form: WriteForm, person: Person, video: Video | None, reply: Inbound | None) -> None:
    """What stands in the form at first: nothing for an answer, the words of a template that was chosen, else our own
    suggestion. A template that can't be filled for this person says why and leaves our own."""
    suggested = composing.suggestion(db.session, sender=access.me(), person=person, video=video)
    form.body.data = "" if reply else suggested
    wanted = request.args.get("template", type=int)
    chosen = next((v for t, v in _offered() if t.id == wanted), None)
    if chosen is None:
        return
    try:
        values = templating.values(person, access.me())
        form.body.data, form.words.data = merging.fill(chosen.body, values), merging.fill(chosen.words, values)
    except merging.WrongTemplate as error:
        flash(str(error), "error")
    else:
        form.template.data = str(chosen.id)


def _offered() -> list[tuple[Template, TemplateVersion]]:
    return templating.offered(db.session, access.me().organisation_id)


def _version(form: WriteForm) -> int | None:
    """The template's version that the words came from, if it is one of ours."""
    return next((v.id for _t, v in _offered() if str(v.id) == form.template.data), None)


def _reply_to(person: Person) -> Inbound | None:
    wanted = request.args.get("reply", type=int)
    if wanted is None:
        return None
    return db.session.execute(
        sa.select(Inbound).where(Inbound.id == wanted, Inbound.person_id == person.id)
    ).scalar_one_or_none()


def _desk(form: WriteForm, person: Person, video: Video | None) -> dict[str, Any]:
    """What stands around the form: counts, the person's hour, the ledger, the video's state."""
    now, unusable = clock.now(), video is not None and not composing.is_usable(video)
    tail = " " + links.address(_base(), LINK_SAMPLE) if video else ""
    counted = segments.count((form.body.data or "") + tail)
    open_hours = hours.of(access.me().organisation)
    opening = window.next_open(now, person.time_zone, open_hours)
    latest = consent.current(db.session, person.organisation_id, person.phone) if person.phone else None
    return {
        "count": counted,
        "tail": tail,
        "host": _base().split("://", 1)[1],
        "single": segments.ALONE[counted.encoding],
        "cents": cost.cents(person.phone, counted.segments),
        "cents_each": cost.CENTS_A_SEGMENT,
        "opening": opening if opening > now else None,
        "put_off": story.put_off(person.first_name, person.time_zone, opening),
        "there": clock.local(now, person.time_zone),
        "then": clock.local(opening, person.time_zone),
        "said_where": history.where(latest.source) if latest else "",
        "consent": latest,
        "agreed": latest is not None and latest.action == GRANTED,
        "problems": telling.problems(video) if video else [],
        "poster": _poster(video),
        "unusable": unusable,
        "ready": not unusable and not composing.is_on_its_way(video),
        "hours": open_hours,
        "offered": [template for template, _version in _offered()],
    }


def _story(message: Message) -> dict[str, Any]:
    return {
        "steps": story.steps(db.session, message),
        "chip_parts": story.chip(message, progress.of(db.session, message)),
        "states": states,
    }


def _poster(video: Video | None) -> str | None:
    found = renditions.find(db.session, video.id, POSTER) if video else None
    return url_for("videos.play", video_id=found.video_id, kind=POSTER, number=found.number) if found else None


def _base() -> str:
    base: str = current_app.config["SETTINGS"].address
    return base
