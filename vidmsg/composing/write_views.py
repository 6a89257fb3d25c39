"""The page on which a text is written: for now, for a day of the person's, or planned before its video is there.
Conditions and sentences are the verbs'; the view asks them, writes in one short transaction and renders."""

from __future__ import annotations

import sqlalchemy as sa
from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, HiddenField, StringField, TextAreaField

from vidmsg import tokens
from vidmsg.accounts.models import User
from vidmsg.composing import beginning, both_clocks
from vidmsg.composing.beginning import Text
from vidmsg.composing.blueprint import messages
from vidmsg.composing.desk import Desk, around
from vidmsg.composing.when_form import WhenForm
from vidmsg.database import db, writing
from vidmsg.jobs import jobs
from vidmsg.messages import compose as composing
from vidmsg.messages import planned, replies, slips, states, when
from vidmsg.messages.compose import Plan
from vidmsg.messages.models import ASK_THE_REP, LIBRARY_VIDEO, PLAIN_TEXT, Inbound, Message
from vidmsg.messages.when import NOW, Moment, WrongMoment
from vidmsg.milestones import occasions
from vidmsg.milestones.models import Occurrence
from vidmsg.people.models import Person
from vidmsg.sms import segments
from vidmsg.videos import library
from vidmsg.videos.models import Video
from vidmsg.web import access, moments, policy


class WriteForm(WhenForm):
    """One text. `request_key` stands for this page: sending it twice makes one message."""

    body = TextAreaField(_l("Your text"))
    words = TextAreaField(_l("On the page, in large letters"))
    plain = BooleanField(_l("Plain quotes and dashes, so that it fits in fewer texts"), default=True)
    request_key = HiddenField()
    template = HiddenField()
    no_video = StringField()
    fallback = StringField()


@messages.route("/people/<int:person_id>/write", methods=["GET", "POST"])
@policy.rep
def write(person_id: int) -> ResponseReturnValue:
    """A few words to a person: with a video (`?video=`), as an answer (`?reply=`), for a day (`?occurrence=`)."""
    person = access.get_or_404(Person, person_id)
    desk, form = _desk(person), WriteForm()
    if request.method == "GET":
        elsewhere = _elsewhere(desk)
        if elsewhere:
            return redirect(elsewhere)
        _begin(form, desk)
    elif form.validate() and "look" not in request.form:
        answer = _send(form, desk)
        if answer:
            return answer
    form.suggest(desk.clocks, desk.day)
    return render_template("composing/write.html", form=form, desk=desk, **around(form, desk))


@messages.get("/people/<int:person_id>/when")
@policy.rep
def moment(person_id: int) -> ResponseReturnValue:
    """Another moment on both clocks, while somebody chooses it: for the page's script."""
    person = access.get_or_404(Person, person_id)
    clocks, form = when.clocks(person, access.me().organisation, moments.zone()), WhenForm(request.args)
    try:
        return {"said": both_clocks.say(form.other(clocks), clocks).whole}
    except WrongMoment as error:
        return {"problem": str(error)}


def _desk(person: Person) -> Desk:
    """What the address asks for, inside the walls."""
    video = access.get_or_404(Video, request.args["video"]) if request.args.get("video") else None
    reply, named = _reply_to(person), request.args.get("occurrence", "")
    occurrence = occasions.find(db.session, person, named) if named else None
    if named and occurrence is None:
        abort(404)
    if occurrence and occurrence.skipped_at:
        occurrence = None  # the day was taken off the calendar: a text for no day in particular
    home = access.me().organisation
    text = Text(_sender(occurrence, video), person, occurrence, video, speaks=bool(video or occurrence))
    return Desk(
        text=text,
        reply=reply,
        clocks=when.clocks(person, home, moments.zone()),
        day=when.day_of(occurrence, home) if occurrence else None,
        templates=beginning.offered(db.session, text),
        library=library.of_team(db.session, person.team_id) if occurrence and not video else (),
    )


def _sender(occurrence: Occurrence | None, video: Video | None) -> User:
    """Whoever is signed in; where a manager writes for a day, the one who recorded for it, or who will."""
    me: User = access.me()
    if occurrence is None or not me.is_manager:
        return me
    other = db.session.get(User, video.owner_id) if video else occurrence.assignee
    return other if other and other.active else me


def _elsewhere(desk: Desk) -> str | None:
    """Where to go instead: to the text that this day has already, or to the video that was kept for it."""
    occurrence, video, person = desk.text.occurrence, desk.text.video, desk.text.person
    if occurrence is None:
        return None
    there = composing.of_occurrence(db.session, occurrence.id, person)
    if there and (video is None or there.video_id == video.id or there.state in planned.TAKES_A_VIDEO):
        if video and there.video_id not in {None, video.id}:
            flash(_("This day has its text already, and that goes with another video."), "error")
        return url_for("messages.show", message_id=there.id)
    if there and video:  # its day is served, so this one goes as any other
        return url_for("messages.write", person_id=person.id, video=video.id)
    found = library.for_occasion(db.session, occurrence.id) if video is None else None
    if found is None:
        return None
    return url_for("messages.write", person_id=person.id, video=found.id, occurrence=occurrence.id)


def _begin(form: WriteForm, desk: Desk) -> None:
    form.request_key.data = tokens.new_token()
    begun = beginning.begin(db.session, desk.text, desk.templates, request.args.get("template", type=int))
    if begun.problem:
        flash(begun.problem, "error")
    form.body.data, form.words.data = "" if desk.reply else begun.body, begun.words
    form.template.data = str(begun.version_id or "")
    if desk.text.occurrence:
        usual = desk.text.occurrence.milestone.no_video or access.me().organisation.no_video
        form.no_video.data = usual if usual != LIBRARY_VIDEO or desk.library else ASK_THE_REP


def _send(form: WriteForm, desk: Desk) -> ResponseReturnValue | None:
    body = form.body.data or ""
    body = segments.plain(body) if form.plain.data else body
    try:
        chosen = form.moment(desk.clocks, desk.day)
        plan = _plan(form, desk, chosen, body)
        message = _written(form, desk, chosen, plan, body)
    except WrongMoment as error:
        form.when.errors = [str(error)]
        return None
    except composing.CannotSend as error:
        fields = {"words_too_long": form.words, "fallback": form.fallback}
        fields.get(error.code, form.body).errors = [str(error)]
        return None
    _tell(form, desk, chosen, message)
    jobs().wake("sms")
    return redirect(url_for("messages.show", message_id=message.id))


def _plan(form: WriteForm, desk: Desk, chosen: Moment, body: str) -> Plan:
    """What goes with the words. Raises CannotSend where the words speak of a video that may not be there."""
    no_video = None
    if desk.plans and form.when.data != NOW:
        no_video = form.no_video.data if form.no_video.data in planned.WITHOUT else ASK_THE_REP
    if desk.plans and no_video in {None, PLAIN_TEXT}:
        planned.refuse_alone(body)
    me, wanted = access.me(), form.fallback.data if no_video == LIBRARY_VIDEO else None
    version = next((v.id for _t, v in desk.templates if str(v.id) == form.template.data), None)
    return Plan(
        send_on=chosen.send_on,
        occurrence_id=desk.text.occurrence.id if desk.text.occurrence else None,
        no_video=no_video,
        fallback=next((video for video in desk.library if video.id == wanted), None),
        template_version_id=version,
        approved_by=me.id if me.is_manager and me.id != desk.text.sender.id else None,
    )


def _written(form: WriteForm, desk: Desk, chosen: Moment, plan: Plan, body: str) -> Message:
    text = desk.text
    with writing() as session:
        message = composing.compose(
            session,
            sender=session.get_one(User, text.sender.id),
            person=session.get_one(Person, text.person.id),
            video=session.get(Video, text.video.id) if text.video else None,
            body=body,
            words=form.words.data or "",
            request_key=form.request_key.data or "",
            due_at=chosen.wanted,
            plan=plan,
        )
        if desk.reply:
            replies.mark_seen(session.get_one(Inbound, desk.reply.id))
    return message


def _tell(form: WriteForm, desk: Desk, chosen: Moment, message: Message) -> None:
    """What she should know of it, beyond what its page says."""
    if message.request_key != form.request_key.data:
        flash(_("Somebody wrote for this day already. Here it is, and yours was not added."), "error")
    elif message.state != states.HELD and form.when.data != NOW:
        for note in both_clocks.say(chosen, desk.clocks).notes:
            flash(note)
    if slips.other_link(message.body):
        flash(_("There is a second link in the text. Phone networks distrust that, so it may not arrive."), "error")


def _reply_to(person: Person) -> Inbound | None:
    wanted = request.args.get("reply", type=int)
    if wanted is None:
        return None
    return db.session.execute(
        sa.select(Inbound).where(Inbound.id == wanted, Inbound.person_id == person.id)
    ).scalar_one_or_none()
