"""The page of one message: what became of it, live, and what may still be done about it."""

from __future__ import annotations

import datetime as dt
from typing import Any

from flask import render_template
from flask.typing import ResponseReturnValue

from vidmsg import clock
from vidmsg.composing import both_clocks, desk, story
from vidmsg.composing.blueprint import messages
from vidmsg.composing.change_form import ChangeForm
from vidmsg.database import db
from vidmsg.messages import (
    approval,
    changing,
    deciding,
    leaving,
    links,
    planned,
    progress,
    replies,
    states,
    when,
)
from vidmsg.messages.models import Message
from vidmsg.videos import library
from vidmsg.web import access, moments, policy, polling

A_MOMENT = dt.timedelta(seconds=1)


@messages.get("/messages/<message_id>")
@policy.rep
def show(message_id: str) -> ResponseReturnValue:
    """What became of one message."""
    message = access.get_or_404(Message, message_id)
    return page(message, ChangeForm.of(message))


@messages.get("/messages/<message_id>/state")
@policy.rep
def state(message_id: str) -> ResponseReturnValue:
    """The same for the page's script: the story as a piece of the page, and whether there is more to wait for."""
    message = access.get_or_404(Message, message_id)
    told = _story(message)
    return polling.answer(
        {
            "state": message.state,
            "chip": render_template("composing/_chip.html", chip_parts=told["chip_parts"]),
            "story": render_template("composing/_story.html", steps=told["steps"]),
        }
    )


def page(message: Message, form: ChangeForm) -> str:
    """The whole page; `form` has what somebody wrote there, if it was refused."""
    link, zone = links.current(db.session, message.id), moments.zone()
    clocks = when.clocks(message.person, message.sender.organisation, zone)
    opening = leaving.opening(message, clock.now())
    there = clock.local(opening, clocks.theirs)
    form.suggest(clocks, when.Day(there.date(), there.time(), clocks.theirs))
    choices = form.choices(clocks, None)
    over = message.state == states.MISSED or leaving.is_late(message, clock.now())
    return render_template(
        "composing/show.html",
        message=message,
        link=link,
        poster=desk.poster(message.video),
        deciding=deciding,
        wants_yes=message.state == states.HELD and approval.is_missing(message),
        changing=changing,
        address=links.address(desk.base(), link.token) if link else None,
        today=clock.local(clock.now(), zone).date(),
        last_day=clock.local(link.expires_at - A_MOMENT, zone) if link and link.expires_at else None,
        waiting_reply=replies.last_unseen(db.session, message),
        fitting=library.fitting(db.session, message.team_id, message.person_id) if _wants_video(message) else (),
        wants_video=_wants_video(message),
        waits_on=planned.waits_on(db.session, message),
        library=library.of_team(db.session, message.team_id) if message.state == states.PLANNED else (),
        over=over,
        day_is_over=leaving.is_over(message, clock.now()),
        missed_words=leaving.missed(message) if over and message.state == states.HELD else "",
        form=form,
        clocks=clocks,
        choices=choices,
        chosen=form.when.data or (when.NOW if over else when.OTHER),
        goes=both_clocks.say_at(opening, clocks) if opening > clock.now() else None,
        **_story(message),
    )


def _wants_video(message: Message) -> bool:
    """Whether it was planned to go with a video, and waits for one or missed its day without."""
    waits = message.state in {states.PLANNED, states.HELD, states.MISSED}
    return waits and message.no_video is not None and message.video_id is None


def _story(message: Message) -> dict[str, Any]:
    return {
        "steps": story.steps(db.session, message),
        "chip_parts": story.chip(message, progress.of(db.session, message)),
        "states": states,
    }
